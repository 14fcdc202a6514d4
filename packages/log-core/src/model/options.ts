/**
 * What a log can be told: the options as users give them, and as the engine uses them after every
 * default was filled in. Checking them is `decide/check-options.ts`.
 */
import type { Ack, Progress } from './api.js';
import type { ByteCount, Milliseconds } from './units.js';

/** Which segments may be deleted, and when it is looked after. @public */
export interface RetentionOptions {
  /** Keep at most about this many bytes. */
  readonly bytes?: ByteCount;
  /** Delete segments whose newest record is older. */
  readonly ms?: Milliseconds;
  readonly segmentsMax?: number;
  /** Never delete what the slowest registered consumer has not committed past. */
  readonly keepUnconsumed?: boolean;
  /** How often it is looked after; default 10,000. */
  readonly intervalMs?: Milliseconds;
}

/** Thresholds of the space guard; by default derived from the volume's size at every tick. @public */
export interface SpaceOptions {
  readonly lowBytes?: ByteCount;
  readonly highBytes?: ByteCount;
  readonly lowPercent?: number;
  readonly highPercent?: number;
  /** The least the spare holds. */
  readonly reserveBytes?: ByteCount;
  readonly intervalMs?: Milliseconds;
}

/** What to give up on a full disk. @public */
export type OnDiskFull = 'reject' | 'delete-expired' | 'delete-oldest';

/** What a log can be told, the ports apart. Sizes in bytes, times in milliseconds. @public */
export interface LogPolicyOptions {
  readonly ack?: Ack;
  readonly segmentBytesMax?: ByteCount;
  readonly segmentMs?: Milliseconds;
  readonly batchBytesMax?: ByteCount;
  readonly queueBytesMax?: ByteCount;
  readonly flushIntervalMs?: Milliseconds;
  readonly flushBytesMax?: ByteCount;
  readonly retention?: RetentionOptions;
  readonly onDiskFull?: OnDiskFull;
  readonly keepBytesMin?: ByteCount;
  readonly keepMsMin?: Milliseconds;
  readonly space?: SpaceOptions;
  readonly quotaBytesMax?: ByteCount;
  readonly ioTimeoutMs?: Milliseconds;
  readonly onCorruption?: 'refuse' | 'quarantine';
  readonly indexIntervalBytes?: ByteCount;
  readonly handlesMax?: number;
  readonly create?: boolean;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a reader can be told, the ports apart. @public */
export interface ReaderPolicyOptions {
  /** Waits for a log that is not there yet instead of answering `not-found`. */
  readonly waitForLog?: boolean;
  readonly signal?: AbortSignal;
  readonly batchBytesMax?: ByteCount;
  readonly ioTimeoutMs?: Milliseconds;
  readonly handlesMax?: number;
}

/** Thresholds after checking; null where nothing was said, so that the volume decides. @internal */
export interface SpaceSettings {
  readonly lowBytes: ByteCount | null;
  readonly highBytes: ByteCount | null;
  readonly lowPercent: number | null;
  readonly highPercent: number | null;
  readonly reserveBytes: ByteCount | null;
  readonly intervalMs: Milliseconds;
}

/** @internal */
export interface RetentionSettings {
  readonly bytes: ByteCount | null;
  readonly ms: Milliseconds | null;
  readonly segmentsMax: number | null;
  readonly keepUnconsumed: boolean;
  readonly intervalMs: Milliseconds;
}

/** Every option, checked and filled in; the ports apart. @internal */
export interface LogSettings {
  readonly ack: Ack;
  readonly segmentBytesMax: ByteCount;
  readonly segmentMs: Milliseconds | null;
  readonly batchBytesMax: ByteCount;
  readonly queueBytesMax: ByteCount;
  readonly flushIntervalMs: Milliseconds;
  readonly flushBytesMax: ByteCount;
  readonly retention: RetentionSettings;
  readonly onDiskFull: OnDiskFull;
  readonly keepBytesMin: ByteCount;
  readonly keepMsMin: Milliseconds;
  readonly space: SpaceSettings;
  readonly quotaBytesMax: ByteCount | null;
  readonly ioTimeoutMs: Milliseconds;
  readonly onCorruption: 'refuse' | 'quarantine';
  readonly indexIntervalBytes: ByteCount;
  readonly handlesMax: number;
  readonly create: boolean;
  readonly onProgress: ((progress: Progress) => void) | null;
}

/** @internal */
export interface ReaderSettings {
  readonly waitForLog: boolean;
  readonly batchBytesMax: ByteCount;
  readonly ioTimeoutMs: Milliseconds;
  readonly handlesMax: number;
}
