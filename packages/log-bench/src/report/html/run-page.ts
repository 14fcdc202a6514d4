/** Which charts a run gives: throughput over producers, times the raw floor, latencies, opening; then all tables. */
import type { FloorName, RunFile } from '../../model/sample.js';
import { timesFloor } from '../../model/sample.js';
import { summarize } from '../../stats/statistics.js';
import { latencyOf, linesOf, type Line } from '../aggregate.js';
import { machineLines } from '../machine-lines.js';
import { runTables } from '../run-tables.js';
import { barChart, lineChart, type Bar, type Series } from './charts.js';
import { page, type Figure } from './page.js';

/** The report of a run as one HTML file. */
export function runPage(run: RunFile): string {
  const lines = linesOf(run.workloads, run.samples);
  const figures = [overProducers(lines), timesRaw(lines), latencies(lines), openings(lines)].filter((figure) => figure !== null);
  const head = [`${run.startedAt}, ${run.scale.rounds} ${run.quick ? 'quick ' : ''}rounds in ${run.seconds.toFixed(0)} s; medians, whiskers are the extremes.`, ...machineLines(run.machine)];
  return page('brimlog-bench', head, figures, runTables(run));
}

function point(values: readonly number[]): Series['points'][number] {
  const { median, min, max } = summarize(values);
  return { y: median, low: min, high: max };
}

/** Durable single records, 1 to 4,096 producers, with what raw writes allow. */
function overProducers(lines: readonly Line[]): Figure | null {
  const own = lines.filter(({ workload: { table, work } }) => table === 'durable' && work.kind === 'append' && work.batchRecords === 1 && work.size.valueBytes < 1000);
  if (own.length < 2) return null;
  const names = [...new Set(own.map(({ workload }) => workload.name))];
  const subjects = [...new Set(own.map(({ subject }) => subject))];
  const lineOf = (subject: string, name: string): Line | undefined => own.find((line) => line.subject === subject && line.workload.name === name);
  const series: Series[] = subjects.map((subject) => ({ name: subject, isFloor: false, points: names.map((name) => point(lineOf(subject, name)?.samples.map(({ figure }) => figure) ?? [])) }));
  const floor = (title: string, floors: readonly FloorName[]): Series => ({
    name: title,
    isFloor: true,
    points: names.map((name) => point(lineOf(subjects[0] ?? '', name)?.samples.map((sample) => floors.map((one) => sample.floors[one]).find((value) => value !== undefined) ?? NaN) ?? [])),
  });
  const places = names.map((name) => name.replace('durable-', ''));
  return {
    title: 'Durable appends of 100 B over producers',
    note: 'Records a second. Raw: write + fdatasync on a growing file, one record at a time, and all producers’ records in one write.',
    chart: lineChart(places, [...series, floor('raw, one at a time', ['growing']), floor('raw, all in one write', ['group-growing', 'growing'])], 'records/s'),
  };
}

const BAR_FLOORS: readonly FloorName[] = ['growing', 'unsynced', 'read-crc'];

/** Everything whose floor does the same bytes at a time. */
function timesRaw(lines: readonly Line[]): Figure | null {
  const bars = lines.flatMap((line): Bar[] => {
    const { work, table, title } = line.workload;
    const floor = BAR_FLOORS.find((name) => line.samples.some(({ floors }) => floors[name] !== undefined));
    if (floor === undefined || table === 'latency' || table === 'opening' || (work.kind === 'append' && work.producers > 4)) return [];
    const { y, low, high } = point(line.samples.map(({ unit, figure, floors }) => timesFloor(unit, figure, floors[floor] ?? NaN)));
    const subject = line.subject === 'brimlog' ? '' : `${line.subject}, `;
    return [{ label: `${subject}${table}: ${title}`, value: y, low, high }];
  });
  if (bars.length === 0) return null;
  return {
    title: 'Times the raw floor',
    note: 'The same bytes written, or read and checksummed, by synchronous calls in the same process. Dashed: as fast as the floor.',
    chart: barChart(bars, '× raw', { at: 1, name: 'as fast as the raw floor' }),
  };
}

const PERCENTILES = ['p50', 'p90', 'p99', 'p999', 'max'] as const;

/** Percentiles of each offered load, and of raw writes. */
function latencies(lines: readonly Line[]): Figure | null {
  const own = lines.filter(({ workload }) => workload.table === 'latency');
  const [first] = own;
  if (first === undefined) return null;
  const at = (value: number): Series['points'][number] => ({ y: value, low: value, high: value });
  const series = own.map((line) => ({
    name: `${line.subject === 'brimlog' ? '' : `${line.subject}, `}${line.workload.title}`,
    isFloor: false,
    points: PERCENTILES.map((name) => at(latencyOf(line, (latency) => latency[name]))),
  }));
  const raw = { name: 'raw, one after another', isFloor: true, points: PERCENTILES.map((name) => at(latencyOf(first, (latency) => latency.raw[name]))) };
  return {
    title: 'Latency of durable appends at a fixed load',
    note: 'Microseconds from when each append was meant to begin: free of coordinated omission.',
    chart: lineChart(['p50', 'p90', 'p99', 'p99.9', 'max'], [...series, raw], 'µs'),
  };
}

/** Openings beside their floors, in milliseconds. */
function openings(lines: readonly Line[]): Figure | null {
  const bars = lines.flatMap((line): Bar[] => {
    if (line.workload.table !== 'opening') return [];
    const own = point(line.samples.map(({ figure }) => figure));
    const floor = point(line.samples.map(({ floors }) => floors['list-stat'] ?? floors['read-crc'] ?? NaN));
    const floorName = line.workload.work.kind === 'open-clean' ? 'list and stat all files' : 'read and CRC the whole log';
    return [
      { label: line.workload.title, value: own.y, low: own.low, high: own.high },
      { label: `floor: ${floorName}`, value: floor.y, low: floor.low, high: floor.high },
    ];
  });
  return bars.length === 0 ? null : { title: 'Opening', note: 'Milliseconds, page cache warm, process just started.', chart: barChart(bars, 'ms', null) };
}
