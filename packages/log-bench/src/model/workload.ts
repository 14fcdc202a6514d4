/**
 * What can be measured: the words for a workload and the catalogue of those `run` measures. Each says which raw floor it
 * is held against. Plain values, so that they can be sent to a child process and written into the result file.
 */
import { encodedBatchBytes } from './encoded-size.js';

/** When an append counts as done: once it is on stable storage, or once it is in the page cache. */
export type Ack = 'flushed' | 'written';

/** Durable and written never share a table. */
export type TableName = 'durable' | 'written' | 'latency' | 'reading' | 'opening';

/** How big records are. */
export interface RecordSize {
  readonly keyBytes: number;
  readonly valueBytes: number;
}

/** What is done. */
export type Work =
  /** `producers` callers, each appending one record after another. `batchRecords` > 1: that many at a time. */
  | { readonly kind: 'append'; readonly ack: Ack; readonly producers: number; readonly batchRecords: number; readonly size: RecordSize }
  /** Single records at a fixed rate, whether or not the log keeps up. */
  | { readonly kind: 'offered'; readonly ack: Ack; readonly perSecond: number; readonly size: RecordSize }
  /** Every key and value of a log, by batches. */
  | { readonly kind: 'read' }
  | { readonly kind: 'verify' }
  /** Opening a log whose writer was killed. */
  | { readonly kind: 'open-unclean' }
  /** Opening a closed log of many segments. */
  | { readonly kind: 'open-clean' };

/** One row of the tables. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly table: TableName;
  readonly work: Work;
}

/** 100 bytes of a user's: key and value together. */
export const RECORD_100: RecordSize = { keyBytes: 16, valueBytes: 84 };

/** What one append of 1,000,000 bytes holds. */
export const RECORD_1MB: RecordSize = { keyBytes: 16, valueBytes: 1_000_000 - 16 };

function append(name: string, title: string, ack: Ack, producers: number, batchRecords: number, size = RECORD_100): Workload {
  return { name, title, table: ack === 'flushed' ? 'durable' : 'written', work: { kind: 'append', ack, producers, batchRecords, size } };
}

function offered(perSecond: number): Workload {
  const title = `${perSecond.toLocaleString('en')} records/s offered`;
  return { name: `offered-${perSecond}`, title, table: 'latency', work: { kind: 'offered', ack: 'flushed', perSecond, size: RECORD_100 } };
}

/** Everything `run` measures, in the order it is printed. */
export const WORKLOADS: readonly Workload[] = [
  append('durable-1', '1 producer', 'flushed', 1, 1),
  append('durable-16', '16 producers', 'flushed', 16, 1),
  append('durable-256', '256 producers', 'flushed', 256, 1),
  append('durable-4096', '4,096 producers', 'flushed', 4096, 1),
  append('durable-batches', 'batches of 1,000', 'flushed', 1, 1000),
  append('durable-batches-4', 'batches of 1,000, 4 waiting', 'flushed', 4, 1000),
  append('durable-1mb', '1,000,000 B at a time', 'flushed', 1, 1, RECORD_1MB),
  append('written-1', '1 producer', 'written', 1, 1),
  append('written-batches', 'batches of 1,000', 'written', 1, 1000),
  offered(1000),
  offered(10_000),
  { name: 'read', title: 'sequential read by batches', table: 'reading', work: { kind: 'read' } },
  { name: 'verify', title: 'verify', table: 'reading', work: { kind: 'verify' } },
  { name: 'open-unclean', title: 'after kill -9', table: 'opening', work: { kind: 'open-unclean' } },
  { name: 'open-clean', title: 'cleanly closed', table: 'opening', work: { kind: 'open-clean' } },
];

/** The workloads with these names, in the catalogue's order; throws where a name is none. */
export function chooseWorkloads(names: readonly string[] | null): readonly Workload[] {
  if (names === null) return WORKLOADS;
  const unknown = names.find((name) => !WORKLOADS.some((workload) => workload.name === name));
  if (unknown !== undefined) {
    throw new Error(`no workload is called ${unknown}; there are ${WORKLOADS.map(({ name }) => name).join(', ')}`);
  }
  return WORKLOADS.filter(({ name }) => names.includes(name));
}

/** Bytes the log writes for one append of this work. */
export function appendBytes(size: RecordSize, batchRecords: number): number {
  return encodedBatchBytes(batchRecords, size.keyBytes, size.valueBytes);
}
