/**
 * The exclusive advisory lock on an open file description, by `flock`: two descriptors of one process
 * exclude each other like two processes, and the kernel gives the lock back when the process dies.
 * INVARIANT: never waits; a module that cannot be loaded is an answer, not an exception.
 */
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure } from '../../model/io-failure.js';
import { symbolOfErrno, toIoFailure } from './errno.js';
import { loadFlock, type NativeFlock } from './load-flock.js';
import { assertDescriptorIsFree } from './load-module.js';

/** The outcome before the holder's pid was looked for. @internal */
export type FlockOutcome =
  | { readonly kind: 'acquired' }
  | { readonly kind: 'held' }
  | { readonly kind: 'unavailable'; readonly message: string };

let native: NativeFlock | null = null;

const reasonOf = (thrown: unknown): string => String(thrown instanceof Error ? thrown.message : thrown).split('\n', 1)[0] ?? '';

/**
 * Tries to lock the open descriptor `fd`. `unavailable` carries the remedy in one sentence. The call is
 * synchronous and does not touch the disk: the asynchronous one of fs-ext aborts inside a worker. @internal
 */
export function tryFlock(fd: number, path: string, load = loadFlock): Result<FlockOutcome, IoFailure> {
  try {
    if (native === null) assertDescriptorIsFree();
  } catch (thrown) {
    return err(toIoFailure(thrown, 'lock', path, null));
  }
  try {
    native ??= load();
  } catch (thrown) {
    const message =
      'The native module fs-ext, which locks a log against a second opener, could not be loaded: install Python 3, make and ' +
      `a C++ compiler and rebuild it (npm rebuild fs-ext), also after a change of Node's major version (${reasonOf(thrown)}).`;
    return ok({ kind: 'unavailable', message });
  }
  try {
    native.flock(fd, native.constants.LOCK_EX | native.constants.LOCK_NB);
    return ok({ kind: 'acquired' });
  } catch (thrown) {
    const failure = toIoFailure(thrown, 'lock', path, null);
    return symbolOfErrno(failure.errno, 'lock') === 'again' ? ok({ kind: 'held' }) : err(failure);
  }
}

/** Linux's split of a device number into the two that `/proc/locks` shows in hexadecimal. */
function deviceName(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  const hex = (value: bigint): string => value.toString(16).padStart(2, '0');
  return `${hex(major)}:${hex(minor)}`;
}

/**
 * Finds the holder of the `flock` on an inode in the text of `/proc/locks`; null where it is not shown
 * (a holder outside the pid namespace, a file system whose locks carry another device number). @internal
 */
export function holderInLockTable(table: string, device: bigint, inode: bigint): number | null {
  const wanted = `${deviceName(device)}:${inode.toString()}`;
  for (const line of table.split('\n')) {
    // "1: FLOCK  ADVISORY  WRITE 4392 fe:00:9979156 0 EOF"; one that waits has "->" as its second word.
    const words = line.trim().split(/\s+/);
    if (words[1] !== 'FLOCK' || words[5] !== wanted) continue;
    const pid = Number(words[4]);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  }
  return null;
}
