/** Which charts a run gives: throughput over producers, times the raw floor, latencies, opening, a full disk. Data only; drawn elsewhere. */
import { BRIMLOG, type FloorName, type RunFile, type Sample } from '../../model/sample.js';
import type { Ack, AppendWork } from '../../model/workload.js';
import { RECORD_100, recordOf } from '../../model/workload.js';
import { summarize } from '../../stats/statistics.js';
import { linesOf, mainFloorName, timesByRound, type Line } from '../aggregate.js';
import { barChart, lineChart, timelineChart, type Bar, type Point } from './chart-kinds.js';
import type { ChartSpec } from './vega-svg.js';

/** A chart with its heading. */
export interface Figure {
  readonly title: string;
  readonly note: string;
  readonly chart: ChartSpec;
}

/** All charts the run has something for. */
export function runFigures(run: RunFile): Figure[] {
  const lines = linesOf(run.workloads, run.samples);
  const figures = [
    overProducers(lines, 'flushed'),
    overProducers(lines, 'written'),
    bySize(lines, 'flushed'),
    bySize(lines, 'written'),
    timesRaw(lines),
    latencies(lines),
    following(lines),
    openings(lines),
    fullDisk(lines),
  ];
  return figures.filter((figure) => figure !== null);
}

const TITLES: Readonly<Record<Ack, string>> = { flushed: 'Durable', written: 'Written' };

interface AppendLine {
  readonly line: Line;
  readonly work: AppendWork;
}

function appendLines(lines: readonly Line[], ack: Ack): AppendLine[] {
  return lines.flatMap((line) => {
    const { work } = line.workload;
    return work.kind === 'append' && work.ack === ack && !work.followed ? [{ line, work }] : [];
  });
}

/** A point for the rounds' values; none where there are no numbers. */
function pointOf(series: string, isFloor: boolean, x: string, values: readonly number[]): Point[] {
  const { count, median, min, max } = summarize(values);
  return count === 0 || median <= 0 ? [] : [{ series, isFloor, x, y: median, low: min, high: max }];
}

const producersName = (producers: number): string => producers.toLocaleString('en');

/** Single records of 100 B, 1 to 4,096 producers, with what raw writes allow. */
function overProducers(lines: readonly Line[], ack: Ack): Figure | null {
  const own = appendLines(lines, ack).filter(({ work }) => work.batchRecords === 1 && work.size.valueBytes === RECORD_100.valueBytes);
  const producers = [...new Set(own.map(({ work }) => work.producers))].sort((a, b) => a - b);
  if (producers.length < 2) return null;
  const figures = own.flatMap(({ line, work }) => pointOf(line.subject, false, producersName(work.producers), line.samples.map(({ figure }) => figure)));
  const floors = (name: string, wanted: readonly FloorName[]): Point[] =>
    own
      .filter(({ line }) => line.subject === BRIMLOG)
      .flatMap(({ line, work }) => pointOf(name, true, producersName(work.producers), line.samples.map((sample) => firstFloor(sample, wanted))));
  const raw = ack === 'flushed' ? [...floors('raw, one at a time', ['growing']), ...floors('raw, all in one write', ['group-growing', 'growing'])] : floors('raw write', ['unsynced']);
  return {
    title: `${TITLES[ack]} appends of 100 B over producers`,
    note: `Records a second. Raw: ${ack === 'flushed' ? 'write + fdatasync on a growing file, one record at a time, and all producers’ records in one write' : 'a synchronous write of one record, never synced'}.`,
    chart: lineChart([...figures, ...raw], { x: 'producers', y: 'records/s', places: producers.map(producersName) }),
  };
}

function firstFloor({ floors }: Sample, wanted: readonly FloorName[]): number {
  return wanted.map((name) => floors[name]).find((value) => value !== undefined) ?? NaN;
}

const SIZES = [64, 256, 1024, 16 * 1024];

/** The log by size of record, singly and in batches of a thousand. */
function bySize(lines: readonly Line[], ack: Ack): Figure | null {
  const own = appendLines(lines, ack).filter(({ line, work }) => line.subject === BRIMLOG && SIZES.some((bytes) => recordOf(bytes).valueBytes === work.size.valueBytes));
  const producers = [...new Set(own.map(({ work }) => work.producers))].sort((a, b) => a - b);
  if (producers.length < 2) return null;
  const nameOf = ({ size, batchRecords }: AppendWork): string => {
    const bytes = size.keyBytes + size.valueBytes;
    return `${bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`}${batchRecords > 1 ? ' × 1,000' : ''}`;
  };
  const points = own.flatMap(({ line, work }) =>
    pointOf(nameOf(work), work.batchRecords > 1, producersName(work.producers), line.samples.map(({ costs }) => (costs === null ? NaN : costs.bytes / costs.seconds / 1e6))),
  );
  return {
    title: `${TITLES[ack]} appends by size of record`,
    note: 'Megabytes of keys and values a second; dashed: batches of 1,000.',
    chart: lineChart(points, { x: 'producers', y: 'MB/s', places: producers.map(producersName) }),
  };
}

/** Only what does the same bytes at a time as its floor: many producers join their records. */
const PRODUCERS_LIKE_FLOOR = 4;

function timesRaw(lines: readonly Line[]): Figure | null {
  const bars = lines.flatMap((line): Bar[] => {
    const { work, table, title, isQuick } = line.workload;
    const floor = mainFloorName(line);
    const isLike = isQuick && (work.kind === 'read' || work.kind === 'verify' || work.kind === 'read-random' || (work.kind === 'append' && work.producers <= PRODUCERS_LIKE_FLOOR));
    return floor !== undefined && isLike ? [barOf(`${table}: ${title}`, line.subject, timesByRound(line, floor))] : [];
  });
  if (bars.length === 0) return null;
  return {
    title: 'Times the raw floor',
    note: 'The same bytes written, or read and checksummed, by synchronous calls in the same process. Dashed: as fast as the floor. Lines are the extremes of the rounds.',
    chart: barChart(bars, { x: '× raw', reference: 1 }),
  };
}

function barOf(label: string, series: string, values: readonly number[]): Bar {
  const { median, min, max } = summarize(values);
  return { label, series, value: median, low: min, high: max };
}

type Pick = (sample: Sample) => readonly (readonly [number, number])[];

const NINES = [
  { share: 0.5, name: 'p50' },
  { share: 0.9, name: 'p90' },
  { share: 0.99, name: 'p99' },
  { share: 0.999, name: 'p99.9' },
  { share: 0.9999, name: 'p99.99' },
];

/** The median over the rounds at each share of the distribution. */
function curvePoints(series: string, isFloor: boolean, samples: readonly Sample[], pick: Pick): Point[] {
  const shares = [...new Set(samples.flatMap((sample) => pick(sample).map(([share]) => share)))].sort((a, b) => a - b);
  return shares.flatMap((share) => {
    const values = samples.map((sample) => pick(sample).find(([own]) => own === share)?.[1] ?? NaN);
    const { count, median, min, max } = summarize(values);
    return count === 0 ? [] : [{ series, isFloor, x: nines(share), y: median, low: min, high: max }];
  });
}

/** 1 for 90 %, 2 for 99 %, so that the tail has room. */
function nines(share: number): number {
  return -Math.log10(1 - share);
}

const ticks = NINES.map(({ share, name }) => ({ at: nines(share), name }));

function latencies(lines: readonly Line[]): Figure | null {
  const own = lines.filter(({ workload }) => workload.table === 'latency');
  const [first] = own;
  if (first === undefined) return null;
  const points = own.flatMap((line) => curvePoints(`${line.subject === BRIMLOG ? '' : `${line.subject}, `}${line.workload.title}`, false, line.samples, ({ latency }) => latency?.curve ?? []));
  const raw = curvePoints('raw, one after another', true, first.samples, ({ latency }) => latency?.raw?.curve ?? []);
  return {
    title: 'Latency of durable appends at a fixed load',
    note: 'Microseconds from when each append was meant to begin, free of coordinated omission: so many percent were answered at least as fast.',
    chart: lineChart([...points, ...raw], { x: 'share of appends', y: 'µs', ticks }),
  };
}

function following(lines: readonly Line[]): Figure | null {
  const own = lines.filter(({ workload }) => workload.table === 'following');
  if (own.length === 0) return null;
  const points = own.flatMap((line) => curvePoints(line.workload.title, false, line.samples, ({ latency }) => latency?.curve ?? []));
  return {
    title: 'From acknowledgement to the follower',
    note: 'Microseconds; below zero the follower had the record before the producer’s own await went on.',
    chart: lineChart(points, { x: 'share of records', y: 'µs', ticks }),
  };
}

/** Openings beside their floors, in milliseconds. */
function openings(lines: readonly Line[]): Figure | null {
  const bars = lines.flatMap((line): Bar[] => {
    const floor = mainFloorName(line);
    if (line.workload.table !== 'opening' || floor === undefined) return [];
    const { title } = line.workload;
    return [barOf(title, 'opening', line.samples.map(({ figure }) => figure)), barOf(title, 'floor', line.samples.map(({ floors }) => floors[floor] ?? NaN))];
  });
  if (bars.length === 0) return null;
  return {
    title: 'Recovery and opening',
    note: 'Milliseconds, page cache warm, process just started. Floor: all bytes read and their CRC-32C taken (after kill -9), or the directory listed and stat of every file (cleanly closed).',
    chart: barChart(bars, { x: 'ms', reference: null }),
  };
}

/** The round whose way back took the median time. */
function fullDisk(lines: readonly Line[]): Figure | null {
  const line = lines.find(({ workload }) => workload.table === 'full-disk');
  if (line === undefined) return null;
  const byTime = line.samples.filter(({ timeline }) => timeline !== null).sort((a, b) => a.figure - b.figure);
  const timeline = byTime[Math.floor(byTime.length / 2)]?.timeline ?? null;
  if (timeline === null) return null;
  return {
    title: 'What a full disk costs',
    note: 'Appends a second over time: acknowledged, and refused while the volume is full. Lines: full, another program frees space, the first append is acknowledged again.',
    chart: timelineChart(timeline),
  };
}
