/**
 * The public surface as types: the log, its reader, and every value they take and give. What each
 * promise means is written here once; `docs/architecture.md` says how it is kept.
 */
import type { Result, ResultAsync } from 'neverthrow';
import type {
  AppendError,
  BrimlogError,
  CloseError,
  ConsumerError,
  FlushError,
  ReadError,
  RecoverError,
  RetentionError,
  VerifyError,
  WaitError,
} from './errors.js';
import type { LogRecord, RecordInput } from './record.js';
import type { ByteCount, Milliseconds, Offset, Position, Timestamp } from './units.js';

/** When an append is acknowledged: after its sync, or after its write. @public */
export type Ack = 'flushed' | 'written';

/** What readers may see: everything acknowledged, or only what is flushed. @public */
export type Isolation = 'acknowledged' | 'flushed';

/** @public */
export interface AppendOptions {
  readonly ack?: Ack;
  readonly signal?: AbortSignal;
}

/** Where the records of one append are; `timestamp` is the last record's. @public */
export interface AppendResult {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly timestamp: Timestamp;
}

/** @public */
export interface ReadOptions {
  readonly from: Offset;
  /** Bound of the batches' bytes, default 1 MiB; one batch is always given. */
  readonly bytesMax?: ByteCount;
  readonly isolation?: Isolation;
  readonly signal?: AbortSignal;
}

/** Records from `from` on; `nextOffset` is where to read on. @public */
export interface ReadResult {
  readonly records: Iterable<LogRecord>;
  readonly nextOffset: Offset;
  readonly highWatermark: Offset;
  readonly bytes: ByteCount;
}

/** @public */
export interface FollowOptions {
  readonly from: Offset;
  /** Waits at the high watermark for more instead of ending. */
  readonly follow?: boolean;
  readonly isolation?: Isolation;
  readonly signal?: AbortSignal;
}

/** One record batch's readable records. @public */
export interface ReadBatch {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly records: Iterable<LogRecord>;
}

/** @public */
export type LogState = 'opening' | 'writable' | 'low-space' | 'read-only' | 'failed' | 'closing' | 'closed';

/** @public */
export type StateReason =
  | 'disk-full'
  | 'quota'
  | 'read-only-fs'
  | 'permission'
  | 'stalled'
  | 'sync-failed'
  | 'io'
  | 'gone'
  | 'assertion';

/** A named consumer's committed position. @public */
export interface ConsumerStatus {
  readonly name: string;
  readonly position: Offset;
}

/** The log at one moment; works in every state, after close too. @public */
export interface LogStatus {
  readonly state: LogState;
  readonly reason: StateReason | null;
  readonly since: Timestamp;
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  readonly highWatermark: Offset;
  readonly recoveryPoint: Offset;
  /** Bytes of the segments' records. */
  readonly bytes: ByteCount;
  readonly segments: number;
  /** Encoded bytes that wait to be written. */
  readonly queueBytes: ByteCount;
  readonly handles: { readonly open: number; readonly max: number };
  /** The last answer of `statfs`: a hint. */
  readonly space: { readonly freeBytes: ByteCount; readonly totalBytes: ByteCount };
  readonly spare: { readonly bytes: ByteCount; readonly kind: 'blocks' | 'ballast' } | null;
  /** What an opening on a full or read-only file system could not prove and does not show. */
  readonly withheld: { readonly fromOffset: Offset; readonly toOffset: Offset } | null;
  readonly consumers: readonly ConsumerStatus[];
}

/** Counters since opening. @public */
export interface LogMetrics {
  readonly appendedRecords: number;
  readonly appendedBatches: number;
  readonly appendedBytes: ByteCount;
  readonly refusedAppends: number;
  readonly writes: number;
  readonly syncs: number;
  readonly rolls: number;
  readonly readBytes: ByteCount;
  readonly readBatches: number;
  readonly deletedSegments: number;
  readonly deletedBytes: ByteCount;
  readonly statfsCalls: number;
  readonly stateChanges: number;
}

/** A part of a segment that was cut, quarantined or repaired, and why. @public */
export interface QuarantinedRange {
  readonly file: string;
  readonly position: Position;
  readonly fromOffset: Offset;
  readonly nextOffset: Offset;
  readonly reason: string;
}

/** @public */
export interface Repair {
  readonly file: string;
  readonly what: string;
}

/** What opening, or `recover()`, found and did. @public */
export interface RecoveryReport {
  readonly clean: boolean;
  readonly keptBytes: ByteCount;
  readonly keptToOffset: Offset;
  readonly cut: { readonly bytes: ByteCount; readonly fromOffset: Offset; readonly reason: string } | null;
  readonly rehomed: { readonly fromOffset: Offset; readonly toOffset: Offset } | null;
  readonly quarantined: readonly QuarantinedRange[];
  readonly repaired: readonly Repair[];
  readonly foreignFiles: readonly string[];
  readonly durationMs: Milliseconds;
}

/** How far opening, recovering or verifying has come. @public */
export interface Progress {
  readonly bytes: ByteCount;
  readonly totalBytes: ByteCount;
}

/** Exactly what was removed, why, and what kept the rest. @public */
export interface DeletionResult {
  readonly segments: number;
  readonly fromOffset: Offset;
  readonly toOffset: Offset;
  readonly bytes: ByteCount;
  readonly reason: DeletionReason | null;
  readonly stoppedBy: DeletionStop | null;
}

/** @public */
export type DeletionReason =
  | 'retention-bytes'
  | 'retention-ms'
  | 'segments-max'
  | 'delete-before'
  | 'disk-full'
  | 'quota';

/**
 * What kept a deletion from going on. `active-segment`: what is written to never goes, nor the segment before it while nothing
 * proves its file's name durable. After `io` a power cut may bring back what was removed. @public
 */
export type DeletionStop = 'active-segment' | 'consumer' | 'keep-bytes' | 'keep-ms' | 'policy' | 'io' | 'offset';

/** @public */
export interface VerifyProblem {
  readonly kind: string;
  readonly file: string;
  readonly position: Position;
  readonly offset: Offset;
}

/** @public */
export interface VerifyReport {
  readonly records: number;
  readonly batches: number;
  readonly bytes: ByteCount;
  readonly segments: number;
  readonly problems: readonly VerifyProblem[];
}

/** Events come after the state they tell of can be seen in `status()`, outside every lock. @public */
export interface LogEvents {
  readonly stateChange: {
    readonly from: LogState;
    readonly to: LogState;
    readonly reason: StateReason | null;
    readonly at: Timestamp;
  };
  readonly roll: { readonly baseOffset: Offset };
  readonly delete: DeletionResult;
  readonly recovery: RecoveryReport;
  readonly warning: { readonly error: BrimlogError | { readonly kind: string; readonly message: string }; readonly during: string };
}

/** A named consumer's durable position in the log. @public */
export interface Consumer {
  readonly name: string;
  /** The committed position: the next offset to read; null where nothing was committed. */
  position(): ResultAsync<Offset | null, ConsumerError>;
  /** Makes `offset` the position, durably. A torn or lost update leaves an earlier committed one. */
  commit(offset: Offset): ResultAsync<{ readonly position: Offset }, ConsumerError>;
  /** Removes the consumer: it holds nothing back any more. */
  forget(): ResultAsync<void, ConsumerError>;
}

/** @public */
export interface VerifyOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** An open log. Nothing in it throws or rejects for anything the world can do. @public */
export interface MessageLog extends AsyncDisposable {
  /** What opening found and did. */
  readonly recovery: RecoveryReport;
  /**
   * Appends one record, or several as one unit: all or nothing, at dense offsets, after everything this caller
   * appended before. `flushed` resolves when it is on stable storage, `written` when it is in the
   * page cache (it survives kill -9 of the process). An error's `outcome` says whether it can appear later.
   */
  append(records: RecordInput | readonly RecordInput[], options?: AppendOptions): ResultAsync<AppendResult, AppendError>;
  /** Whole batches' records at or after `from`, decoded lazily, at most `bytesMax` (or one batch). At the end: no records. */
  read(options: ReadOptions): ResultAsync<ReadResult, ReadError>;
  /** Record by record. An error comes once, then the iteration ends. */
  records(options: FollowOptions): AsyncIterableIterator<Result<LogRecord, ReadError>>;
  /** Batch by batch: the fast way to read much. */
  batches(options: FollowOptions): AsyncIterableIterator<Result<ReadBatch, ReadError>>;
  /** A barrier: everything acknowledged before is on stable storage when it resolves. */
  flush(): ResultAsync<{ readonly recoveryPoint: Offset }, FlushError>;
  /** Moves the log start offset to `offset` and deletes the segments wholly below it. */
  deleteBefore(offset: Offset): ResultAsync<DeletionResult, RetentionError>;
  /** Deletes what the retention policy lets go, now. */
  runRetention(): ResultAsync<DeletionResult, RetentionError>;
  /** Reads and checks everything. Problems are in the report, not errors. */
  verify(options?: VerifyOptions): ResultAsync<VerifyReport, VerifyError>;
  /** Brings a failed log back: re-homes what is acknowledged and not flushed into a new segment. */
  recover(): ResultAsync<RecoveryReport, RecoverError>;
  consumer(name: string): Consumer;
  status(): LogStatus;
  metrics(): LogMetrics;
  on<Name extends keyof LogEvents>(event: Name, listener: (value: LogEvents[Name]) => void): () => void;
  /** Resolves when appends work again (or do already). */
  waitUntilWritable(options?: { readonly signal?: AbortSignal }): ResultAsync<void, WaitError>;
  /** Settles every accepted append, flushes, marks the log clean and gives everything back. */
  close(): ResultAsync<void, CloseError>;
}

/**
 * A reader of a log that another process may be writing. Its writing methods answer `read-only`; where the log was removed or
 * moved away, reading ends with `gone`, at most a second later. Its `status` tells offsets and segments; bytes, space and
 * consumers, which the writer counts, are 0 and none. @public
 */
export type LogReader = MessageLog;
