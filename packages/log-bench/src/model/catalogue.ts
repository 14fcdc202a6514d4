/**
 * The catalogue of what `run` measures, in the order it is printed: the rows of `--quick` with records of 100 B, then every
 * combination of acknowledgement, producers, batches and sizes. And how some of them are chosen by name or pattern.
 */
import { RECORD_100, RECORD_1MB, recordOf, type Ack, type RecordSize, type Workload } from './workload.js';

const MIB = 1024 * 1024;

interface AppendChoices {
  readonly batchRecords?: number;
  readonly size?: RecordSize;
  readonly followed?: boolean;
  readonly isQuick?: boolean;
}

function append(name: string, title: string, ack: Ack, producers: number, choices: AppendChoices = {}): Workload {
  const { batchRecords = 1, size = RECORD_100, followed = false, isQuick = true } = choices;
  const table = ack === 'flushed' ? 'durable' : 'written';
  return { name, title, table, isQuick, work: { kind: 'append', ack, producers, batchRecords, size, followed } };
}

function offered(perSecond: number): Workload {
  const title = `${perSecond.toLocaleString('en')} records/s offered`;
  return { name: `offered-${perSecond}`, title, table: 'latency', isQuick: true, work: { kind: 'offered', ack: 'flushed', perSecond, size: RECORD_100 } };
}

const FOLLOWED_PER_SECOND = 500;

function follow(process: 'same' | 'other'): Workload {
  const title = process === 'same' ? 'a follower in the same process' : 'a follower in another process';
  return { name: `follow-${process}`, title, table: 'following', isQuick: true, work: { kind: 'follow', process, perSecond: FOLLOWED_PER_SECOND, size: RECORD_100 } };
}

function randomRead(batchRecords: number, isQuick: boolean): Workload {
  const title = `one record of a batch of ${batchRecords.toLocaleString('en')}`;
  return { name: `read-random-${batchRecords}`, title, table: 'random', isQuick, work: { kind: 'read-random', batchRecords } };
}

function recover(bytes: number, ack: Ack, isQuick: boolean): Workload {
  const size = bytes < 1024 * MIB ? `${bytes / MIB} MiB` : `${bytes / MIB / 1024} GiB`;
  const tail = ack === 'flushed' ? '' : ', killed between two flushes';
  const name = `recover-${size.replace(' ', '').toLowerCase()}${ack === 'flushed' ? '' : '-written'}`;
  return { name, title: `${size} after kill -9${tail}`, table: 'opening', isQuick, work: { kind: 'open-unclean', bytes, ack } };
}

function openClean(segments: number, isQuick: boolean): Workload {
  return { name: `open-${segments}`, title: `${segments.toLocaleString('en')} segments, cleanly closed`, table: 'opening', isQuick, work: { kind: 'open-clean', segments } };
}

const MATRIX = {
  acks: ['flushed', 'written'],
  batches: [1, 1000],
  sizes: [
    { title: '64 B', name: '64b', bytes: 64 },
    { title: '256 B', name: '256b', bytes: 256 },
    { title: '1 KiB', name: '1k', bytes: 1024 },
    { title: '16 KiB', name: '16k', bytes: 16 * 1024 },
  ],
  producers: [1, 16, 256, 4096],
} as const;

/** All combinations; `durable-16-64b` has 16 producers of single records of 64 B, `written-16x1000-64b` of batches of 1,000. */
function matrix(): Workload[] {
  const rows: Workload[] = [];
  for (const ack of MATRIX.acks) {
    for (const batchRecords of MATRIX.batches) {
      for (const { title, name, bytes } of MATRIX.sizes) {
        for (const producers of MATRIX.producers) {
          const of = batchRecords === 1 ? '' : 'x1000';
          const batches = batchRecords === 1 ? '' : ' of batches of 1,000';
          rows.push(
            append(
              `${ack === 'flushed' ? 'durable' : 'written'}-${producers}${of}-${name}`,
              `${title}: ${producersTitle(producers)}${batches}`,
              ack,
              producers,
              { batchRecords, size: recordOf(bytes), isQuick: false },
            ),
          );
        }
      }
    }
  }
  return rows;
}

function producersTitle(producers: number): string {
  return producers === 1 ? '1 producer' : `${producers.toLocaleString('en')} producers`;
}

/** Everything `run` measures. */
export const WORKLOADS: readonly Workload[] = [
  append('durable-1', '1 producer', 'flushed', 1),
  append('durable-16', '16 producers', 'flushed', 16),
  append('durable-256', '256 producers', 'flushed', 256),
  append('durable-4096', '4,096 producers', 'flushed', 4096),
  append('durable-batches', 'batches of 1,000', 'flushed', 1, { batchRecords: 1000 }),
  append('durable-batches-4', 'batches of 1,000, 4 waiting', 'flushed', 4, { batchRecords: 1000 }),
  append('durable-1mb', '1,000,000 B at a time', 'flushed', 1, { size: RECORD_1MB }),
  append('mixed-256', '256 producers, and a reader that follows', 'flushed', 256, { followed: true }),
  append('written-1', '1 producer', 'written', 1),
  append('written-16', '16 producers', 'written', 16, { isQuick: false }),
  append('written-256', '256 producers', 'written', 256, { isQuick: false }),
  append('written-4096', '4,096 producers', 'written', 4096, { isQuick: false }),
  append('written-batches', 'batches of 1,000', 'written', 1, { batchRecords: 1000 }),
  offered(1000),
  offered(10_000),
  follow('same'),
  follow('other'),
  { name: 'read', title: 'sequential read by batches', table: 'reading', isQuick: true, work: { kind: 'read' } },
  { name: 'verify', title: 'verify', table: 'reading', isQuick: true, work: { kind: 'verify' } },
  randomRead(1000, false),
  randomRead(16, true),
  recover(64 * MIB, 'flushed', false),
  recover(256 * MIB, 'flushed', false),
  recover(1024 * MIB, 'flushed', true),
  recover(1024 * MIB, 'written', false),
  openClean(1000, false),
  openClean(10_000, true),
  { name: 'disk-full', title: 'a full disk and back', table: 'full-disk', isQuick: true, work: { kind: 'disk-full' } },
  ...matrix(),
];

/** What is asked for: names or patterns, or all; `quick` leaves out what takes long unless it is named. */
export interface WorkloadChoice {
  readonly patterns: readonly string[] | null;
  readonly quick: boolean;
}

/** The workloads that were asked for, in the catalogue's order; throws where a pattern fits none. `*` stands for any characters. */
export function chooseWorkloads({ patterns, quick }: WorkloadChoice): readonly Workload[] {
  if (patterns === null) return quick ? WORKLOADS.filter(({ isQuick }) => isQuick) : WORKLOADS;
  const tests = patterns.map((pattern) => ({ pattern, expression: expressionOf(pattern) }));
  const unknown = tests.find(({ expression }) => !WORKLOADS.some(({ name }) => expression.test(name)));
  if (unknown !== undefined) throw new Error(`no workload is called ${unknown.pattern}; brimlog-bench workloads lists them`);
  return WORKLOADS.filter(({ name }) => tests.some(({ expression }) => expression.test(name)));
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
