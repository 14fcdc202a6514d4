/** Numbers as people read them: as many digits as a benchmark can vouch for. */

const NOTHING = '–';

/** Four digits that count, thousands apart: 1,023,000. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });
}

/** A ratio: 0.61 ×, 14.2 ×, 156 ×. */
export function formatTimes(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ×`;
}

/** Half the range as a share: ±4 %. */
export function formatSpread(share: number): string {
  return Number.isFinite(share) ? `±${(share * 100).toFixed(0)} %` : NOTHING;
}

/** A small number with digits to match: 0.0312, 1.23, 45.6, 789. */
export function formatSmall(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (value === 0) return '0';
  if (Math.abs(value) < 1) return String(Number(value.toPrecision(2)));
  return formatCount(Number(value.toPrecision(3)));
}

/** Bytes in the unit that leaves the fewest digits. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return NOTHING;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatSmall(value)} ${units[unit] ?? ''}`;
}

/** Seconds as people say them: 45 s, 12 minutes, 3.5 hours. */
export function formatDuration(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
}
