import { expect, it } from 'vitest';
import { DistinctNumbers } from './distinct-numbers.mjs';

it('counts as a set does, also where it has to grow, with 0 and the largest safe integer', () => {
  const distinct = new DistinctNumbers();
  const set = new Set<number>();
  for (let i = 0; i < 300_000; i += 1) {
    const value = i % 3 === 0 ? i % 1_000 : (i * 45_678_912_345) % Number.MAX_SAFE_INTEGER;
    distinct.add(value);
    set.add(value);
  }
  for (const value of [0, 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]) {
    distinct.add(value);
    set.add(value);
  }
  expect(distinct.size).toBe(set.size);
});
