import { mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holderInLockTable, tryFlock } from './directory-lock.js';

describe('holderInLockTable', () => {
  const table = [
    '1: POSIX  ADVISORY  WRITE 11 fe:00:42 0 EOF',
    '2: FLOCK  ADVISORY  WRITE 22 fe:00:42 0 EOF',
    '2: -> FLOCK  ADVISORY  WRITE 33 fe:00:42 0 EOF',
    '3: FLOCK  ADVISORY  WRITE -1 103:01:77 0 EOF',
    '',
  ].join('\n');

  it('finds the flock by hexadecimal device and decimal inode', () => {
    expect(holderInLockTable(table, 0xfe00n, 42n)).toBe(22);
  });
  it('answers null for an inode that is not shown, and for a holder of another pid namespace', () => {
    expect(holderInLockTable(table, 0xfe00n, 43n)).toBeNull();
    expect(holderInLockTable(table, 0x10301n, 77n)).toBeNull();
  });
});

describe('tryFlock', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'brimlog-lock-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('answers unavailable, with the remedy, when the native module cannot be loaded', () => {
    const outcome = tryFlock(0, directory, () => {
      throw new Error("Cannot find module 'fs-ext'\nRequire stack: …");
    })._unsafeUnwrap();
    expect(outcome.kind).toBe('unavailable');
    if (outcome.kind === 'unavailable') expect(outcome.message).toMatch(/Python 3, make and a C\+\+ compiler.*major version \(Cannot find module 'fs-ext'\)/);
  });

  it('excludes a second descriptor of the same process, and gives the lock back at close', () => {
    const first = openSync(directory, 'r');
    const second = openSync(directory, 'r');
    expect(tryFlock(first, directory)._unsafeUnwrap()).toEqual({ kind: 'acquired' });
    expect(tryFlock(second, directory)._unsafeUnwrap()).toEqual({ kind: 'held' });
    closeSync(first);
    expect(tryFlock(second, directory)._unsafeUnwrap()).toEqual({ kind: 'acquired' });
    closeSync(second);
  });

  it('fails with the errno for a descriptor that is not open', () => {
    expect(tryFlock(1_000_000, directory)._unsafeUnwrapErr()).toMatchObject({ operation: 'lock', code: 'EBADF', symbol: 'other' });
  });
});
