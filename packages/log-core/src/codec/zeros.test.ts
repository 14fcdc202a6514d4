import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastNonZero } from './zeros.js';

describe('lastNonZero', () => {
  it('always finds the last byte that is not zero, or none, wherever the array begins', () => {
    const sparse = fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 255 })), { maxLength: 70 });
    fc.assert(
      fc.property(sparse, fc.nat(7), fc.nat(70), fc.nat(70), (values, offset, a, b) => {
        const bytes = new Uint8Array(values.length + offset).subarray(offset);
        bytes.set(values);
        const [from, to] = [Math.min(a, b, values.length), Math.min(Math.max(a, b), values.length)];
        const expected = values.slice(from, to).findLastIndex((value) => value !== 0);
        expect(lastNonZero(bytes, from, to)).toBe(expected < 0 ? -1 : from + expected);
      }),
    );
  });
});
