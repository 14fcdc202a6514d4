/**
 * The directory everything is written into, and one in memory for what need not be made on the disk: made beside nothing of the
 * user's, and removed on every way out: at the end, after a failure, on Ctrl-C. INVARIANT: removed only after every child is gone.
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { endAllChildren } from './child.js';
import { inMemory } from './file-system.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const EXIT_BY_SIGNAL = 130;
const PREFIX = 'brimlog-bench-';
/** Where Linux has a file system in memory. */
const MEMORY = '/dev/shm';
const MEMORY_BYTES_MIN = 512 * 1024 * 1024;

/** A directory for one command. */
export interface WorkDirectory {
  readonly path: string;
  /** A new directory in it. */
  fresh(name: string): string;
  /** A new directory in memory; on the disk too, where no memory is there for it. */
  freshInMemory(name: string): string;
  /** Removes a directory that `fresh` gave. */
  discard(path: string): void;
}

/** Where to measure if nobody said: the system's temporary directory, unless that is memory. */
export function defaultParent(): string {
  return inMemory(tmpdir()) ? process.cwd() : tmpdir();
}

/** Checks that `parent` has room for `bytesNeeded`, makes a directory there, runs `work` in it and removes it, whatever happens. */
export async function withWorkDirectory<T>(parent: string, bytesNeeded: number, work: (directory: WorkDirectory) => Promise<T>): Promise<T> {
  const { bavail, bsize } = statfsSync(parent);
  if (bavail * bsize < bytesNeeded) {
    throw new Error(`${parent} has ${Math.floor((bavail * bsize) / 2 ** 20)} MiB free, this needs ${Math.ceil(bytesNeeded / 2 ** 20)} MiB: choose another place with --dir`);
  }
  const path = mkdtempSync(join(resolve(parent), PREFIX));
  const memory = hasMemory() ? mkdtempSync(join(MEMORY, PREFIX)) : null;
  const cleanUp = async (): Promise<void> => {
    await endAllChildren();
    for (const made of [path, memory]) if (made !== null) rmSync(made, { recursive: true, force: true });
  };
  const leave = (): void => {
    process.exit(EXIT_BY_SIGNAL);
  };
  const onSignal = (): void => {
    cleanUp().then(leave, leave);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work(workDirectory(path, memory));
  } finally {
    await cleanUp();
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  }
}

/** Whether a file system in memory is there, with room for a log of many small files. */
function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return inMemory(MEMORY) && bavail * bsize >= MEMORY_BYTES_MIN;
  } catch {
    return false;
  }
}

function workDirectory(path: string, memory: string | null): WorkDirectory {
  let made = 0;
  const freshIn = (parent: string, name: string): string => {
    made += 1;
    const fresh = join(parent, `${made}-${name}`);
    mkdirSync(fresh);
    return fresh;
  };
  return {
    path,
    fresh: (name) => freshIn(path, name),
    freshInMemory: (name) => freshIn(memory ?? path, name),
    discard(fresh) {
      rmSync(fresh, { recursive: true, force: true });
    },
  };
}
