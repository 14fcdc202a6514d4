/**
 * Order statistics of a few samples. Benchmarks on shared machines have outliers on one side only, so medians
 * and ranges are given, never means and standard deviations.
 */

/** What several rounds of one measurement come to. `spread` is half the range, as a share of the median. */
export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly spread: number;
}

/** Numbers in ascending order, in an array of their own. */
export function sorted(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/** The quantile `q` (0 … 1) of ascending numbers, between neighbours in proportion; NaN of none. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  const last = ascending.length - 1;
  if (last < 0) return NaN;
  const place = Math.min(Math.max(q, 0), 1) * last;
  const below = ascending[Math.floor(place)] ?? NaN;
  const above = ascending[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The middle one; NaN of none. */
export function median(values: Iterable<number>): number {
  return quantile(sorted(values), 0.5);
}

/** Median and range; numbers that are not finite are left out. */
export function summarize(values: Iterable<number>): Summary {
  const ascending = sorted([...values].filter(Number.isFinite));
  const middle = quantile(ascending, 0.5);
  const min = quantile(ascending, 0);
  const max = quantile(ascending, 1);
  return { count: ascending.length, median: middle, min, max, spread: middle === 0 ? 0 : (max - min) / 2 / Math.abs(middle) };
}

/** Percentiles of many latencies, in the unit they came in. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Percentiles, and the distribution as pairs of share (0 … 1) and latency. */
export interface Latencies extends LatencySummary {
  readonly curve: readonly (readonly [share: number, latency: number])[];
}

/** Closer together towards the end, where it matters. */
const CURVE_SHARES = [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999];

/** Sums up latencies; all NaN where there are none. */
export function summarizeLatencies(values: Iterable<number>): LatencySummary {
  const ascending = sorted(values);
  const at = (q: number): number => quantile(ascending, q);
  return { count: ascending.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** Latencies with their distribution, as far into the tail as there are values to tell of it. */
export function describeLatencies(values: Iterable<number>): Latencies {
  const ascending = sorted(values);
  const shares = CURVE_SHARES.filter((share) => (1 - share) * ascending.length >= 1);
  return { ...summarizeLatencies(ascending), curve: shares.map((share) => [share, quantile(ascending, share)] as const) };
}
