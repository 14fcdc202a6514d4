/** What each table of a run shows, and what its rows are relative to. */
import type { FloorName } from '../model/sample.js';
import type { TableName } from '../model/workload.js';
import { costOf, factOf, floorOf, latencyOf, mainFloorOf, megabytesPerSecond, timesOf, type Line } from './aggregate.js';
import { formatBytes, formatCount, formatSmall, formatSpread, formatTimes } from './format-number.js';

/** A column: its head, and what stands in it for a line. */
export type Column = readonly [head: string, cell: (line: Line) => string];

/** A table before it has rows. */
export interface TableStyle {
  readonly title: string;
  readonly note: string;
  readonly columns: readonly Column[];
}

const rate = (head = 'records/s'): readonly Column[] => [
  [head, (line) => formatCount(line.figure.median)],
  ['±', (line) => formatSpread(line.figure.spread)],
];

const MEGABYTES: Column = ['MB/s', (line) => formatSmall(megabytesPerSecond(line))];

/** The floor's figure, and how many times as good the log is. */
function relative(name: FloorName, head = 'raw'): readonly Column[] {
  return [
    [`${head} records/s`, (line) => formatCount(floorOf(line, name))],
    [`× ${head}`, (line) => formatTimes(timesOf(line, name))],
  ];
}

function percentile(head: 'p50' | 'p90' | 'p99' | 'max'): Column {
  return [head, (line) => formatCount(latencyOf(line, (latency) => latency[head]))];
}

/** The median over the rounds of a percentile times that of raw writes. */
function timesRawLatency(head: 'p50' | 'p99'): Column {
  return [`raw ${head} ÷ ${head}`, (line) => formatTimes(latencyOf(line, (latency) => (latency.raw?.[head] ?? NaN) / latency[head]))];
}

const fact =
  (name: string, format: (value: number) => string) =>
  (line: Line): string =>
    format(factOf(line, name));

/** By name, in the order they are printed. */
export const TABLE_STYLES: Readonly<Record<TableName, TableStyle>> = {
  durable: {
    title: 'Durable: acknowledged once on stable storage',
    note: 'raw = synchronous write + fdatasync of one append’s bytes on a growing file, in turns with the log in one process; blocks = the same over blocks written before, and group = all producers’ records in one such write, growing: both after the last turn.',
    columns: [
      ...rate(),
      MEGABYTES,
      ...relative('growing'),
      ['× blocks', (line) => formatTimes(timesOf(line, 'overwriting'))],
      ['× group', (line) => formatTimes(timesOf(line, 'group-growing'))],
    ],
  },
  written: {
    title: 'Written: acknowledged once in the page cache, where it survives kill -9',
    note: 'raw = synchronous write of one append’s bytes on a growing file, never synced.',
    columns: [...rate(), MEGABYTES, ...relative('unsynced')],
  },
  latency: {
    title: 'Latency of durable appends at a fixed load, microseconds from when each was meant to begin',
    note: 'begun late = the benchmark’s own delay, contained in the latencies; raw = one write + fdatasync after another on a growing file: above 1 × is faster than that. A load that was not kept up with is marked: its latencies tell how long it ran.',
    columns: [
      percentile('p50'),
      percentile('p90'),
      percentile('p99'),
      ['p99.9', (line) => formatCount(latencyOf(line, ({ p999 }) => p999))],
      percentile('max'),
      ['begun late p99', fact('begun late p99 µs', formatCount)],
      ['raw p50', (line) => formatCount(latencyOf(line, ({ raw }) => raw?.p50 ?? NaN))],
      ['raw p99', (line) => formatCount(latencyOf(line, ({ raw }) => raw?.p99 ?? NaN))],
      timesRawLatency('p50'),
      timesRawLatency('p99'),
      ['kept up', (line) => (line.samples.every(({ latency }) => latency?.sustained === true) ? 'yes' : 'NO')],
    ],
  },
  following: {
    title: 'Following: microseconds from a durable record’s acknowledgement to the record in the follower’s hands',
    note: 'Below zero the follower had it before the producer’s own await went on. wake-up = one turn of the event loop (same process), or half the way of a message to the other process and back.',
    columns: [
      percentile('p50'),
      percentile('p90'),
      percentile('p99'),
      percentile('max'),
      ['wake-up', (line) => formatSmall(mainFloorOf(line) * 1000)],
      ['p50 ÷ wake-up', (line) => formatTimes(line.figure.median > 0 ? line.figure.median / mainFloorOf(line) : NaN)],
      ['kept up', (line) => (line.samples.every(({ latency }) => latency?.sustained === true) ? 'yes' : 'NO')],
    ],
  },
  reading: {
    title: 'Reading, every checksum checked; page cache warm',
    note: 'raw = the same files read by 1 MiB and their CRC-32C taken.',
    columns: [...rate(), MEGABYTES, ...relative('read-crc')],
  },
  random: {
    title: 'Reading single records at random places, one after another; page cache warm',
    note: 'raw = a batch’s bytes read at a random place and their CRC-32C taken: a record is only as good as its batch’s checksum. Other stores keep no batches.',
    columns: [...rate(), ...relative('read-crc-random')],
  },
  opening: {
    title: 'Opening, in a process that has just started; page cache warm',
    note: 'floor = reading all bytes of the log and their CRC-32C (after kill -9), or listing the directory and stat of every file (closed); its times: below 1 × is faster than the floor.',
    columns: [
      ['ms', (line) => formatSmall(line.figure.median)],
      ['±', (line) => formatSpread(line.figure.spread)],
      ['ms per GiB', (line) => formatSmall((line.figure.median / factOf(line, 'bytes of the log')) * 2 ** 30)],
      ['segments', fact('segments', formatCount)],
      ['read', fact('bytes read', formatBytes)],
      ['floor ms', (line) => formatSmall(mainFloorOf(line))],
      ['× floor’s time', (line) => formatTimes(line.figure.median / mainFloorOf(line))],
    ],
  },
  'full-disk': {
    title: 'A full disk, and the way back: 16 producers of durable records of 1 KiB on a small volume',
    note: 'raw = write + fdatasync of one record after another on that volume, growing. refused = answered with disk-full, and offered again in the next turn of the event loop. back = from another program’s file going away to the first acknowledged append.',
    columns: [
      ['before, records/s', fact('records/s before', formatCount)],
      ['× raw', (line) => formatTimes(factOf(line, 'records/s before') / factOf(line, 'raw records/s'))],
      ['refused/s', fact('refusals/s', formatCount)],
      ['refused p50 µs', fact('refused p50 µs', formatSmall)],
      ['refused p99 µs', fact('refused p99 µs', formatSmall)],
      ['read while full, records/s', fact('records/s read while full', formatCount)],
      ['back after ms', (line) => formatSmall(line.figure.median)],
      ['±', (line) => formatSpread(line.figure.spread)],
      ['after, records/s', fact('records/s after', formatCount)],
      ['× before', (line) => formatTimes(factOf(line, 'records/s after') / factOf(line, 'records/s before'))],
      ['unknown', fact('outcome unknown', formatCount)],
    ],
  },
};

/** What it cost the process. */
export const COST_COLUMNS: readonly Column[] = [
  ['syncs/append', (line) => formatSmall(costOf(line, ({ syncs, appends }) => (syncs === null ? null : syncs / appends)))],
  ['writes/append', (line) => formatSmall(costOf(line, ({ writes, appends }) => (writes === null ? null : writes / appends)))],
  ['loop p99 ms', (line) => formatSmall(costOf(line, ({ loopDelayP99Ms }) => loopDelayP99Ms))],
  ['loop max ms', (line) => formatSmall(costOf(line, ({ loopDelayMaxMs }) => loopDelayMaxMs))],
  ['RSS peak', (line) => formatBytes(costOf(line, ({ rssPeakBytes }) => rssPeakBytes))],
  ['heap B/record', (line) => formatCount(costOf(line, ({ heapBytes, records }) => heapBytes / records))],
  ['CPU µs/record', (line) => formatSmall(costOf(line, ({ cpuMs, records }) => (cpuMs * 1000) / records))],
];
