/**
 * How sure is it that B is faster than A? The ratio of two medians with a confidence interval by resampling (percentile
 * bootstrap): no assumption about the distribution, which on a shared machine is nothing that has a name.
 * With 3 samples a side the interval is about their range; it takes 5 or more to be narrower than that.
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

function resampled(values: readonly number[], random: () => number): number[] {
  return values.map(() => values[Math.floor(random() * values.length)] ?? NaN);
}

/** median(after) / median(before), resampling both sides; all NaN where a side is empty. */
export function bootstrapRatio(before: readonly number[], after: readonly number[], options: BootstrapOptions): RatioInterval {
  const { random, resamples = 4000, confidence = 0.95 } = options;
  if (before.length === 0 || after.length === 0) return { ratio: NaN, low: NaN, high: NaN };
  const ratios: number[] = [];
  for (let i = 0; i < resamples; i += 1) ratios.push(median(resampled(after, random)) / median(resampled(before, random)));
  const ascending = sorted(ratios);
  const tail = (1 - confidence) / 2;
  return { ratio: median(after) / median(before), low: quantile(ascending, tail), high: quantile(ascending, 1 - tail) };
}
