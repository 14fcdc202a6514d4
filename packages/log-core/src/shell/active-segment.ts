/**
 * The segment that takes appends: its file, and how far its blocks were written ahead. The end of the segment is
 * not the file's size; zeros behind the end are no damage. Only one caller writes at a time (the lane).
 */
import { err, type Result, ok } from 'neverthrow';
import { lastNonZero } from '../codec/zeros.js';
import { doingOfSyncedWrite, type Doing } from '../decide/failure-policy.js';
import type { RegionMode } from '../decide/region-mode.js';
import type { IoFailure } from '../model/io-failure.js';
import { MIB, type ByteCount, type Milliseconds, type Offset, type Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { step, type FailedStep, type LogContext, type Step } from './context.js';
import { findDataEnd } from './data-end.js';
import { SegmentIndex } from './segment-index.js';
import { byteLengthOf, wholeOrRest, writeWhole, writeWithExtra } from './write-whole.js';

/** What blocks ahead are made of, at most so many at once, and what refused bytes are overwritten by. */
const ZEROS = new Uint8Array(MIB);

/** @internal */
export class ActiveSegment {
  readonly #ctx: LogContext;
  readonly baseOffset: Offset;
  readonly path: string;
  readonly #handle: FileHandle;
  #dsync: FileHandle | null = null;
  /** The sync that goes on beside writes; what it answers counts for every sync and cut behind it. */
  #beside: Step<void> | null = null;
  /** Why that one failed, or has not answered: the file is never synced again, or not before it has, and well. */
  #besideFailed: FailedStep | null = null;
  /** End of the blocks that are in the file already, so that writing there allocates nothing. */
  blocksEnd: Position;
  /** End of the zeros that were last written into the page cache, for a region to come. */
  #zerosEnd: Position = 0;
  /** These, on their way: nothing is written or cut before they are there, for they would overwrite or undo it. */
  #zeros: Promise<void> | null = null;
  /** Why these did not answer in time; null once they have. */
  #zerosStalled: IoFailure | null = null;
  /** The disk refused zeros ahead: no room is taken for granted in this file any more. */
  refusedZeros = false;
  readonly index: SegmentIndex;
  /** When its first record since this opening came; null before. */
  firstAppendAt: Milliseconds | null = null;

  constructor(ctx: LogContext, baseOffset: Offset, handle: FileHandle, path: string, blocksEnd: Position, index: SegmentIndex | null) {
    this.#ctx = ctx;
    this.baseOffset = baseOffset;
    this.path = path;
    this.#handle = handle;
    this.blocksEnd = blocksEnd;
    this.index = index ?? new SegmentIndex(baseOffset, ctx.settings.indexIntervalBytes);
  }

  /**
   * Writes one region, and makes it durable where the mode says so. `zerosAhead` zero bytes are written behind it for
   * the next ones, beside it where it is written and synced in one call; it does not matter whether there is room for them.
   */
  async write(buffers: readonly Uint8Array[], position: Position, mode: RegionMode, zerosAhead: ByteCount): Step<void> {
    const clear = await this.#zerosThere('append-write');
    if (clear.isErr()) return clear;
    this.#ctx.counters.writes += 1;
    const dsync = mode === 'dsync' ? (this.#dsync ?? (await this.#openDsync())) : null;
    if (dsync !== null) {
      this.#ctx.counters.syncs += 1;
      const writing = dsync.write(buffers, position);
      if (zerosAhead > 0) this.#ctx.background.run(this.#writeZerosBeside(writing, position + byteLengthOf(buffers), zerosAhead));
      const written = await wholeOrRest(writing, dsync, buffers, position);
      if (written.isErr()) return err({ doing: doingOfSyncedWrite(written.error.symbol), failure: written.error });
      this.blocksEnd = Math.max(this.blocksEnd, position + written.value);
      return DONE;
    }
    const zeros = zerosAhead === 0 ? [] : [ZEROS.subarray(0, zerosAhead)];
    const written = await writeWithExtra(this.#handle, buffers, position, zeros);
    if (written.isErr()) return err({ doing: 'append-write', failure: written.error });
    const synced = mode === 'write' ? DONE : await this.sync();
    if (synced.isOk()) this.blocksEnd = Math.max(this.blocksEnd, position + written.value);
    return synced;
  }

  /** Makes everything written durable. After a failure the file is never synced again. */
  async sync(): Step<void> {
    const before = await this.#besideEnded();
    return before.isErr() ? before : this.#syncNow();
  }

  /** Makes what is written by now durable, while more may be written; not while another one is under way. */
  syncBeside(): Step<void> {
    this.#beside = this.#syncNow().then((synced) => {
      this.#beside = null;
      if (synced.isErr()) this.#noteFailedBeside(synced.error);
      return synced;
    });
    return this.#beside;
  }

  get isSyncingBeside(): boolean {
    return this.#beside !== null;
  }

  /**
   * Cuts the file back to `end` and makes that durable: only then can nothing behind it ever appear. Of the batches
   * that were `refused` there, what is in the file is first overwritten by zeros, as durably: whoever gets its blocks next may be
   * shown what is in them after a power cut.
   */
  async cut(end: Position, refused: readonly Uint8Array[] = []): Step<void> {
    const before = await this.#besideEnded();
    if (before.isErr()) return before;
    const clear = await this.#zerosThere('cut');
    if (clear.isErr()) return clear;
    this.blocksEnd = end;
    this.#zerosEnd = end;
    const wiped = await this.#wipe(end, refused);
    if (wiped.isErr()) return wiped;
    const truncated = await step('cut', this.#handle.truncate(end));
    if (truncated.isErr()) return truncated;
    return step('cut', this.#handle.sync());
  }

  /** Overwrites what was written of the batches by zeros, durably. Less than the first of them can never pass for a batch: it is left. */
  async #wipe(from: Position, [first, ...others]: readonly Uint8Array[]): Step<void> {
    if (first === undefined) return DONE;
    const found = await step('cut', findDataEnd(this.#handle, from, from + first.byteLength + byteLengthOf(others)));
    if (found.isErr()) return err(found.error);
    // Zeros that a batch ends in look the same whether they were written or not.
    if (found.value <= from + lastNonZero(first, 0, first.byteLength)) return DONE;
    const wiped = await step('cut', writeWhole(this.#handle, zerosOf(found.value - from), from));
    return wiped.isErr() ? wiped : step('cut', this.#handle.sync());
  }

  /** Gives back what lies behind `end`, if anything does; not synced, for nothing hangs on it. */
  async trim(end: Position): Promise<Result<void, FailedStep>> {
    const clear = await this.#zerosThere('cut');
    if (clear.isErr() || Math.max(this.blocksEnd, this.#zerosEnd) <= end) return clear;
    const trimmed = await step('cut', this.#handle.truncate(end));
    if (trimmed.isErr()) return trimmed;
    this.blocksEnd = end;
    this.#zerosEnd = end;
    return trimmed;
  }

  async close(): Promise<void> {
    const dsync = this.#dsync;
    this.#dsync = null;
    if (dsync !== null) await this.#ctx.pool.close(dsync);
    await this.#ctx.pool.close(this.#handle);
  }

  #syncNow(): Step<void> {
    this.#ctx.counters.syncs += 1;
    return step('append-sync', this.#handle.sync());
  }

  #noteFailedBeside(failed: FailedStep): void {
    this.#besideFailed = failed;
    const late = this.#ctx.deadline.lateAnswer(failed.failure);
    if (late === null) return;
    this.#ctx.background.later(
      late.then((answer) => {
        this.#besideFailed = answer.isOk() ? null : { doing: failed.doing, failure: answer.error };
      }),
    );
  }

  async #besideEnded(): Step<void> {
    if (this.#beside !== null) return this.#beside;
    return this.#besideFailed === null ? DONE : err(this.#besideFailed);
  }

  /**
   * Writes zeros into the page cache behind the region that is on its way. Both need the file for themselves, and the
   * region is to have it first: a call that does not need it gives it the start. Where the region is done by then, there is
   * no time to be won any more.
   */
  async #writeZerosBeside(region: Promise<unknown>, from: Position, bytes: ByteCount): Promise<void> {
    const way = { isOver: false };
    const arrive = (): void => {
      way.isOver = true;
    };
    region.then(arrive, arrive);
    const started = await this.#handle.stat();
    if (started.isErr() || way.isOver) return;
    const start = Math.max(from, this.#zerosEnd);
    this.#zerosEnd = Math.max(from + bytes, this.#zerosEnd);
    this.#zeros = writeWhole(this.#handle, zerosOf(this.#zerosEnd - start), start).then((written) => {
      this.#zeros = null;
      if (written.isErr()) this.#noteRefusedZeros(written.error);
    });
  }

  #noteRefusedZeros(failure: IoFailure): void {
    this.refusedZeros = true;
    const late = this.#ctx.deadline.lateAnswer(failure);
    if (late === null) return;
    this.#zerosStalled = failure;
    this.#ctx.background.later(
      late.then(() => {
        this.#zerosStalled = null;
      }),
    );
  }

  /** No zeros are on their way any more. */
  async #zerosThere(doing: Doing): Step<void> {
    if (this.#zeros !== null) await this.#zeros;
    return this.#zerosStalled === null ? DONE : err({ doing, failure: this.#zerosStalled });
  }

  /** Opened when first needed; without one (no descriptor left) the region is written, then synced. */
  async #openDsync(): Promise<FileHandle | null> {
    const opened = await this.#ctx.pool.openOwn(this.path, 'dsync');
    if (opened.isOk()) this.#dsync = opened.value;
    return this.#dsync;
  }
}

const DONE: Result<void, never> = ok(undefined);

function zerosOf(bytes: ByteCount): Uint8Array[] {
  const zeros: Uint8Array[] = [];
  for (let left = bytes; left > 0; left -= ZEROS.byteLength) zeros.push(ZEROS.subarray(0, left));
  return zeros;
}

/** Opens the last segment for appending at `end`: what lies behind it is cut first, durably. @internal */
export async function continueSegment(
  ctx: LogContext,
  segment: { readonly baseOffset: Offset; readonly path: string },
  end: Position,
  index: SegmentIndex,
): Promise<Result<ActiveSegment, FailedStep>> {
  const opened = await step('make-segment', ctx.pool.openOwn(segment.path, 'write'));
  if (opened.isErr()) return err(opened.error);
  const active = new ActiveSegment(ctx, segment.baseOffset, opened.value, segment.path, end, index);
  const facts = await step('make-segment', opened.value.stat());
  const ready = facts.isErr() ? err(facts.error) : facts.value.bytes > end ? await active.cut(end) : ok(undefined);
  if (ready.isOk()) return ok(active);
  await active.close();
  return err(ready.error);
}
