/** Numbers onto lengths: linear from zero, or by decades where values lie orders of magnitude apart. */

/** Places values between `from` and `to`, with ticks to draw. */
export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** From 0 to a round number at or above the largest value. */
export function linearScale(values: readonly number[], from: number, to: number): Scale {
  const largest = Math.max(...values.filter(Number.isFinite), 0);
  const top = largest > 0 ? largest : 1;
  const rough = top / 4;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * decade).find((size) => size >= rough) ?? 10 * decade;
  const count = Math.ceil(top / step - 1e-9);
  const end = step * count;
  return { place: (value) => from + (value / end) * (to - from), ticks: Array.from({ length: count + 1 }, (_, i) => i * step) };
}

/** Whole decades around the values; what is not above zero lies at the begin. */
export function decadeScale(values: readonly number[], from: number, to: number): Scale {
  const positive = values.filter((value) => Number.isFinite(value) && value > 0);
  const first = Math.floor(Math.log10(Math.min(...positive, 1e300)) + 1e-9);
  const low = positive.length === 0 ? 0 : first;
  const high = positive.length === 0 ? 1 : Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  const place = (value: number): number => (value > 0 ? from + ((Math.log10(value) - low) / (high - low)) * (to - from) : from);
  return { place, ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)) };
}

/** A tick's label: 0.5, 20, 5k, 1M. */
export function tickLabel(value: number): string {
  const units = [
    { size: 1e9, name: 'G' },
    { size: 1e6, name: 'M' },
    { size: 1e3, name: 'k' },
  ];
  const unit = units.find(({ size }) => Math.abs(value) >= size);
  return unit === undefined ? String(Number(value.toPrecision(3))) : `${Number((value / unit.size).toPrecision(3))}${unit.name}`;
}
