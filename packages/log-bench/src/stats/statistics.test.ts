import { describe, expect, it } from 'vitest';
import { describeLatencies, median, quantile, sorted, summarize, summarizeLatencies } from './statistics.js';

describe('quantile', () => {
  it('takes neighbours in proportion', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
  });

  it('gives the ends for 0 and 1, and for anything beyond', () => {
    expect(quantile([3, 5, 9], 0)).toBe(3);
    expect(quantile([3, 5, 9], 1)).toBe(9);
    expect(quantile([3, 5, 9], 7)).toBe(9);
  });

  it('is NaN of nothing and the number itself of one', () => {
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile([4], 0.99)).toBe(4);
  });
});

describe('median', () => {
  it('does not depend on the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([1, 5, 9])).toBe(5);
  });

  it('sorts numbers as numbers', () => {
    expect([...sorted([10, 9, 100])]).toEqual([9, 10, 100]);
  });
});

describe('summarize', () => {
  it('gives half the range as a share of the median', () => {
    expect(summarize([90, 100, 110])).toEqual({ count: 3, median: 100, min: 90, max: 110, spread: 0.1 });
  });

  it('leaves out what is no number', () => {
    expect(summarize([1, NaN, 3, Infinity])).toMatchObject({ count: 2, median: 2 });
  });

  it('says NaN of nothing', () => {
    expect(summarize([]).median).toBeNaN();
  });
});

describe('summarizeLatencies', () => {
  it('finds the percentiles of a thousand', () => {
    const summary = summarizeLatencies(Array.from({ length: 1001 }, (_, i) => i));
    expect(summary).toEqual({ count: 1001, p50: 500, p90: 900, p99: 990, p999: 999, max: 1000 });
  });
});

describe('describeLatencies', () => {
  it('follows the distribution as far as there are values to tell of it', () => {
    const { p50, curve } = describeLatencies(Array.from({ length: 101 }, (_, i) => i));
    expect(p50).toBe(50);
    expect(curve[0]).toEqual([0, 0]);
    expect(curve.at(-1)).toEqual([0.99, 99]);
  });
});
