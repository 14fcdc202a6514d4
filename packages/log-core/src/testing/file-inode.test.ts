import { describe, expect, it } from 'vitest';
import { imageAfterCrash } from './crash-image.js';
import { FileInode, gatherWrite } from './file-inode.js';
import { seededRandom } from './random.js';

const BLOCK = 4096;

function write(file: FileInode, position: number, length: number, value: number, durably = false): void {
  const change = gatherWrite([new Uint8Array(length).fill(value)], position, length);
  if (durably) file.writeDurably(change);
  else file.write(change);
}

/** A file of `length` durable bytes of value 1. */
function durableFile(length: number): FileInode {
  const file = new FileInode(1, 0);
  write(file, 0, length, 1);
  file.sync();
  return file;
}

const valuesAt = (file: FileInode, ...positions: number[]): number[] => positions.map((position) => file.durable.toBytes()[position] ?? -1);

describe('FileInode', () => {
  it('shows no bytes of before a cut where a later write leaves a hole, also with a dsync write in between', () => {
    const file = durableFile(1000);
    file.truncate(100);
    write(file, 50, 10, 2, true);
    write(file, 500, 10, 3);
    file.sync();
    expect(valuesAt(file, 49, 50, 99, 100, 499, 500, 510)).toEqual([1, 2, 1, 0, 0, 3, -1]);
  });

  it('keeps a dsync write whatever older changes are synced or survive later', () => {
    const file = durableFile(100);
    write(file, 0, 100, 2);
    file.truncate(10);
    write(file, 5, 50, 3, true);
    const random = seededRandom(1);
    for (let run = 0; run < 50; run += 1) {
      expect([...imageAfterCrash(file, 'subset', 'zeros', random, []).toBytes().subarray(5, 55)]).toEqual(new Array(50).fill(3));
    }
    file.sync();
    expect(valuesAt(file, 4, 5, 54, 55)).toEqual([2, 3, 3, -1]);
  });

  it('makes the size durable at a later sync, with zeros for what an earlier failed one lost', () => {
    const file = durableFile(BLOCK);
    write(file, BLOCK, BLOCK, 2);
    file.failSync('drop');
    expect(file.durable.size).toBe(BLOCK);
    file.sync();
    expect(file.durable.size).toBe(2 * BLOCK);
    expect(valuesAt(file, BLOCK - 1, BLOCK)).toEqual([1, 0]);
    expect([...file.cache.toBytes().subarray(BLOCK, BLOCK + 2)]).toEqual([2, 2]);
  });

  it('lets what a failed sync gave up land late, but never over what is durable since', () => {
    const file = durableFile(10);
    write(file, 0, 10, 2);
    file.failSync('drop');
    write(file, 0, 5, 3);
    file.sync();
    const random = seededRandom(1);
    const seen = new Set(Array.from({ length: 100 }, () => imageAfterCrash(file, 'subset', 'zeros', random, []).toBytes().join('')));
    expect(seen).toEqual(new Set(['3333311111', '3333322222']));
    file.truncate(0);
    write(file, 0, 10, 4);
    file.sync();
    expect(imageAfterCrash(file, 'all', 'zeros', random, []).toBytes().join('')).toBe('4444444444');
  });

  it('keeps poisoned blocks unreadable until a cut below them, in a copy too', () => {
    const file = durableFile(BLOCK);
    write(file, BLOCK, 2 * BLOCK, 2);
    file.failSync('poison');
    for (const one of [file, file.copy()]) {
      write(one, 0, 3 * BLOCK, 3);
      one.sync();
      expect(valuesAt(one, 0, BLOCK, 2 * BLOCK)).toEqual([3, 0, 0]);
    }
    file.truncate(2 * BLOCK);
    write(file, BLOCK, 2 * BLOCK, 4);
    file.sync();
    expect(valuesAt(file, 0, BLOCK, 2 * BLOCK)).toEqual([3, 0, 4]);
  });

  it('never shows garbage in a durable hole', () => {
    const file = durableFile(10);
    file.truncate(2 * BLOCK);
    file.sync();
    write(file, BLOCK - 5, 10, 2);
    const random = seededRandom(1);
    for (let run = 0; run < 50; run += 1) {
      const seen = new Set(imageAfterCrash(file, 'subset', 'garbage', random, []).toBytes());
      expect([...seen].filter((value) => value > 2)).toEqual([]);
    }
  });
});
