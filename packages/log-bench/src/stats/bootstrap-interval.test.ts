import { describe, expect, it } from 'vitest';
import { bootstrapRatio } from './bootstrap-interval.js';
import { seededRandom } from './seeded-random.js';

const random = (): (() => number) => seededRandom(7);

describe('bootstrapRatio', () => {
  it('is exact where no sample differs from another', () => {
    expect(bootstrapRatio([2, 2, 2], [3, 3, 3], { random: random() })).toEqual({ ratio: 1.5, low: 1.5, high: 1.5 });
  });

  it('holds the ratio inside its interval, and the interval inside the extremes', () => {
    const { ratio, low, high } = bootstrapRatio([9, 10, 11, 10, 10.5], [18, 20, 22, 21, 19], { random: random() });
    expect(ratio).toBe(2);
    expect(low).toBeLessThanOrEqual(2);
    expect(high).toBeGreaterThanOrEqual(2);
    expect(low).toBeGreaterThanOrEqual(18 / 11);
    expect(high).toBeLessThanOrEqual(22 / 9);
  });

  it('is wider with more confidence', () => {
    const before = [8, 9, 10, 11, 12];
    const after = [7, 9, 10, 12, 13];
    const sure = bootstrapRatio(before, after, { random: random(), confidence: 0.99 });
    const bold = bootstrapRatio(before, after, { random: random(), confidence: 0.5 });
    expect(sure.high - sure.low).toBeGreaterThan(bold.high - bold.low);
  });

  it('gives the same answer to the same seed', () => {
    const run = (): unknown => bootstrapRatio([1, 2, 3], [2, 3, 5], { random: random() });
    expect(run()).toEqual(run());
  });

  it('says NaN where a side has no samples', () => {
    expect(bootstrapRatio([], [1], { random: random() }).ratio).toBeNaN();
  });
});

describe('seededRandom', () => {
  it('stays in [0, 1) and is spread evenly', () => {
    const next = random();
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const value = next();
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      tenths[Math.floor(value * 10)]! += 1;
    }
    for (const count of tenths) expect(count).toBeGreaterThan(850);
  });
});
