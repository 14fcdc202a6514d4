import { describe, expect, it } from 'vitest';
import { crc32cTable } from '../../codec/crc32c.js';
import { chooseCrc32c, fastestCrc32c } from './native-crc32c.js';

describe('fastestCrc32c', () => {
  it('gives the table’s number for every size and alignment', () => {
    const crc32c = fastestCrc32c();
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 31 + (index >> 7)) & 0xff);
    for (const size of [0, 1, 7, 9, 199, 200, 201, 1024, 4999]) {
      for (const from of [0, 1, 3]) {
        const part = bytes.subarray(from, from + size);
        expect(crc32c(part)).toBe(crc32cTable(part));
      }
    }
  });

  it('falls back to the table when the native module is missing or wrong', () => {
    const missing = chooseCrc32c(() => {
      throw new Error('no such module');
    });
    expect(missing).toBe(crc32cTable);
    expect(chooseCrc32c(() => ({ crc32c: () => 1 }))).toBe(crc32cTable);
    expect(chooseCrc32c(() => ({}))).toBe(crc32cTable);
  });
});
