import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VarintCursor, varintBytes, varlongBytes, writeVarint, writeVarlong } from './varint.js';

const encode = (value: number): Uint8Array => {
  const bytes = new Uint8Array(16);
  return bytes.subarray(0, writeVarlong(bytes, 0, value));
};
const hexOf = (value: number): string => Buffer.from(encode(value)).toString('hex');
const cursorOver = (hex: string): VarintCursor => {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  return new VarintCursor(bytes, 0, bytes.length);
};

/** The definition, over integers of any size. */
const reference = (value: number): string => {
  let zigZag = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
  let hex = '';
  do {
    const more = zigZag >= 128n ? 0x80n : 0n;
    hex += ((zigZag & 0x7fn) | more).toString(16).padStart(2, '0');
    zigZag >>= 7n;
  } while (zigZag > 0n);
  return hex;
};

const number = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.integer(),
  fc.maxSafeInteger(),
  // Around every power of two, where the number of bytes changes.
  fc.tuple(fc.nat(52), fc.integer({ min: -2, max: 2 }), fc.boolean()).map(([bits, more, minus]) => (2 ** bits + more) * (minus ? -1 : 1) + 0),
);

describe('writeVarlong', () => {
  it('gives the bytes of the specification', () => {
    const vectors: readonly (readonly [number, string])[] = [
      [0, '00'],
      [-1, '01'],
      [1, '02'],
      [63, '7e'],
      [64, '8001'],
      [-64, '7f'],
      [-65, '8101'],
      [150, 'ac02'],
      [300, 'd804'],
      [2147483647, 'feffffff0f'],
      [-2147483648, 'ffffffff0f'],
      [1700000000000, '80a0abfef962'],
      [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f'],
      [Number.MIN_SAFE_INTEGER, 'fdffffffffffff1f'],
    ];
    for (const [value, hex] of vectors) expect(hexOf(value), String(value)).toBe(hex);
  });

  it('always writes the shortest form, as many bytes as varlongBytes says, that reads back', () => {
    fc.assert(
      fc.property(number, (value) => {
        const bytes = encode(value);
        expect(hexOf(value)).toBe(reference(value));
        expect(varlongBytes(value)).toBe(bytes.length);
        const cursor = new VarintCursor(bytes, 0, bytes.length);
        expect(cursor.varlong()).toBe(value);
        expect(cursor.at).toBe(bytes.length);
        expect(cursor.failed).toBe(false);
      }),
    );
  });
});

describe('writeVarint', () => {
  it('writes an i32 as writeVarlong does', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.integer({ min: -300, max: 300 })), (value) => {
        const bytes = new Uint8Array(16);
        expect(bytes.subarray(0, writeVarint(bytes, 0, value))).toEqual(encode(value));
        expect(varintBytes(value)).toBe(encode(value).length);
      }),
    );
  });
});

describe('VarintCursor', () => {
  it('reads longer forms than the shortest', () => {
    expect(cursorOver('8000').varint()).toBe(0);
    expect(cursorOver('82808000').varint()).toBe(1);
    expect(cursorOver('80808080808080808000').varlong()).toBe(0);
  });

  it('fails on a varint that is no i32 and reads it as a varlong', () => {
    for (const value of [2 ** 31, -(2 ** 31) - 1]) {
      const hex = hexOf(value);
      const cursor = cursorOver(hex);
      expect(cursor.varint()).toBe(0);
      expect(cursor.failed).toBe(true);
      expect(cursorOver(hex).varlong()).toBe(value);
    }
  });

  it('fails on a varlong that is no safe integer', () => {
    for (const hex of ['80808080808080808001', 'ffffffffffffffffff01', '8080808080808020']) {
      const cursor = cursorOver(hex);
      expect(cursor.varlong(), hex).toBe(0);
      expect(cursor.failed, hex).toBe(true);
    }
  });

  it('fails where the number is cut short, or longer than its type', () => {
    for (const hex of ['', '80', 'ffffffff', '808080808000']) {
      const cursor = cursorOver(hex);
      expect(cursor.varint(), hex).toBe(0);
      expect(cursor.failed, hex).toBe(true);
    }
    const varlong = cursorOver('8080808080808080808000');
    expect(varlong.varlong()).toBe(0);
    expect(varlong.failed).toBe(true);
  });

  it('never reads at or beyond its end', () => {
    const cursor = new VarintCursor(Uint8Array.of(0x80, 0x01), 0, 1);
    expect(cursor.varint()).toBe(0);
    expect(cursor.failed).toBe(true);
  });

  it('skips as many bytes as there are, none for null, and fails on more', () => {
    const cursor = cursorOver('0000000000');
    cursor.skip(-1);
    expect(cursor.at).toBe(0);
    cursor.skip(5);
    expect([cursor.at, cursor.failed]).toEqual([5, false]);
    cursor.skip(1);
    expect([cursor.at, cursor.failed]).toEqual([5, true]);
  });
});

describe('at every bound of a length', () => {
  const bounds = Array.from({ length: 53 }, (_, bit) => 2 ** bit).flatMap((power) => [power - 1, power, power + 1, -power, -power - 1, -power + 1]);

  it.each(bounds.filter((value) => Number.isSafeInteger(value)))('%d is as long as it is said to be', (value) => {
    expect(hexOf(value)).toBe(reference(value));
    expect(varlongBytes(value)).toBe(encode(value).length);
  });
});
