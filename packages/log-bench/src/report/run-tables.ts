/**
 * The tables of a run. Durable and written never share one; each says what its ratios are relative to, and a second table
 * says what the speed cost.
 */
import type { RunFile, StraceCount } from '../model/sample.js';
import type { TableName } from '../model/workload.js';
import { bestPeer, costOf, factOf, floorOf, latencyOf, linesOf, megabytesPerSecond, timesOf, type Line } from './aggregate.js';
import { formatBytes, formatCount, formatSmall, formatSpread, formatTimes } from './format-number.js';
import type { TableModel } from './table-model.js';

type Cell = (line: Line) => string;
type Column = readonly [head: string, cell: Cell];

interface TableStyle {
  readonly title: string;
  readonly note: string;
  readonly columns: readonly Column[];
}

const RATE: readonly Column[] = [
  ['records/s', (line) => formatCount(line.figure.median)],
  ['±', (line) => formatSpread(line.figure.spread)],
  ['MB/s', (line) => formatSmall(megabytesPerSecond(line))],
];

const STYLES: Readonly<Record<TableName, TableStyle>> = {
  durable: {
    title: 'Durable: acknowledged once on stable storage',
    note: 'raw = synchronous write + fdatasync of one append’s bytes on a growing file, same process, before and after; blocks = the same over blocks written before; group = all producers’ records in one such write, growing.',
    columns: [
      ...RATE,
      ['raw records/s', (line) => formatCount(floorOf(line, 'growing'))],
      ['× raw', (line) => formatTimes(timesOf(line, 'growing'))],
      ['× blocks', (line) => formatTimes(timesOf(line, 'overwriting'))],
      ['× group', (line) => formatTimes(timesOf(line, 'group-growing'))],
    ],
  },
  written: {
    title: 'Written: acknowledged once in the page cache, where it survives kill -9',
    note: 'raw = synchronous write of one append’s bytes on a growing file, never synced.',
    columns: [...RATE, ['raw records/s', (line) => formatCount(floorOf(line, 'unsynced'))], ['× raw', (line) => formatTimes(timesOf(line, 'unsynced'))]],
  },
  latency: {
    title: 'Latency of durable appends at a fixed load, microseconds from when each was meant to begin',
    note: 'begun late = the benchmark’s own delay, contained in the latencies; raw = one write + fdatasync after another on a growing file. A load that was not kept up with is marked: its latencies tell how long it ran.',
    columns: [
      ['p50', (line) => formatCount(latencyOf(line, ({ p50 }) => p50))],
      ['p90', (line) => formatCount(latencyOf(line, ({ p90 }) => p90))],
      ['p99', (line) => formatCount(latencyOf(line, ({ p99 }) => p99))],
      ['p99.9', (line) => formatCount(latencyOf(line, ({ p999 }) => p999))],
      ['max', (line) => formatCount(latencyOf(line, ({ max }) => max))],
      ['begun late p99', (line) => formatCount(factOf(line, 'begun late p99 µs'))],
      ['raw p50', (line) => formatCount(latencyOf(line, ({ raw }) => raw.p50))],
      ['raw p99', (line) => formatCount(latencyOf(line, ({ raw }) => raw.p99))],
      ['kept up', (line) => (line.samples.every(({ latency }) => latency?.sustained === true) ? 'yes' : 'NO')],
    ],
  },
  reading: {
    title: 'Reading, every checksum checked; page cache warm',
    note: 'raw = the same files read by 1 MiB and their CRC-32C taken.',
    columns: [...RATE, ['raw records/s', (line) => formatCount(floorOf(line, 'read-crc'))], ['× raw', (line) => formatTimes(timesOf(line, 'read-crc'))]],
  },
  opening: {
    title: 'Opening, in a process that has just started; page cache warm',
    note: 'floor = reading all bytes of the log and their CRC-32C (after kill -9), or listing the directory and stat of every file (closed); its times: below 1 × is faster than the floor.',
    columns: [
      ['ms', (line) => formatSmall(line.figure.median)],
      ['±', (line) => formatSpread(line.figure.spread)],
      ['segments', (line) => formatCount(factOf(line, 'segments'))],
      ['read', (line) => formatBytes(factOf(line, 'bytes read'))],
      ['floor ms', (line) => formatSmall(openingFloor(line))],
      ['× floor’s time', (line) => formatTimes(line.figure.median / openingFloor(line))],
    ],
  },
};

function openingFloor(line: Line): number {
  const listed = floorOf(line, 'list-stat');
  return Number.isNaN(listed) ? floorOf(line, 'read-crc') : listed;
}

const COSTS: readonly Column[] = [
  ['syncs/append', (line) => formatSmall(costOf(line, ({ syncs, appends }) => (syncs === null ? null : syncs / appends)))],
  ['writes/append', (line) => formatSmall(costOf(line, ({ writes, appends }) => (writes === null ? null : writes / appends)))],
  ['loop p99 ms', (line) => formatSmall(costOf(line, ({ loopDelayP99Ms }) => loopDelayP99Ms))],
  ['loop max ms', (line) => formatSmall(costOf(line, ({ loopDelayMaxMs }) => loopDelayMaxMs))],
  ['RSS peak', (line) => formatBytes(costOf(line, ({ rssPeakBytes }) => rssPeakBytes))],
  ['heap B/record', (line) => formatCount(costOf(line, ({ heapBytes, records }) => heapBytes / records))],
  ['CPU µs/record', (line) => formatSmall(costOf(line, ({ cpuMs, records }) => (cpuMs * 1000) / records))],
];

const TABLES: readonly TableName[] = ['durable', 'written', 'latency', 'reading', 'opening'];

/** All tables that have a row. */
export function runTables(run: RunFile): TableModel[] {
  const lines = linesOf(run.workloads, run.samples);
  const figures = TABLES.map((name) => tableOf(STYLES[name], lines.filter(({ workload }) => workload.table === name)));
  const costs = tableOf(
    {
      title: 'What it cost the process, the benchmark’s own share included',
      note: `syncs and writes as the log counts them; loop = delay of the event loop, ${formatSmall(run.machine.idleLoopDelayMs)} ms (p99) while nothing is done; heap = JavaScript heap allocated, the caller’s awaiting included.`,
      columns: COSTS,
    },
    lines.filter(({ samples }) => samples.some(({ costs: own }) => own !== null)),
    ({ workload }) => `${workload.table}: ${workload.title}`,
  );
  return [...figures, costs, ...straceTables(run)].filter(({ rows }) => rows.length > 0);
}

function tableOf(style: TableStyle, lines: readonly Line[], titleOf = ({ workload }: Line): string => workload.title): TableModel {
  const compares = new Set(lines.map(({ subject }) => subject)).size > 1;
  const columns: readonly Column[] = [
    ['workload', titleOf],
    ...(compares ? [['store', ({ subject }: Line) => subject] as const] : []),
    ...style.columns,
    ...(compares && style.columns !== COSTS ? [['× best other', (line: Line) => timesBestPeer(line, lines)] as const] : []),
  ];
  return { title: style.title, note: style.note, head: columns.map(([head]) => head), rows: lines.map((line) => columns.map(([, cell]) => cell(line))) };
}

function timesBestPeer(line: Line, lines: readonly Line[]): string {
  const best = bestPeer(line, lines);
  if (best === null) return formatTimes(NaN);
  return formatTimes(line.unit === 'ms' ? best.figure.median / line.figure.median : line.figure.median / best.figure.median);
}

const APPEND_CALLS = ['fdatasync', 'fsync', 'msync', 'pwrite64', 'pwritev', 'write', 'futex', 'epoll_wait', 'epoll_pwait'];
const OPEN_CALLS = ['openat', 'statx', 'newfstatat', 'getdents64', 'pread64', 'pwrite64', 'fdatasync', 'fsync', 'futex'];

/** Calls as the kernel counted them, starting and ending of the process included. */
function straceTables({ strace, workloads }: RunFile): TableModel[] {
  const opens = (count: StraceCount): boolean => workloads.some(({ name, table }) => name === count.workload && table === 'opening');
  return [
    straceTable('System calls per append, counted by strace', 'A write to a file opened with O_DSYNC is a sync too.', APPEND_CALLS, strace.filter((count) => !opens(count))),
    straceTable('System calls of an opening and closing, counted by strace', 'Starting the process alone takes some 120 statx, 50 openat and 15 pread64.', OPEN_CALLS, strace.filter(opens)),
  ];
}

function straceTable(title: string, note: string, names: readonly string[], counts: readonly StraceCount[]): TableModel {
  const used = names.filter((name) => counts.some(({ calls }) => (calls[name] ?? 0) > 0));
  return {
    title,
    note: `${note} Over the whole life of a process that does nothing else.`,
    head: ['workload', 'store', 'times', ...used],
    rows: counts.map(({ workload, subject, times, calls }) => [workload, subject, formatCount(times), ...used.map((name) => formatSmall((calls[name] ?? 0) / times))]),
  };
}
