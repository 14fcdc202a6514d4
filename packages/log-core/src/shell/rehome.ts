/**
 * Re-homing: copying acknowledged records that are not proven durable out of the file they are in, every batch
 * checked on the way, to become a new segment. A checked read proves nothing of the platter: only the copy's
 * sync does.
 */
import { err, ok, type Result } from 'neverthrow';
import { checkBatch } from '../codec/check-batch.js';
import type { IoFailure } from '../model/io-failure.js';
import { GIB, MIB, type ByteCount, type Offset, type Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import type { ActiveSegment } from './active-segment.js';
import { pathIn, step, type FailedStep, type LogContext } from './context.js';
import { segmentName } from '../decide/file-names.js';
import { ReadWindow } from './read-window.js';
import { emptyIndex, makeSegmentFrom } from './segment-maker.js';
import type { LogPoint } from './snapshot.js';
import type { Spare } from './spare.js';

/** What lies unproven in a file, from one batch's begin to another's end. @internal */
export interface UnprovenRange {
  readonly from: LogPoint;
  readonly toOffset: Offset;
  readonly toPosition: Position;
  /** Every batch was read and checked by this opening: one that fails now is a fault of reading, not the end. */
  readonly checked?: boolean;
  /** False where the file's name may be in the page cache only. */
  readonly nameProven?: boolean;
}

/** @internal */
export interface Rehomed {
  readonly active: ActiveSegment;
  readonly bytes: ByteCount;
  /** Below `range.toOffset` where a batch could not be read back any more. */
  readonly toOffset: Offset;
}

/** Copies the range into the segment named for its first offset. @internal */
export async function rehome(ctx: LogContext, spare: Spare, range: UnprovenRange): Promise<Result<Rehomed, FailedStep>> {
  const opened = await step('read', ctx.pool.openOwn(pathIn(ctx.dir, segmentName(range.from.segment)), 'read'));
  if (opened.isErr()) return err(opened.error);
  const index = emptyIndex(ctx, range.from.offset);
  const copy = new RangeCopy(ctx, opened.value, range, index);
  const made = await makeSegmentFrom(ctx, range.from.offset, spare, () => copy.next(), index);
  await ctx.pool.close(opened.value);
  if (made.isOk() && range.from.segment < range.from.offset) await giveBlocksBack(ctx, range);
  return made.map((active) => ({ active, bytes: copy.copiedBytes, toOffset: copy.offset }));
}

/**
 * The new segment's name ends the old file: what lies behind is never served, and takes no space where it can be cut.
 * Not synced, for nothing hangs on it.
 */
async function giveBlocksBack(ctx: LogContext, { from }: UnprovenRange): Promise<void> {
  const opened = await ctx.pool.openOwn(pathIn(ctx.dir, segmentName(from.segment)), 'write');
  if (opened.isErr()) return;
  await opened.value.truncate(from.position).then(() => undefined);
  await ctx.pool.close(opened.value);
}

class RangeCopy {
  readonly #ctx: LogContext;
  readonly #handle: FileHandle;
  readonly #range: UnprovenRange;
  readonly #index: ReturnType<typeof emptyIndex>;
  readonly #window = new ReadWindow(true);
  offset: Offset;
  #position: Position;
  copiedBytes: ByteCount = 0;

  constructor(ctx: LogContext, handle: FileHandle, range: UnprovenRange, index: ReturnType<typeof emptyIndex>) {
    this.#ctx = ctx;
    this.#handle = handle;
    this.#range = range;
    this.#index = index;
    this.offset = range.from.offset;
    this.#position = range.from.position;
  }

  /** The next stretch of whole, checked batches; null at the end of the range or of what can be read. */
  async next(): Promise<Result<Uint8Array | null, FailedStep>> {
    const left = this.#range.toPosition - this.#position;
    if (left <= 0) return ok(null);
    let need = Math.min(left, MIB);
    for (;;) {
      const filled = await step('read', this.#window.fill(this.#handle, this.#position, need, need));
      if (filled.isErr()) return err(filled.error);
      const whole = this.#wholeBatches();
      if (whole.bytes > 0) return ok(this.#window.bytes.subarray(0, whole.bytes));
      if (whole.needBytes === null || whole.needBytes > left || whole.needBytes <= need) {
        if (this.#range.checked === true) return err({ doing: 'read', failure: this.#changed() });
        return ok(null);
      }
      need = whole.needBytes;
    }
  }

  #changed(): IoFailure {
    const { path } = this.#handle;
    const message = `${path} reads otherwise than a moment ago at ${String(this.#position)}`;
    return { symbol: 'io', errno: 0, code: 'CHANGED', operation: 'read', path, position: this.#position, message };
  }

  /** Counts the valid batches at the window's begin, and notes them. */
  #wholeBatches(): { readonly bytes: ByteCount; readonly needBytes: ByteCount | null } {
    const { bytes } = this.#window;
    const end = this.#window.end - this.#window.start;
    let at = 0;
    for (;;) {
      const verdict = this.offset >= this.#range.toOffset ? null : checkBatch(bytes, at, end, this.offset, GIB, this.#ctx.crc32c);
      if (verdict?.kind !== 'valid') {
        this.#position += at;
        return { bytes: at, needBytes: verdict?.kind === 'incomplete' ? verdict.needBytes : null };
      }
      const { header } = verdict;
      const lastOffset = this.offset + header.lastOffsetDelta;
      this.#index.addBatch(lastOffset, this.copiedBytes, header.batchBytes, header.maxTimestamp);
      this.offset = lastOffset + 1;
      this.copiedBytes += header.batchBytes;
      at += header.batchBytes;
    }
  }
}
