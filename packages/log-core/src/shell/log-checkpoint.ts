/**
 * What a log's checkpoint says and when it is written: the recovery point off the append path, the clean mark durably
 * cleared before the first byte and set by closing, the log start offset before anything is deleted.
 */
import { ok, type Result } from 'neverthrow';
import type { IoFailure } from '../model/io-failure.js';
import { MIB, type ByteCount, type Offset } from '../model/units.js';
import type { CheckpointFields, CheckpointFile } from './checkpoint-file.js';
import { warn, type LogContext, type Step } from './context.js';
import { lastSegment, lowestSegment, type Segment } from './snapshot.js';
import type { SnapshotCell } from './snapshot-cell.js';

/** The recovery point in the checkpoint lags at most so far behind, and an opening reads from there on. */
const EVERY_BYTES = 8 * MIB;

/** @internal */
export class LogCheckpoint {
  readonly #ctx: LogContext;
  readonly #file: CheckpointFile;
  readonly #cell: SnapshotCell;
  readonly #tag: number;
  #bytesSince = 0;

  constructor(ctx: LogContext, file: CheckpointFile, cell: SnapshotCell, tag: number) {
    this.#ctx = ctx;
    this.#file = file;
    this.#cell = cell;
    this.#tag = tag;
  }

  get isClean(): boolean {
    return this.#file.current?.clean === true && this.#file.holdsCurrent;
  }

  /** Whether the checkpoint tells of the log start as it is by now. */
  get tellsLogStart(): boolean {
    return (this.#file.current?.logStartOffset ?? 0) >= this.#cell.current.logStartOffset;
  }

  /** The log start offset that the checkpoint holds. */
  get savedLogStart(): Offset {
    return this.#file.isDurable ? (this.#file.current?.logStartOffset ?? 0) : 0;
  }

  /** Makes a new log start offset durable. */
  saveLogStart(logStartOffset: Offset): Promise<Result<void, IoFailure>> {
    return this.#file.write((current) => this.#fields(current?.clean ?? false, logStartOffset));
  }

  /** Whether the clean mark is durably gone. */
  get isCleanMarkCleared(): boolean {
    return this.#file.current?.clean === false && this.#file.isNamed;
  }

  /** The clean mark is durably gone before the first byte after opening. */
  async clearCleanMark(): Step<void> {
    if (this.isCleanMarkCleared) return ok(undefined);
    const cleared = await this.#file.writeNamed(() => this.#fields(false));
    return cleared.mapErr((failure) => ({ doing: 'make-segment', failure }));
  }

  async markClean(): Step<void> {
    const saved = await this.#file.write(() => this.#fields(true));
    return saved.mapErr((failure) => ({ doing: 'side-file', failure }));
  }

  /** Counts what was appended, and writes the recovery point when it lags too far behind. */
  noteAppended(bytes: ByteCount): void {
    this.#bytesSince += bytes;
    if (this.#bytesSince < EVERY_BYTES) return;
    this.#bytesSince = 0;
    this.#ctx.background.run(this.save('noting the recovery point'));
  }

  /** Writes what is true now; a failure is a warning, for a checkpoint that lags is still right. */
  async save(during: string): Promise<void> {
    this.#bytesSince = 0;
    const saved = await this.#file.write(() => this.#fields(false));
    if (saved.isErr()) warn(this.#ctx, during, saved.error);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** A log start that was saved and is not published yet counts: a deletion is between the two. */
  #fields(clean: boolean, newLogStart = 0): CheckpointFields {
    const snapshot = this.#cell.current;
    const logStartOffset = Math.max(newLogStart, snapshot.logStartOffset, this.#file.current?.logStartOffset ?? 0);
    return {
      logStartOffset,
      lowestSegment: lowestSegment(snapshot.segments, logStartOffset),
      recoveryPoint: snapshot.recoveryPoint.offset,
      recoveryPointSegment: snapshot.recoveryPoint.segment,
      recoveryPointPosition: snapshot.recoveryPoint.position,
      highestSegment: this.#highestProven(lastSegment(snapshot)),
      clean,
      endPosition: snapshot.endPosition,
      tag: this.#tag,
    };
  }

  /** A segment that opening found and could not re-home may have its name in the page cache only: it is not told of. */
  #highestProven({ baseOffset, sealed }: Segment): Offset {
    return sealed === null ? baseOffset : Math.min(baseOffset, this.#file.current?.highestSegment ?? 0);
  }
}
