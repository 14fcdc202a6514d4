/**
 * Deleting whole segments at the head: the new log start offset is made durable, the segments are unpublished, the
 * files unlinked, the directory synced; no rename, no allocation. Where the checkpoint cannot be written (a full
 * copy-on-write disk) files go one at a time, oldest first, each made durable. A file that cannot be unlinked counts
 * as used and is tried again. Readers that hold it finish in peace.
 */
import { err, ok, type Result } from 'neverthrow';
import { indexName, timeIndexName } from '../decide/file-names.js';
import { planEmergency, planRetention, shouldSealActive, shouldSealForRelief, type DeletionPlan, type RetentionFacts, type RetentionSegment } from '../decide/retention.js';
import type { DeletionResult } from '../model/api.js';
import { closedError, type Closed, type DiskError } from '../model/errors.js';
import type { IoFailure } from '../model/io-failure.js';
import { diskError, pressureOf } from '../decide/failure-policy.js';
import type { ByteCount, Offset, Timestamp } from '../model/units.js';
import { pathIn, unlinkIfThere, warn, type LogContext } from './context.js';
import { findDataEnd } from './data-end.js';
import type { IndexCache } from './index-cache.js';
import type { LogFiles } from './log-files.js';
import { LockScope } from './lock-scope.js';
import { lastSegment, snapshotBytes, type LogSnapshot, type Segment } from './snapshot.js';

/** @internal */
export interface DeleterParts {
  readonly files: LogFiles;
  readonly indexes: IndexCache;
  /** The lowest committed position of all consumers, null without any. */
  readonly slowestConsumer: () => Offset | null;
  /** Told after files went, so that waiting for space can look again. */
  readonly onFreed: () => void;
}

/** A file that is still there. */
interface Leftover {
  readonly baseOffset: Offset;
  readonly nextOffset: Offset;
  readonly bytes: ByteCount;
}

/** @internal */
export class SegmentDeleter {
  readonly #ctx: LogContext;
  readonly #parts: DeleterParts;
  readonly #lock: LockScope<'deletions'>;
  /** By file: where records end that the snapshot only bounds. */
  readonly #measured = new Map<number, ByteCount>();
  /** Files that could not be unlinked, or must not be yet, oldest first; still on disk, so still counted. */
  readonly #leftovers = new Map<string, Leftover>();
  /** Below it every file that this opening removed stays gone. */
  #goneBelow: Offset = 0;
  /** Below it files went in earlier openings, durably or not. */
  readonly #goneBefore: Offset;
  #stopped = false;

  constructor(ctx: LogContext, parts: DeleterParts) {
    this.#ctx = ctx;
    this.#parts = parts;
    this.#goneBefore = parts.files.snapshot.logStartOffset;
    this.#lock = new LockScope('deletions', () => {
      ctx.events.dispatch();
    });
  }

  get leftoverBytes(): ByteCount {
    let bytes = 0;
    for (const leftover of this.#leftovers.values()) bytes += leftover.bytes;
    return bytes;
  }

  get isHeld(): boolean {
    return this.#lock.isHeld;
  }

  /** Lets what is under way come to its end; nothing is deleted from then on. */
  stop(): Promise<void> {
    return this.#lock.run(() => {
      this.#stopped = true;
      return Promise.resolve();
    });
  }

  /** Whether the active segment should be sealed, so that retention can take it. */
  async sealsActive(now: Timestamp): Promise<boolean> {
    return shouldSealActive(await this.#facts(now), this.#ctx.settings.retention);
  }

  /** The same under pressure: whether it must be sealed, so that about `bytesWanted` can be freed. */
  async sealsActiveFor(bytesWanted: ByteCount): Promise<boolean> {
    const { retention, onDiskFull, keepBytesMin, keepMsMin } = this.#ctx.settings;
    const facts = await this.#facts(this.#ctx.clock.now());
    return shouldSealForRelief(facts, retention, onDiskFull, { keepBytesMin, keepMsMin }, bytesWanted);
  }

  /** Deletes what the retention policy lets go at `now`, the moment the run began. */
  runRetention(now: Timestamp): Promise<Result<DeletionResult, DiskError | Closed>> {
    return this.#whileOpen(async () => this.#carryOut(planRetention(await this.#facts(now), this.#ctx.settings.retention)));
  }

  /** Deletes under pressure, as far as `onDiskFull` and the floors allow, until about `bytesWanted` are freed. */
  runEmergency(bytesWanted: ByteCount, why: 'disk-full' | 'quota'): Promise<Result<DeletionResult, DiskError | Closed>> {
    const { retention, onDiskFull, keepBytesMin, keepMsMin } = this.#ctx.settings;
    const now = this.#ctx.clock.now();
    return this.#whileOpen(async () =>
      this.#carryOut(planEmergency(await this.#facts(now), retention, onDiskFull, { keepBytesMin, keepMsMin }, bytesWanted, why)),
    );
  }

  /** Moves the log start offset, which the caller has checked, and deletes what lies wholly below it. */
  deleteBefore(offset: Offset): Promise<Result<DeletionResult, DiskError | Closed>> {
    return this.#whileOpen(async () => {
      await this.#retryLeftovers();
      const { snapshot } = this.#parts.files;
      const sealed = snapshot.segments.filter((segment) => segment.sealed !== null && segment !== lastSegment(snapshot));
      const below = sealed.filter((_, i) => nextBase(snapshot, sealed, i) <= offset);
      const segments = this.#withoutHeld(below, sealed);
      const isStoppedByActive = lastSegment(snapshot).baseOffset < offset || segments.length < below.length;
      const stoppedBy = isStoppedByActive ? 'active-segment' : below.length < sealed.length ? 'offset' : null;
      return this.#remove(segments, Math.max(offset, snapshot.logStartOffset), 'delete-before', stoppedBy);
    });
  }

  /** While the last segment's name is not proven the one before it is held: it may have the only durable copy of its records. */
  #withoutHeld<Kind>(some: readonly Kind[], sealed: readonly Kind[]): readonly Kind[] {
    const held = this.#parts.files.isLastNameUnproven ? sealed[sealed.length - 1] : undefined;
    return held === undefined ? some : some.filter((segment) => segment !== held);
  }

  #whileOpen(work: () => Promise<Result<DeletionResult, DiskError>>): Promise<Result<DeletionResult, DiskError | Closed>> {
    return this.#lock.run(async (): Promise<Result<DeletionResult, DiskError | Closed>> => (this.#stopped ? err(closedError()) : work()));
  }

  async #carryOut(plan: DeletionPlan): Promise<Result<DeletionResult, DiskError>> {
    await this.#retryLeftovers();
    const bases = new Set(plan.segments.map((segment) => segment.baseOffset));
    const { snapshot } = this.#parts.files;
    const segments = snapshot.segments.filter((segment) => bases.has(segment.baseOffset));
    const last = plan.segments[plan.segments.length - 1];
    return this.#remove(segments, Math.max(last?.nextOffset ?? 0, snapshot.logStartOffset), plan.reason, plan.stoppedBy);
  }

  async #remove(
    segments: readonly Segment[],
    logStartOffset: Offset,
    reason: DeletionResult['reason'],
    stoppedBy: DeletionResult['stoppedBy'],
  ): Promise<Result<DeletionResult, DiskError>> {
    const { files } = this.#parts;
    const fromOffset = files.snapshot.logStartOffset;
    // A log start that could not be saved before is saved now that somebody asks for it again.
    const isSaved = reason !== 'delete-before' || logStartOffset <= files.checkpoint.savedLogStart;
    if (segments.length === 0 && logStartOffset === fromOffset && isSaved) {
      return ok({ segments: 0, fromOffset, toOffset: fromOffset, bytes: 0, reason: null, stoppedBy });
    }
    const saved = await files.checkpoint.saveLogStart(logStartOffset);
    if (saved.isErr()) {
      const first = segments[0];
      // What lies below these, and is there or may be back, would end in a hole.
      const mustStay = first === undefined || this.#leftovers.size > 0 || this.#mayComeBack(first.baseOffset, saved.error);
      if (mustStay) return err(diskError('side-file', saved.error));
    }
    files.publishWithout(new Set(segments.map((segment) => segment.path)), logStartOffset);
    const removed = await this.#unlinkAll(segments, saved.isErr());
    const result: DeletionResult = {
      segments: removed.count,
      fromOffset,
      toOffset: logStartOffset,
      bytes: removed.bytes,
      reason,
      stoppedBy: removed.failed === null ? stoppedBy : 'io',
    };
    this.#ctx.counters.deletedSegments += removed.count;
    this.#ctx.counters.deletedBytes += removed.bytes;
    this.#ctx.events.emit('delete', result);
    if (removed.failed !== null) warn(this.#ctx, 'deleting a segment', removed.failed);
    if (removed.count > 0) this.#parts.onFreed();
    return ok(result);
  }

  async #unlinkAll(
    segments: readonly Segment[],
    oneAtATime: boolean,
  ): Promise<{ readonly count: number; readonly bytes: ByteCount; readonly failed: IoFailure | null }> {
    let count = 0;
    let bytes = 0;
    let failed: IoFailure | null = null;
    for (const segment of segments) {
      const size = segment.sealed?.endPosition ?? 0;
      const nextOffset = segment.sealed?.nextOffset ?? segment.baseOffset;
      const gone: Result<void, IoFailure> = oneAtATime && failed !== null ? err(failed) : await this.#unlinkOne(segment.path, segment.baseOffset);
      if (gone.isErr()) {
        failed ??= gone.error;
        this.#leftovers.set(segment.path, { baseOffset: segment.baseOffset, nextOffset, bytes: size });
        continue;
      }
      count += 1;
      bytes += size;
      if (oneAtATime) failed ??= await this.#syncGone(nextOffset);
    }
    if (!oneAtATime && count > 0) failed ??= errorOf(await this.#ctx.directory.sync());
    return { count, bytes, failed };
  }

  /**
   * Whether files below `offset` that went are back after a power cut for all that is known to be durable; `unsaved` is why
   * the log start is not. Of what earlier openings removed nothing is known: on a full disk it is taken for gone, for else
   * nothing could ever be removed there.
   */
  #mayComeBack(offset: Offset, unsaved: IoFailure): boolean {
    const goneBefore = pressureOf(unsaved.symbol) === null ? 0 : this.#goneBefore;
    return offset > Math.max(this.#goneBelow, this.#parts.files.checkpoint.savedLogStart, goneBefore);
  }

  /** Makes it durable that the files below `offset` are gone. A failure is answered, and never made good by another sync. */
  async #syncGone(offset: Offset): Promise<IoFailure | null> {
    const failed = errorOf(await this.#ctx.directory.sync());
    if (failed === null) this.#goneBelow = offset;
    return failed;
  }

  async #unlinkOne(path: string, baseOffset: Offset): Promise<Result<void, IoFailure>> {
    this.#ctx.pool.invalidate(path);
    this.#parts.indexes.forget(path);
    const gone = await unlinkIfThere(this.#ctx, path);
    if (gone.isErr()) return gone;
    // The records are gone; an index without its segment is removed at the next opening if it stays.
    await unlinkIfThere(this.#ctx, pathIn(this.#ctx.dir, indexName(baseOffset))).then(() => undefined);
    await unlinkIfThere(this.#ctx, pathIn(this.#ctx.dir, timeIndexName(baseOffset))).then(() => undefined);
    return gone;
  }

  async #retryLeftovers(): Promise<void> {
    const before = this.#leftovers.size;
    if (before === 0) return;
    const { checkpoint, snapshot } = this.#parts.files;
    const saved = checkpoint.savedLogStart >= snapshot.logStartOffset ? ok(undefined) : await checkpoint.saveLogStart(snapshot.logStartOffset);
    for (const [path, { baseOffset, nextOffset }] of [...this.#leftovers]) {
      if (saved.isErr() && this.#mayComeBack(baseOffset, saved.error)) break;
      const gone = await unlinkIfThere(this.#ctx, path);
      if (gone.isOk()) this.#leftovers.delete(path);
      else if (saved.isErr()) break;
      if (saved.isErr()) await this.#syncGone(nextOffset);
    }
    if (this.#leftovers.size < before) this.#parts.onFreed();
  }

  async #facts(now: Timestamp): Promise<RetentionFacts> {
    const { snapshot } = this.#parts.files;
    const last = lastSegment(snapshot);
    const { retention, keepMsMin } = this.#ctx.settings;
    // Ages cost a look at every file.
    const needsAges = retention.ms !== null || keepMsMin > 0;
    const sealedSegments = snapshot.segments.filter((segment) => segment.sealed !== null && segment !== last);
    const sealed: RetentionSegment[] = [];
    for (const [i, segment] of sealedSegments.entries()) {
      sealed.push({
        baseOffset: segment.baseOffset,
        nextOffset: nextBase(snapshot, sealedSegments, i),
        bytes: await this.#bytesOf(segment),
        newestAt: needsAges ? await this.#newestAt(segment) : 0,
      });
    }
    for (const fileId of [...this.#measured.keys()]) if (!sealedSegments.some((segment) => segment.fileId === fileId)) this.#measured.delete(fileId);
    const bytes = last.sealed === null ? snapshotBytes(snapshot) - snapshot.sealedBytes : last.sealed.endPosition;
    const newestAt = needsAges && bytes > 0 ? await this.#newestAt(last) : null;
    const slowestConsumer = this.#parts.slowestConsumer();
    const active = { bytes, nextOffset: snapshot.highWatermark, newestAt };
    return { sealed: this.#withoutHeld(sealed, sealed), active, now, slowestConsumer, logStartOffset: snapshot.logStartOffset };
  }

  /** Bytes of a sealed segment's records: blocks ahead must not make a policy let go what it keeps. */
  async #bytesOf({ fileId, path, sealed }: Segment): Promise<ByteCount> {
    const bytes = sealed?.endPosition ?? 0;
    if (sealed?.isBound !== true) return bytes;
    const known = this.#measured.get(fileId);
    if (known !== undefined) return known;
    const borrowed = await this.#ctx.pool.borrow(path);
    if (borrowed.isErr()) return 0;
    const measured = await findDataEnd(borrowed.value.handle, 0, bytes);
    borrowed.value.release();
    if (measured.isOk()) this.#measured.set(fileId, measured.value);
    return measured.unwrapOr(0);
  }

  /** Newest record's timestamp, at most the file's own: a date in the future keeps nothing for ever. */
  async #newestAt(segment: Segment): Promise<number> {
    const live = this.#parts.files.liveIndex;
    const known = segment.sealed === null && live?.baseOffset === segment.baseOffset ? live.maxTimestamp : segment.sealed?.maxTimestamp;
    const facts = await this.#ctx.fs.stat(segment.path);
    const modifiedAt = facts.isOk() ? facts.value.modifiedAt : this.#ctx.clock.now();
    return Math.min(known ?? modifiedAt, modifiedAt);
  }
}

/** A segment's records end where its successor's base offset begins. */
function nextBase(snapshot: LogSnapshot, segments: readonly Segment[], i: number): Offset {
  return segments[i + 1]?.baseOffset ?? lastSegment(snapshot).baseOffset;
}

function errorOf(result: Result<void, IoFailure>): IoFailure | null {
  return result.isErr() ? result.error : null;
}
