import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32cTable } from './crc32c.js';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One bit at a time, as the polynomial is defined. */
const bitwise = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0x82f63b78);
  }
  return ~crc >>> 0;
};

describe('crc32cTable', () => {
  it('gives the published values', () => {
    expect(crc32cTable(ascii('123456789'))).toBe(0xe3069283);
    expect(crc32cTable(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32cTable(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32cTable(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
  });

  it('of nothing is 0', () => {
    expect(crc32cTable(new Uint8Array(0))).toBe(0);
  });

  it('always equals the checksum taken bit by bit, at every length and alignment', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(7), (bytes, from) => {
        const view = bytes.subarray(Math.min(from, bytes.length));
        expect(crc32cTable(view)).toBe(bitwise(view));
      }),
    );
  });
});
