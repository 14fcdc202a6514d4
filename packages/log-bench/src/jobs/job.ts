/**
 * What a child process is asked to do and what it answers: plain values, sent as JSON. Every measurement has a process of
 * its own, so that none inherits another's heap, compiled code or open files.
 */
import type { RunScale } from '../model/run-scale.js';
import type { Sample, StraceCount } from '../model/sample.js';
import type { Ack, Workload } from '../model/workload.js';

/** One round of one workload. `dir` is there; for reading and opening it holds the prepared log. */
export interface MeasureJob {
  readonly kind: 'measure';
  readonly workload: Workload;
  readonly subject: string;
  readonly round: number;
  readonly dir: string;
  readonly scale: RunScale;
  /** Where optional stores are looked for besides this package. */
  readonly peersFrom: string;
  /** Records that must be there; null where the log was not prepared. After a kill: at least so many. */
  readonly records: number | null;
  /** Where to write CPU profiles, without number and ending; null for a measurement that counts. */
  readonly profileTo: string | null;
}

/** Appends or opens under strace, without floors: only the store's own calls are to be counted. */
export interface StraceJob {
  readonly kind: 'strace';
  readonly workload: Workload;
  readonly subject: string;
  readonly dir: string;
  readonly scale: RunScale;
  readonly peersFrom: string;
}

/** Makes a store of about `bytes`, by batches of so many records, and closes it. */
export interface FillJob {
  readonly kind: 'fill';
  readonly subject: string;
  readonly dir: string;
  readonly bytes: number;
  readonly batchRecords: number;
  readonly peersFrom: string;
}

/** Makes a closed log of so many segments, each of one record. */
export interface SegmentsJob {
  readonly kind: 'segments';
  readonly dir: string;
  readonly segments: number;
}

/** Makes a log of about `bytes`, then goes on appending with `ack` until it is killed. */
export interface KilledWriterJob {
  readonly kind: 'killed-writer';
  readonly dir: string;
  readonly bytes: number;
  readonly ack: Ack;
}

/** Appends to a store as a workload says, one producer, until it is killed. */
export interface KilledProducerJob {
  readonly kind: 'killed-producer';
  readonly workload: Workload;
  readonly subject: string;
  readonly dir: string;
  readonly peersFrom: string;
}

/** Opens what a killed producer left, and compares it with what it appended. */
export interface RecountJob {
  readonly kind: 'recount';
  readonly workload: Workload;
  readonly subject: string;
  readonly dir: string;
  readonly peersFrom: string;
}

/** Follows a log from another process, until its parent says that it is enough. */
export interface FollowerJob {
  readonly kind: 'follower';
  readonly dir: string;
}

/** Measures the raw disk. */
export interface DiskJob {
  readonly kind: 'disk';
  readonly dir: string;
  readonly rounds: number;
  readonly sliceMs: number;
}

export type Job = MeasureJob | StraceJob | FillJob | SegmentsJob | KilledWriterJob | KilledProducerJob | RecountJob | FollowerJob | DiskJob;

/** One row of `disk`: calls per second of each round. */
export interface DiskRow {
  readonly group: string;
  readonly title: string;
  readonly bytes: number;
  readonly perSecond: number[];
  /** Median microseconds of one call in each round; empty where single calls were not timed. */
  readonly p50Us: number[];
}

/** What each kind of job answers. */
export interface JobAnswers {
  readonly measure: Sample;
  readonly strace: Pick<StraceCount, 'workload' | 'subject' | 'times'>;
  readonly fill: { readonly records: number };
  readonly segments: { readonly records: number };
  readonly 'killed-writer': { readonly records: number };
  readonly 'killed-producer': { readonly records: number };
  readonly recount: { readonly found: number };
  readonly follower: { readonly receivedAtUs: readonly number[] };
  readonly disk: readonly DiskRow[];
}

/** What a child sends. `acked`: so many records are acknowledged by now. */
export type Message =
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'acked'; readonly records: number }
  | { readonly type: 'step'; readonly done: number; readonly of: number };

/** The samples of a child: what every kind of measurement leaves empty unless it has something to say. */
export function sampleOf(job: MeasureJob, found: Pick<Sample, 'unit' | 'figure' | 'floors' | 'checkedRecords'> & Partial<Sample>): Sample {
  const { workload, subject, round } = job;
  return { workload: workload.name, subject, round, turns: [], costs: null, latency: null, timeline: null, facts: {}, ...found };
}
