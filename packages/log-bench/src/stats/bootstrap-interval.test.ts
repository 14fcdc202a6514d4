import { describe, expect, it } from 'vitest';
import { bootstrapRatio, type Rounds } from './bootstrap-interval.js';
import { seededRandom } from './seeded-random.js';

const random = (): (() => number) => seededRandom(7);

/** A round of one turn for each value. */
const rounds = (...values: number[]): Rounds => values.map((value) => [value]);

describe('bootstrapRatio', () => {
  it('is exact where no sample differs from another', () => {
    expect(bootstrapRatio(rounds(2, 2, 2), rounds(3, 3, 3), { random: random() })).toEqual({ ratio: 1.5, low: 1.5, high: 1.5 });
  });

  it('holds the ratio inside its interval, and the interval inside the extremes', () => {
    const { ratio, low, high } = bootstrapRatio(rounds(9, 10, 11, 10, 10.5), rounds(18, 20, 22, 21, 19), { random: random() });
    expect(ratio).toBe(2);
    expect(low).toBeLessThanOrEqual(2);
    expect(high).toBeGreaterThanOrEqual(2);
    expect(low).toBeGreaterThanOrEqual(18 / 11);
    expect(high).toBeLessThanOrEqual(22 / 9);
  });

  it('is wider with more confidence', () => {
    const before = rounds(8, 9, 10, 11, 12);
    const after = rounds(7, 9, 10, 12, 13);
    const sure = bootstrapRatio(before, after, { random: random(), confidence: 0.99 });
    const bold = bootstrapRatio(before, after, { random: random(), confidence: 0.5 });
    expect(sure.high - sure.low).toBeGreaterThan(bold.high - bold.low);
  });

  it('gives the same answer to the same seed', () => {
    const run = (): unknown => bootstrapRatio(rounds(1, 2, 3), rounds(2, 3, 5), { random: random() });
    expect(run()).toEqual(run());
  });

  it('takes rounds, not their turns, for what is independent: many turns of few rounds make it no surer', () => {
    const before = rounds(10, 10, 10);
    const few = bootstrapRatio(before, rounds(8, 10, 12), { random: random() });
    const many = bootstrapRatio(before, [8, 10, 12].map((value) => Array.from({ length: 50 }, () => value)), { random: random() });
    expect(many.low).toBeCloseTo(few.low, 5);
    expect(many.high).toBeCloseTo(few.high, 5);
  });

  it('says NaN where a side has no samples', () => {
    expect(bootstrapRatio([], rounds(1), { random: random() }).ratio).toBeNaN();
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
