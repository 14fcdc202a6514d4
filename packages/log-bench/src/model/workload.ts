/**
 * The words for what can be measured. Each workload says which table it belongs to and what is done; plain values, so that
 * they can be sent to a child process and written into the result file.
 */
import { encodedBatchBytes } from './encoded-size.js';

/** When an append counts as done: once it is on stable storage, or once it is in the page cache. */
export type Ack = 'flushed' | 'written';

/** Durable and written never share a table. */
export type TableName = 'durable' | 'written' | 'latency' | 'following' | 'reading' | 'random' | 'opening' | 'full-disk';

/** How big records are. */
export interface RecordSize {
  readonly keyBytes: number;
  readonly valueBytes: number;
}

/** `producers` callers, each appending one record after another. `batchRecords` > 1: that many at a time. */
export interface AppendWork {
  readonly kind: 'append';
  readonly ack: Ack;
  readonly producers: number;
  readonly batchRecords: number;
  readonly size: RecordSize;
  /** Whether a reader in the same process follows all the while. */
  readonly followed: boolean;
}

/** Single records at a fixed rate, whether or not the log keeps up. */
export interface OfferedWork {
  readonly kind: 'offered';
  readonly ack: Ack;
  readonly perSecond: number;
  readonly size: RecordSize;
}

/** Durable single records at a fixed rate, and a follower that waits for each. */
export interface FollowWork {
  readonly kind: 'follow';
  readonly process: 'same' | 'other';
  readonly perSecond: number;
  readonly size: RecordSize;
}

/** Single records at random places of a log whose batches hold `batchRecords`. */
export interface RandomReadWork {
  readonly kind: 'read-random';
  readonly batchRecords: number;
}

/** Opening a log of `bytes` whose writer was killed while it appended with `ack`. */
export interface UncleanOpeningWork {
  readonly kind: 'open-unclean';
  readonly bytes: number;
  readonly ack: Ack;
}

/** Opening a closed log of many segments. */
export interface CleanOpeningWork {
  readonly kind: 'open-clean';
  readonly segments: number;
}

/** What is done. `read`: every key and value of a log, by batches. `disk-full`: a small volume is filled and freed under load. */
export type Work =
  | AppendWork
  | OfferedWork
  | FollowWork
  | RandomReadWork
  | UncleanOpeningWork
  | CleanOpeningWork
  | { readonly kind: 'read' }
  | { readonly kind: 'verify' }
  | { readonly kind: 'disk-full' };

/** One row of the tables. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly table: TableName;
  readonly work: Work;
  /** Whether `--quick` measures it. */
  readonly isQuick: boolean;
}

/** 100 bytes of a user's: key and value together. */
export const RECORD_100: RecordSize = recordOf(100);

/** What one append of 1,000,000 bytes holds. */
export const RECORD_1MB: RecordSize = recordOf(1_000_000);

/** Every record of the benchmark has a key of 16 bytes; `bytes` are key and value together. */
export function recordOf(bytes: number): RecordSize {
  return { keyBytes: 16, valueBytes: bytes - 16 };
}

/** Bytes the log writes for one append of this work. */
export function appendBytes(size: RecordSize, batchRecords: number): number {
  return encodedBatchBytes(batchRecords, size.keyBytes, size.valueBytes);
}

const IN_FLIGHT_BYTES_MAX = 48 * 1024 * 1024;

/**
 * How many of a workload's producers may append at a time, the others waiting for their turn: what is in flight must fit
 * into the memory a store is allowed (the log's own queue holds 64 MiB and would refuse the rest).
 */
export function producersAtOnce({ producers, batchRecords, size }: Pick<AppendWork, 'producers' | 'batchRecords' | 'size'>): number {
  return Math.max(1, Math.min(producers, Math.floor(IN_FLIGHT_BYTES_MAX / appendBytes(size, batchRecords))));
}
