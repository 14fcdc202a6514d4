import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteAt, readI16, readI32, readI64, readU32, writeI16, writeI32, writeI64 } from './big-endian.js';

const bytesOf = (count: number, write: (view: DataView) => void): Uint8Array => {
  const view = new DataView(new ArrayBuffer(count));
  write(view);
  return new Uint8Array(view.buffer);
};

const written = (count: number, write: (bytes: Uint8Array) => void): Uint8Array => {
  const bytes = new Uint8Array(count);
  write(bytes);
  return bytes;
};

describe('big-endian numbers', () => {
  it('i16, i32 and u32 are always what a DataView makes of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        const bytes = bytesOf(4, (view) => view.setInt32(0, value));
        expect(readI32(bytes, 0)).toBe(value);
        expect(readU32(bytes, 0)).toBe(value >>> 0);
        expect(readI16(bytes, 2)).toBe((value << 16) >> 16);
        expect(written(4, (into) => writeI32(into, 0, value))).toEqual(bytes);
        expect(written(4, (into) => writeI32(into, 0, value >>> 0))).toEqual(bytes);
        expect(written(2, (into) => writeI16(into, 0, value))).toEqual(bytes.slice(2));
      }),
    );
  });

  it('i64 is always what a DataView makes of it, over all safe integers', () => {
    const edges = [0, -1, 1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1];
    const value = fc.oneof(fc.constantFrom(...edges, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER), fc.maxSafeInteger());
    fc.assert(
      fc.property(value, (number) => {
        const bytes = bytesOf(8, (view) => view.setBigInt64(0, BigInt(number)));
        expect(readI64(bytes, 0)).toBe(number);
        expect(written(8, (into) => writeI64(into, 0, number))).toEqual(bytes);
      }),
    );
  });

  it('an i64 beyond the safe range never reads as a safe integer', () => {
    const safe = BigInt(Number.MAX_SAFE_INTEGER);
    const beyond = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((value) => value > safe || value < -safe);
    fc.assert(
      fc.property(beyond, (value) => {
        expect(Number.isSafeInteger(readI64(bytesOf(8, (view) => view.setBigInt64(0, value)), 0))).toBe(false);
      }),
    );
  });

  it('a byte beyond the end reads as 0', () => {
    expect(byteAt(new Uint8Array([7]), 1)).toBe(0);
    expect(readI32(new Uint8Array([1]), 0)).toBe(0x0100_0000);
  });
});
