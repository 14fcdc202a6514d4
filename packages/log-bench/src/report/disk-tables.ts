/** The tables of `disk`: one per size of write, each row relative to the first of its table. */
import type { DiskRow } from '../jobs/job.js';
import { summarize } from '../stats/statistics.js';
import { formatBytes, formatCount, formatSmall, formatSpread, formatTimes } from './format-number.js';
import type { TableModel } from './table-model.js';

/** One table per group, in the order the groups appear. */
export function diskTables(rows: readonly DiskRow[]): TableModel[] {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return groups.map((group) => groupTable(group, rows.filter((row) => row.group === group)));
}

function groupTable(group: string, rows: readonly DiskRow[]): TableModel {
  const base = summarize(rows[0]?.perSecond ?? []).median;
  const sameSize = rows.every(({ bytes }) => bytes === rows[0]?.bytes);
  return {
    title: `${group}${sameSize ? ` (${formatBytes(rows[0]?.bytes ?? NaN)})` : ''}`,
    note: sameSize ? '× first: times the first row’s calls per second.' : 'MB/s: 10^6 bytes.',
    head: ['way', 'calls/s', '±', 'MB/s', 'median µs', ...(sameSize ? ['× first'] : [])],
    rows: rows.map(({ title, bytes, perSecond, p50Us }) => {
      const { median, spread } = summarize(perSecond);
      const cells = [title, formatCount(median), formatSpread(spread), formatSmall((median * bytes) / 1e6), formatCount(summarize(p50Us).median)];
      return sameSize ? [...cells, formatTimes(median / base)] : cells;
    }),
  };
}
