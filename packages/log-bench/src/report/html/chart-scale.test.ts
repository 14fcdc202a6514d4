import { describe, expect, it } from 'vitest';
import { decadeScale, linearScale, tickLabel } from './chart-scale.js';

describe('linearScale', () => {
  it('ends at a round number that holds every value', () => {
    const scale = linearScale([0.4, 1.7], 100, 300);
    expect(scale.ticks).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(scale.place(0)).toBe(100);
    expect(scale.place(2)).toBe(300);
  });

  it('has an end even where nothing was measured', () => {
    expect(linearScale([], 0, 10).ticks.length).toBeGreaterThan(1);
  });
});

describe('decadeScale', () => {
  it('spans whole decades', () => {
    const scale = decadeScale([300, 5, 900_000], 0, 60);
    expect(scale.ticks).toEqual([1, 10, 100, 1000, 10_000, 100_000, 1_000_000]);
    expect(scale.place(1000)).toBeCloseTo(30);
  });

  it('has a decade even for a single value, and none for what is not above zero', () => {
    expect(decadeScale([100], 0, 10).ticks).toEqual([100, 1000]);
    expect(decadeScale([NaN, 0], 0, 10).place(0)).toBe(0);
  });
});

describe('tickLabel', () => {
  it('is short', () => {
    expect([0.5, 20, 5000, 2.5e6, 1e9].map(tickLabel)).toEqual(['0.5', '20', '5k', '2.5M', '1G']);
  });
});
