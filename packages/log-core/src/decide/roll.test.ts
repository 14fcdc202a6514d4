import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GIB, KIB, MIB } from '../model/units.js';
import { effectiveSegmentBytes, shouldRoll } from './roll.js';

type Facts = Parameters<typeof shouldRoll>[0];

const stays: Facts = {
  activeUsable: true,
  baseOffset: 1000,
  endPosition: 500,
  regionBytes: 100,
  regionLastOffset: 1010,
  segmentBytes: 1000,
  ageMs: 10,
  segmentMs: 60_000,
};

describe('shouldRoll', () => {
  it.each<[string, Partial<Facts>, ReturnType<typeof shouldRoll>]>([
    ['a region that fits stays', {}, null],
    ['a region that ends exactly at the bound stays', { regionBytes: 500 }, null],
    ['one byte more rolls', { regionBytes: 501 }, 'bytes'],
    ['a fresh segment takes a region larger than itself', { endPosition: 0, regionBytes: 5000 }, null],
    ['an active segment that may not be written rolls', { activeUsable: false }, 'no-active-segment'],
    ['one that may not be written rolls although it is empty', { activeUsable: false, endPosition: 0 }, 'no-active-segment'],
    ['age below the bound stays', { ageMs: 59_999 }, null],
    ['age at the bound rolls', { ageMs: 60_000 }, 'age'],
    ['without a bound age is nothing', { ageMs: 1e12, segmentMs: null }, null],
    ['a segment without a record has no age', { ageMs: null }, null],
    ['an empty segment never rolls by age', { endPosition: 0, ageMs: 60_000 }, null],
    ['the last offset an index can hold stays', { regionLastOffset: 1000 + 2 ** 31 - 1 }, null],
    ['the next one rolls', { regionLastOffset: 1000 + 2 ** 31 }, 'relative-offset'],
    ['bytes come before age', { regionBytes: 501, ageMs: 60_000 }, 'bytes'],
  ])('%s', (_, change, reason) => {
    expect(shouldRoll({ ...stays, ...change })).toBe(reason);
  });

  it('never leaves a usable segment with records beyond its bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 * MIB }), fc.integer({ min: 1, max: 2 * MIB }), (endPosition, regionBytes) => {
        const reason = shouldRoll({ ...stays, endPosition, regionBytes, segmentBytes: MIB });
        return reason !== null || endPosition + regionBytes <= MIB;
      }),
    );
  });
});

describe('effectiveSegmentBytes', () => {
  it.each([
    ['what the user asked for, on a large volume', 128 * MIB, 1024 * GIB, null, 128 * MIB],
    ['an eighth of a small volume', 128 * MIB, 16 * MIB, null, 2 * MIB],
    ['an eighth of the quota', 128 * MIB, 1024 * GIB, 64 * MIB, 8 * MIB],
    ['an eighth of the smaller of both', 128 * MIB, 32 * MIB, 64 * MIB, 4 * MIB],
    ['never less than 64 KiB', 128 * MIB, 100 * KIB, null, 64 * KIB],
    ['what the user asked for where nothing is known', 128 * MIB, null, null, 128 * MIB],
    ['the user’s bound where it is the smaller one', 64 * KIB, 16 * MIB, 16 * MIB, 64 * KIB],
  ])('%s', (_, wanted, volume, quota, expected) => {
    expect(effectiveSegmentBytes(wanted, volume, quota)).toBe(expected);
  });

  it('always at most an eighth of volume and quota, or the least there is, and never above what was asked for', () => {
    const bytes = fc.integer({ min: 64 * KIB, max: 10 * 1024 * GIB });
    fc.assert(
      fc.property(fc.integer({ min: 64 * KIB, max: GIB }), bytes, fc.option(bytes), (wanted, volume, quota) => {
        const size = effectiveSegmentBytes(wanted, volume, quota);
        expect(Number.isSafeInteger(size)).toBe(true);
        expect(size).toBeLessThanOrEqual(wanted);
        expect(size).toBeGreaterThanOrEqual(64 * KIB);
        expect(size === 64 * KIB || size * 8 <= Math.min(volume, quota ?? Infinity)).toBe(true);
      }),
    );
  });
});
