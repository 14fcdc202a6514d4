/**
 * How sure is it that B is better than A? The ratio of two medians with a confidence interval by resampling (percentile
 * bootstrap), rounds first and then the turns within each: turns of one process resemble each other, rounds do not. No
 * assumption about the distribution, which on a shared machine is nothing that has a name.
 */
import { median, quantile, sorted } from './statistics.js';

/** A ratio and the interval that holds it with the confidence asked for. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** How to resample. */
export interface BootstrapOptions {
  readonly random: () => number;
  readonly resamples?: number;
  /** 0 … 1, default 0.95. */
  readonly confidence?: number;
}

/** What was found in each turn of each round. */
export type Rounds = readonly (readonly number[])[];

/** The median over rounds of each round's median. */
export function medianOfRounds(rounds: Rounds): number {
  return median(rounds.map(median));
}

function resampled<T>(values: readonly T[], random: () => number): T[] {
  return values.map(() => values[Math.floor(random() * values.length)] as T);
}

/** median(after) / median(before), resampling both sides; all NaN where a side is empty. Every round has a turn at least. */
export function bootstrapRatio(before: Rounds, after: Rounds, options: BootstrapOptions): RatioInterval {
  const { random, resamples = 4000, confidence = 0.95 } = options;
  if (before.length === 0 || after.length === 0) return { ratio: NaN, low: NaN, high: NaN };
  const again = (rounds: Rounds): number => medianOfRounds(resampled(rounds, random).map((turns) => resampled(turns, random)));
  const ratios = Array.from({ length: resamples }, () => again(after) / again(before));
  const ascending = sorted(ratios);
  const tail = (1 - confidence) / 2;
  return { ratio: medianOfRounds(after) / medianOfRounds(before), low: quantile(ascending, tail), high: quantile(ascending, 1 - tail) };
}
