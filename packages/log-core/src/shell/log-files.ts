/**
 * The log's files and the snapshot that tells of them. Every change happens here, under the lane, and the snapshot
 * is swapped only after the I/O behind it succeeded: a failure before leaves the old one in force.
 * INVARIANT: the predecessor is synced to its end before a new segment gets its name.
 */
import { err, ok } from 'neverthrow';
import { segmentName } from '../decide/file-names.js';
import type { ByteCount, Offset } from '../model/units.js';
import { continueSegment, type ActiveSegment } from './active-segment.js';
import type { CheckpointFile } from './checkpoint-file.js';
import { pathIn, type LogContext, type Step } from './context.js';
import { writeIndexFiles } from './index-files.js';
import type { LockToken } from './lock-scope.js';
import { LogCheckpoint } from './log-checkpoint.js';
import type { EncodedBatch, NextBatch, Region } from './region.js';
import { rehome, type UnprovenRange } from './rehome.js';
import type { SegmentIndex } from './segment-index.js';
import { makeSegment } from './segment-maker.js';
import type { SegmentTableFile } from './segment-table-file.js';
import { lastSegment, rehomedSnapshot, rolledSnapshot, sealLast, sumSealedBytes, type LogSnapshot, type Segment } from './snapshot.js';
import type { SnapshotCell } from './snapshot-cell.js';
import type { Spare } from './spare.js';
import { WriteRules } from './write-rules.js';

type Lane = LockToken<'lane'>;

/** What opening found, for the files to go on from. @internal */
export interface FilesStart {
  readonly checkpoint: CheckpointFile;
  readonly table: SegmentTableFile;
  readonly spare: Spare;
  readonly cell: SnapshotCell;
  readonly tag: number;
  /** The segment that re-homing made and opened, if it did. */
  readonly active: ActiveSegment | null;
  /** The last segment's index where it is to be continued in place; null where it must not be. */
  readonly continueWith: SegmentIndex | null;
  /** What could not be re-homed while opening. */
  readonly unproven: UnprovenRange | null;
  readonly nextFileId: number;
}

/** @internal */
export class LogFiles {
  readonly #ctx: LogContext;
  readonly #cell: SnapshotCell;
  readonly checkpoint: LogCheckpoint;
  readonly #table: SegmentTableFile;
  readonly spare: Spare;
  readonly rules: WriteRules;
  readonly tag: number;
  #active: ActiveSegment | null;
  #continueWith: SegmentIndex | null;
  #unproven: UnprovenRange | null;
  #nextFileId: number;

  constructor(ctx: LogContext, start: FilesStart) {
    this.#ctx = ctx;
    this.#cell = start.cell;
    this.checkpoint = new LogCheckpoint(ctx, start.checkpoint, start.cell, start.tag);
    this.#table = start.table;
    this.spare = start.spare;
    this.rules = new WriteRules(ctx, start.spare);
    this.tag = start.tag;
    this.#active = start.active;
    this.#continueWith = start.continueWith;
    this.#unproven = start.unproven;
    this.#nextFileId = start.nextFileId;
  }

  get snapshot(): LogSnapshot {
    return this.#cell.current;
  }

  /** The active segment's index; null where no file is open for appending. */
  get liveIndex(): SegmentIndex | null {
    return this.#active?.index ?? this.#continueWith;
  }

  get unproven(): UnprovenRange | null {
    return this.#unproven;
  }

  /** Whether the last segment's name may be in the page cache only: a power cut may leave the one before it as the last. */
  get isLastNameUnproven(): boolean {
    return this.#unproven?.nameProven === false;
  }

  /** Blocks of the active segment beyond its records. */
  get blocksAhead(): ByteCount {
    return Math.max(0, (this.#active?.blocksEnd ?? 0) - this.snapshot.endPosition);
  }

  /** Room in the active segment before it rolls. */
  get roomBytes(): ByteCount {
    return Math.max(0, this.rules.segmentBytes - this.snapshot.endPosition);
  }

  /** The active segment where it takes a batch of this size as it is; null where `prepare` has something to do first. */
  ready(next: NextBatch): ActiveSegment | null {
    const isReady = this.#active !== null && this.#unproven === null && this.checkpoint.isCleanMarkCleared && this.rules.rollReason(this.#active, this.snapshot, next) === null;
    return isReady ? this.#active : null;
  }

  /** Makes sure there is an active segment that takes a batch of this size: opens, re-homes or rolls first. */
  async prepare(lane: Lane, next: NextBatch): Step<ActiveSegment> {
    const cleared = await this.checkpoint.clearCleanMark();
    if (cleared.isErr()) return err(cleared.error);
    if (this.#unproven !== null) {
      const rehomed = await this.rehomeUnproven(lane);
      if (rehomed.isErr()) return err(rehomed.error);
    }
    if (this.#active === null && this.#continueWith !== null) {
      const { snapshot } = this;
      const continued = await continueSegment(this.#ctx, lastSegment(snapshot), snapshot.endPosition, this.#continueWith);
      if (continued.isErr()) return err(continued.error);
      this.#active = continued.value;
      this.#continueWith = null;
    }
    if (this.rules.rollReason(this.#active, this.snapshot, next) !== null) return this.roll(lane);
    return ok(this.#active as ActiveSegment);
  }

  /** Seals the active segment, where there is one, and starts another at the log end. */
  async roll(lane: Lane): Step<ActiveSegment> {
    const flushed = await this.flush(lane);
    if (flushed.isErr()) return err(flushed.error);
    const baseOffset = this.snapshot.highWatermark;
    const old = this.#active;
    // Bytes behind the end are never served once there is a successor: not giving them back is no harm.
    if (old !== null) await old.trim(this.snapshot.endPosition).then(() => undefined);
    const made = await makeSegment(this.#ctx, baseOffset, this.spare);
    if (made.isErr()) {
      // The new name may be there all the same, and ends the file before it: nothing more goes into that one.
      if (made.error.doing === 'sync-names' || made.error.failure.operation === 'rename') await this.retireActive(lane);
      return err(made.error);
    }
    await this.#switchTo(made.value, baseOffset);
    return made;
  }

  /** Writes one region at the end and publishes it. */
  async commit(_lane: Lane, active: ActiveSegment, region: Region): Step<void> {
    const { snapshot } = this;
    const regionEnd = snapshot.endPosition + region.bytes;
    const { mode, zerosAhead } = this.rules.modeOf(active, snapshot, region);
    active.firstAppendAt ??= this.#ctx.clock.monotonic();
    const buffers = region.batches.map(({ bytes }) => bytes);
    const written = await active.write(buffers, snapshot.endPosition, mode, zerosAhead);
    if (written.isErr()) return written;
    this.#noteBatches(active, region.batches, snapshot.endPosition);
    const { nextOffset } = region;
    // Retention may have swapped in another list of segments meanwhile.
    this.#cell.publish({
      ...this.snapshot,
      highWatermark: nextOffset,
      logEndOffset: nextOffset,
      endPosition: regionEnd,
      recoveryPoint: mode === 'write' ? this.snapshot.recoveryPoint : { offset: nextOffset, segment: active.baseOffset, position: regionEnd },
    });
    this.checkpoint.noteAppended(region.bytes);
    return written;
  }

  /** Makes everything published durable and moves the recovery point. */
  async flush(lane: Lane): Step<void> {
    const { snapshot } = this;
    if (snapshot.recoveryPoint.offset === snapshot.highWatermark) return ok(undefined);
    // The file it is in is never synced again: a copy of it is.
    if (this.#unproven !== null) return (await this.rehomeUnproven(lane)).map(() => undefined);
    if (this.#active === null) return ok(undefined);
    const synced = await this.#active.sync();
    if (synced.isOk()) this.#noteFlushed(this.#active.baseOffset);
    return synced;
  }

  /** Whether enough is written and not flushed to do that beside the next regions. */
  get shouldFlushBeside(): boolean {
    const active = this.#active;
    return active !== null && !active.isSyncingBeside && this.rules.isTimeToFlush(active, this.snapshot);
  }

  /** Makes what is published by now durable, without the lane: regions are written meanwhile. */
  async flushBeside(): Step<void> {
    const active = this.#active;
    if (active === null) return ok(undefined);
    const { highWatermark, endPosition } = this.snapshot;
    const synced = await active.syncBeside();
    const isNews = synced.isOk() && this.#active === active && this.snapshot.recoveryPoint.offset < highWatermark;
    if (isNews) {
      this.#cell.publish({ ...this.snapshot, recoveryPoint: { offset: highWatermark, segment: active.baseOffset, position: endPosition } });
    }
    return synced;
  }

  /**
   * Cuts what a failed region may have left behind the end, durably: what was published before it is flushed with that. After it
   * nothing of `refused` can appear, not out of old blocks either; null where nobody is to be told so.
   */
  async cutBack(_lane: Lane, refused: Region | null): Step<void> {
    if (this.#active === null) return ok(undefined);
    const toWipe = refused === null || !this.rules.overwritesInPlace ? [] : refused.batches;
    const cut = await this.#active.cut(this.snapshot.endPosition, toWipe.map(({ bytes }) => bytes));
    if (cut.isOk()) this.#noteFlushed(this.#active.baseOffset);
    return cut;
  }

  /** No byte goes into the active file any more; the next append goes into a new segment. */
  async retireActive(_lane: Lane): Promise<void> {
    const active = this.#active;
    this.#continueWith = null;
    if (active === null) return;
    const { snapshot } = this;
    this.#active = null;
    if (snapshot.recoveryPoint.offset < snapshot.highWatermark) {
      this.#unproven = { from: snapshot.recoveryPoint, toOffset: snapshot.highWatermark, toPosition: snapshot.endPosition };
    }
    this.#cell.publish(sealLast(snapshot, maxTimestampOf(active)));
    await active.close();
  }

  /** Tells that records may be in the file that nobody was told of: the log end moves, the high watermark does not. */
  noteUnknown(records: number): void {
    this.#cell.publish({ ...this.snapshot, logEndOffset: this.snapshot.highWatermark + records });
  }

  /** Copies what is unproven into a segment of its own. Answers where it ends, or nothing to do. */
  async rehomeUnproven(_lane: Lane): Step<{ readonly fromOffset: Offset; readonly toOffset: Offset } | null> {
    const range = this.#unproven;
    if (range === null) return ok(null);
    const rehomed = await rehome(this.#ctx, this.spare, range);
    if (rehomed.isErr()) return err(rehomed.error);
    const { active, toOffset, bytes } = rehomed.value;
    this.#unproven = null;
    this.#active = active;
    this.#cell.publish(rehomedSnapshot(this.snapshot, range, this.#newSegment(active.baseOffset), { toOffset, bytes }));
    await this.checkpoint.save('re-homing');
    return ok({ fromOffset: range.from.offset, toOffset });
  }

  /**
   * Flushes, cuts the active segment to its end and marks the log clean. Does nothing where nothing was written
   * since a clean opening, nor a log start left to be saved. Answers what could not be done.
   */
  async finish(lane: Lane): Step<void> {
    const isFinished = this.#active === null && this.checkpoint.isClean && this.checkpoint.tellsLogStart;
    return isFinished ? ok(undefined) : this.#finishWritten(lane);
  }

  /** Gives back every handle of the log's files. */
  async closeHandles(): Promise<void> {
    const active = this.#active;
    this.#active = null;
    if (active !== null) await active.close();
    await this.checkpoint.close();
  }

  /** Swaps in what retention took away. */
  publishWithout(paths: ReadonlySet<string>, logStartOffset: Offset): void {
    const { snapshot } = this;
    const segments = snapshot.segments.filter((segment) => !paths.has(segment.path));
    this.#cell.publish({ ...snapshot, segments, sealedBytes: sumSealedBytes(segments), logStartOffset: Math.max(snapshot.logStartOffset, logStartOffset) });
  }

  async #finishWritten(lane: Lane): Step<void> {
    if (this.#unproven !== null) {
      const rehomed = await this.rehomeUnproven(lane);
      if (rehomed.isErr()) return err(rehomed.error);
    }
    const flushed = await this.flush(lane);
    if (flushed.isErr()) return flushed;
    const active = this.#active;
    if (active !== null) {
      const cut = await active.cut(this.snapshot.endPosition);
      if (cut.isErr()) return cut;
      if (active.index.coveredFrom === 0) await this.#ctx.indexWriting.run(() => writeIndexFiles(this.#ctx, active.index));
    } else if (this.#continueWith !== null) {
      // Opened after an unclean stop and never written to: zeros or a torn write may lie behind the end.
      const continued = await continueSegment(this.#ctx, lastSegment(this.snapshot), this.snapshot.endPosition, this.#continueWith);
      if (continued.isErr()) return err(continued.error);
      // What an earlier process cut off may be gone from the cache alone.
      const synced = await continued.value.sync();
      await continued.value.close();
      if (synced.isErr()) return synced;
    } else {
      // The last file is not to be cut: without the clean mark the next opening looks at it again.
      return ok(undefined);
    }
    await this.#table.compact(this.snapshot.segments);
    return this.checkpoint.markClean();
  }

  /** The active file was synced: everything published is durable. */
  #noteFlushed(segment: Offset): void {
    const { highWatermark, endPosition, recoveryPoint } = this.snapshot;
    if (recoveryPoint.offset === highWatermark) return;
    this.#cell.publish({ ...this.snapshot, recoveryPoint: { offset: highWatermark, segment, position: endPosition } });
  }

  #noteBatches(active: ActiveSegment, batches: readonly EncodedBatch[], from: number): void {
    let position = from;
    const { counters } = this.#ctx;
    for (const { bytes, baseOffset, recordsCount, maxTimestamp } of batches) {
      active.index.addBatch(baseOffset + recordsCount - 1, position, bytes.byteLength, maxTimestamp);
      position += bytes.byteLength;
      counters.appendedRecords += recordsCount;
    }
    counters.appendedBatches += batches.length;
    counters.appendedBytes += position - from;
  }

  async #switchTo(active: ActiveSegment, baseOffset: Offset): Promise<void> {
    const old = this.#active;
    const next = rolledSnapshot(this.snapshot, this.#newSegment(baseOffset), old === null ? null : maxTimestampOf(old));
    this.#active = active;
    this.#continueWith = null;
    this.#cell.publish(next);
    this.#ctx.counters.rolls += 1;
    if (old !== null) await this.#retire(old, next.segments[next.segments.length - 2]);
    await this.checkpoint.save('rolling');
    this.#ctx.events.emit('roll', { baseOffset });
  }

  async #retire(old: ActiveSegment, sealed: Segment | undefined): Promise<void> {
    await old.close();
    if (sealed !== undefined) await this.#table.append(sealed);
    if (old.index.coveredFrom === 0) this.#ctx.background.run(this.#ctx.indexWriting.run(() => writeIndexFiles(this.#ctx, old.index)));
  }

  #newSegment(baseOffset: Offset): Segment {
    this.#nextFileId += 1;
    return { baseOffset, fileId: this.#nextFileId, path: pathIn(this.#ctx.dir, segmentName(baseOffset)), sealed: null };
  }
}

/** The newest timestamp where the whole segment is known; its file's age bounds it otherwise. */
function maxTimestampOf(active: ActiveSegment): number | null {
  return active.index.coveredFrom === 0 ? active.index.maxTimestamp : null;
}
