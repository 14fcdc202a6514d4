/** Writing whole: a short count is made up for, nothing is written twice, and 0 does not spin. */
import { err, ok } from 'neverthrow';
import { describe, expect, test } from 'vitest';
import type { IoFailure } from '../model/io-failure.js';
import type { FileHandle } from '../ports/file-system.js';
import { wholeOrFailed, writeWhole, writeWithExtra } from './write-whole.js';

const FULL: IoFailure = { symbol: 'no-space', errno: -28, code: 'ENOSPC', operation: 'write', path: '/f', position: 0, message: 'full' };

/** A file that takes so many bytes a call; null: no more room. */
function shortFile(counts: readonly (number | null)[]): { handle: FileHandle; content: () => string; calls: number[] } {
  const bytes = Buffer.alloc(100, '_');
  const calls: number[] = [];
  const handle = {
    path: '/f',
    write(buffers: readonly Uint8Array[], position: number) {
      const count = counts[calls.length];
      calls.push(position);
      if (count === null) return Promise.resolve(err(FULL));
      const all = Buffer.concat(buffers);
      const taken = all.subarray(0, count ?? all.length);
      taken.copy(bytes, position);
      return Promise.resolve(ok(taken.length));
    },
  };
  return { handle: handle as unknown as FileHandle, content: () => bytes.toString().replace(/_+$/, ''), calls };
}

const buffers = ['abc', '', 'defgh', 'i'].map((each) => Buffer.from(each));

describe('writeWhole', () => {
  test('whatever counts come, the bytes are there once and in order', async () => {
    for (let first = 1; first < 9; first += 1) {
      for (let second = 1; second <= 9 - first; second += 1) {
        const file = shortFile([first, second]);
        expect((await writeWhole(file.handle, buffers, 5)).isOk()).toBe(true);
        expect(file.content()).toBe('_____abcdefghi');
        expect(file.calls.slice(0, 2)).toEqual([5, 5 + first]);
      }
    }
  });

  test('the remainder’s error classifies a short count', async () => {
    const file = shortFile([4, null]);
    expect((await writeWhole(file.handle, buffers, 0))._unsafeUnwrapErr()).toBe(FULL);
    expect(file.calls).toEqual([0, 4]);
  });

  test('a count of 0 is an error, at once', async () => {
    const file = shortFile([3, 0, 9]);
    expect((await writeWhole(file.handle, buffers, 0))._unsafeUnwrapErr()).toMatchObject({ symbol: 'io', code: 'SHORT_WRITE', position: 3 });
    expect(file.calls).toHaveLength(2);
  });

  test('nothing to write is written', async () => {
    expect((await writeWhole(shortFile([0]).handle, [], 0)).isOk()).toBe(true);
  });
});

describe('writeWithExtra', () => {
  const zeros = [Buffer.from('0000')];

  test('answers how much is there; a short count that spares the records is no failure', async () => {
    expect((await writeWithExtra(shortFile([]).handle, buffers, 0, zeros))._unsafeUnwrap()).toBe(13);
    expect((await writeWithExtra(shortFile([11]).handle, buffers, 0, zeros))._unsafeUnwrap()).toBe(11);
    expect((await writeWithExtra(shortFile([9]).handle, buffers, 0, zeros))._unsafeUnwrap()).toBe(9);
  });

  test('a short count inside the records goes on, and its error is told', async () => {
    const file = shortFile([8]);
    expect((await writeWithExtra(file.handle, buffers, 0, zeros))._unsafeUnwrap()).toBe(13);
    expect(file.content()).toBe('abcdefghi0000');
    expect((await writeWithExtra(shortFile([8, null]).handle, buffers, 0, zeros))._unsafeUnwrapErr()).toBe(FULL);
  });
});

describe('wholeOrFailed', () => {
  test('anything but the whole of it counts as a failure', () => {
    const { handle } = shortFile([]);
    for (const count of [0, 8, 10]) expect(wholeOrFailed(ok(count), handle, buffers, 3)._unsafeUnwrapErr()).toMatchObject({ symbol: 'io', code: 'SHORT_WRITE', position: 3 });
    expect(wholeOrFailed(ok(9), handle, buffers, 3)._unsafeUnwrap()).toBe(9);
    expect(wholeOrFailed(err(FULL), handle, buffers, 3)._unsafeUnwrapErr()).toBe(FULL);
  });
});
