/**
 * `flock` out of fs-ext's native module. That module keeps handles of the JavaScript engine for the whole process and
 * replaces them whenever it is loaded: loaded in two threads, it frees what is the other one's, or a dead one's, and the
 * process is aborted.
 * INVARIANT: the installed file is loaded by the main thread alone; each worker loads a copy, which is another module.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { loadModule, resolveModule } from './load-module.js';

/** What is used of the module; with two arguments its call is synchronous. @internal */
export interface NativeFlock {
  flock(fd: number, operation: number): void;
  readonly constants: { readonly LOCK_EX: number; readonly LOCK_NB: number };
}

const BINDING = 'fs-ext/build/Release/fs_ext.node';

/** Where a copy may lie. The second is memory: a log must open, in a worker too, when the disk is full. */
const PLACES = [tmpdir(), '/dev/shm'];

/** Loads the module for this thread; throws what the loader or, in a worker, the file system throws. @internal */
export function loadFlock(): NativeFlock {
  return (isMainThread ? loadModule(BINDING) : loadCopy(resolveModule(BINDING))) as NativeFlock;
}

function loadCopy(file: string): unknown {
  let reason: unknown = null;
  for (const place of PLACES) {
    try {
      return loadCopyIn(place, file);
    } catch (thrown) {
      reason ??= thrown;
    }
  }
  throw new Error(`a worker loads a copy of it in ${PLACES.join(' or ')}: ${String(reason)}`);
}

/** A mapped file needs no name: the copy's is gone before this returns. */
function loadCopyIn(place: string, file: string): unknown {
  const directory = mkdtempSync(join(place, 'brimlog-'));
  try {
    const copy = join(directory, 'fs_ext.node');
    writeFileSync(copy, readFileSync(file));
    return loadModule(copy);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
