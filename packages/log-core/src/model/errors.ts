/**
 * Every error the public surface can answer with, told apart by `kind`. Errors are plain values with the
 * facts that made them; nothing is thrown. Where a system call was behind one, its facts are kept.
 */
import type { IoFailure } from './io-failure.js';
import type { ByteCount, Offset, Position } from './units.js';

/** What is known of the system call behind an error; absent where none was. @public */
export interface SystemCallFacts {
  readonly errno?: number;
  readonly code?: string;
  readonly operation?: string;
  readonly path?: string;
  readonly position?: Position;
}

interface Fault<Kind extends string> extends SystemCallFacts {
  readonly kind: Kind;
  readonly message: string;
}

/** No room: on the volume, in a quota (the file system's or `quotaBytesMax`), or no inode. @public */
export interface DiskFull extends Fault<'disk-full'> {
  readonly cause: 'space' | 'quota' | 'inodes';
}
/** The disk answered with an error that has no kind of its own. @public */
export type Io = Fault<'io'>;
/** A sync failed: what was unsynced is unknown, the log is failed until `recover()` or reopening. @public */
export type SyncFailed = Fault<'sync-failed'>;
/** The process or the system has no file descriptor left. @public */
export type FdExhausted = Fault<'fd-exhausted'>;
/** Even a fresh segment may not hold the batch (a file-size limit). @public */
export type FileTooLarge = Fault<'file-too-large'>;
/** The file system is mounted read-only. @public */
export type ReadOnlyFs = Fault<'read-only-fs'>;
/** The process may not do this here. @public */
export type Permission = Fault<'permission'>;
/** The directory is not there any more. @public */
export type Gone = Fault<'gone'>;
/** The disk did not answer within `ioTimeoutMs`. @public */
export type Stalled = Fault<'stalled'>;
/** The log is failed; `recover()` or reopening cures. @public */
export interface Failed extends Fault<'failed'> {
  readonly reason: string;
}
/** A reader of another process's log was asked to write. @public */
export type ReadOnly = Fault<'read-only'>;
/** The log is closed, or closing. @public */
export type Closed = Fault<'closed'>;
/** Another opener holds the log; `pid` is its process where known. @public */
export interface Locked extends Fault<'locked'> {
  readonly pid: number | null;
}
/** `queueBytesMax` is waiting already: nothing was taken, try again after an append settled. @public */
export interface Backpressure extends Fault<'backpressure'> {
  readonly queueBytes: ByteCount;
  readonly limit: ByteCount;
}
/** The records of one call do not fit one batch of `batchBytesMax`. @public */
export interface RecordTooLarge extends Fault<'record-too-large'> {
  readonly bytes: ByteCount;
  readonly limit: ByteCount;
}
/** An argument of a wrong type or out of its bounds. @public */
export interface InvalidArgument extends Fault<'invalid-argument'> {
  readonly argument: string;
}
/** Unknown, wrong or contradictory options. @public */
export interface InvalidOptions extends Fault<'invalid-options'> {
  readonly option: string;
}
/**
 * Bytes that were proven flushed are damaged or gone. Offsets `fromOffset` up to `nextOffset` (exclusive) cannot
 * be served; reading may go on at `nextOffset`. Nothing was changed. @public
 */
export interface Corruption extends Fault<'corruption'> {
  readonly file: string;
  readonly position: Position;
  readonly fromOffset: Offset;
  readonly nextOffset: Offset;
  /** The rule of the profile that was broken, or what proves the loss. */
  readonly rule: string;
}
/** Below the log start offset or beyond the high watermark. @public */
export interface OffsetOutOfRange extends Fault<'offset-out-of-range'> {
  readonly offset: Offset;
  readonly logStartOffset: Offset;
  readonly highWatermark: Offset;
}
/** There is no log, or no such thing in it. @public */
export type NotFound = Fault<'not-found'>;
/** Written by a newer version, or in a way this one does not read. @public */
export type IncompatibleFormat = Fault<'incompatible-format'>;
/** The caller's signal was aborted. @public */
export type Aborted = Fault<'aborted'>;

/** What a failed system call can be called. @public */
export type DiskError =
  | DiskFull
  | Io
  | SyncFailed
  | FdExhausted
  | FileTooLarge
  | ReadOnlyFs
  | Permission
  | Gone
  | Stalled;

/** @public */
export type OpenError =
  | DiskError
  | Locked
  | NotFound
  | InvalidArgument
  | InvalidOptions
  | Corruption
  | IncompatibleFormat
  | Aborted;

/** What keeps a log from being written to. @public */
export type WriteRefusal = DiskError | Failed | Closed | ReadOnly;

/**
 * Whether a refused append can appear later: `not-appended` only where it is proven that it never will. @public
 */
export type AppendOutcome = 'not-appended' | 'unknown';

/** Why an append was refused, without what became of it. @internal */
export type AppendFailure = WriteRefusal | Backpressure | RecordTooLarge | InvalidArgument | Aborted;

/** @public */
export type AppendError = AppendFailure & { readonly outcome: AppendOutcome };

/** @public */
export type ReadError =
  | DiskError
  | Closed
  | InvalidArgument
  | Corruption
  | OffsetOutOfRange
  | IncompatibleFormat
  | NotFound
  | Aborted;

/** @public */
export type FlushError = WriteRefusal;
/** @public */
export type CloseError = WriteRefusal;
/** @public */
export type RecoverError = WriteRefusal | Corruption;
/** @public */
export type RetentionError = WriteRefusal | InvalidArgument | OffsetOutOfRange;
/** @public */
export type VerifyError = DiskError | Closed | Aborted | InvalidArgument;
/** @public */
export type WaitError = Failed | Closed | Aborted | ReadOnly | InvalidArgument;
/** @public */
export type ConsumerError = WriteRefusal | InvalidArgument | OffsetOutOfRange;

/** Every error of the library. @public */
export type BrimlogError =
  | OpenError
  | AppendFailure
  | ReadError
  | FlushError
  | RecoverError
  | RetentionError
  | VerifyError
  | WaitError
  | ConsumerError;

/** The facts of a failed call, in the shape errors carry them. @internal */
export function systemCallFacts(failure: IoFailure): SystemCallFacts {
  const facts = { errno: failure.errno, code: failure.code, operation: failure.operation, path: failure.path };
  return failure.position === null ? facts : { ...facts, position: failure.position };
}

/** @internal */
export function invalidArgument(argument: string, message: string): InvalidArgument {
  return { kind: 'invalid-argument', argument, message: `${argument}: ${message}` };
}

/** @internal */
export function closedError(): Closed {
  return { kind: 'closed', message: 'the log is closed' };
}

/** @internal */
export function abortedError(): Aborted {
  return { kind: 'aborted', message: 'the signal was aborted' };
}

/** @internal */
export function readOnlyError(): ReadOnly {
  return { kind: 'read-only', message: 'a reader writes nothing: open the log with MessageLog.open to write' };
}

/** @internal */
export function offsetOutOfRange(offset: Offset, logStartOffset: Offset, highWatermark: Offset): OffsetOutOfRange {
  return {
    kind: 'offset-out-of-range',
    offset,
    logStartOffset,
    highWatermark,
    message: `offset ${String(offset)} is outside the readable range ${String(logStartOffset)} … ${String(highWatermark)}`,
  };
}
