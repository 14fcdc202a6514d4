/**
 * Reading forward, batch by batch, every one checked before it is handed out: length, magic, checksum, and that its
 * offset is the next one. Damage is answered once with where reading may go on.
 * INVARIANT: no batch is handed out twice, none out of order, none at or above the limit, none with a hole before it.
 */
import { err, ok, type Result } from 'neverthrow';
import { BATCH_HEADER_BYTES, type BatchHeader } from '../codec/batch-header.js';
import { checkBatch } from '../codec/check-batch.js';
import type { Crc32c } from '../codec/crc32c.js';
import { diskError } from '../decide/failure-policy.js';
import { offsetOutOfRange, type Corruption, type ReadError } from '../model/errors.js';
import type { IoFailure } from '../model/io-failure.js';
import { GIB, KIB, type ByteCount, type Offset, type Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { ForwardWindow, type ReadingManner } from './forward-window.js';
import type { Borrowed } from './handle-pool.js';
import type { StartingPoint } from './index-cache.js';
import { findNextBatch } from './scan-segment.js';
import { segmentAt, type LogSnapshot, type Segment } from './snapshot.js';

/** What a cursor reads from: a log of this process or of another one. @internal */
export interface ReadSource {
  readonly snapshot: () => LogSnapshot;
  readonly borrow: (segment: Segment) => Promise<Result<Borrowed, IoFailure>>;
  readonly locate: (segment: Segment, offset: Offset) => Promise<Result<StartingPoint, IoFailure>>;
  /** Looks at the directory again, where another process changes it; nothing to do for a log of this process. */
  readonly reload: () => Promise<void>;
  readonly distrustIndex: (segment: Segment) => void;
  readonly tag: number;
  readonly crc32c: Crc32c;
  readonly countRead: (bytes: ByteCount) => void;
}

/** A checked batch. @internal */
export interface CursorBatch {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly header: BatchHeader;
  readonly nextOffset: Offset;
  /** Where it is. */
  readonly file: string;
  readonly position: Position;
}

/** What a read takes where it is not known how much there is. */
const UNKNOWN_LEFT_BYTES = 64 * KIB;

/** @internal */
export class BatchCursor {
  readonly #source: ReadSource;
  readonly #window: ForwardWindow;
  #offset: Offset;
  #segment: Segment | null = null;
  #position: Position = 0;
  /** Base offset the batch at `position` must have; null where only the index says what is there. */
  #expected: Offset | null = null;
  /** What the index promised of the batch at `position`. */
  #promised: Offset | null = null;

  /** Bytes read in the manner `checked` are good until the next call; all others are never reused. */
  constructor(source: ReadSource, from: Offset, manner: ReadingManner) {
    this.#source = source;
    this.#offset = from;
    this.#window = new ForwardWindow(source.borrow, manner);
  }

  /** The offset that comes next. */
  get offset(): Offset {
    return this.#offset;
  }

  /** A batch that is in memory already, without a promise; null where `next` has to be asked. */
  nextInMemory(limit: Offset): CursorBatch | null {
    if (this.#segment === null || this.#expected !== this.#offset || this.#offset >= limit) return null;
    const snapshot = this.#source.snapshot();
    if (this.#offset < snapshot.logStartOffset || this.#enters(snapshot)) return null;
    const verdict = this.#check();
    return verdict.kind === 'valid' ? this.#take(verdict.header) : null;
  }

  /** The batch that holds the next offset; null at the limit. */
  async next(limit: Offset): Promise<Result<CursorBatch | null, ReadError>> {
    for (;;) {
      if (this.#offset >= limit) return ok(null);
      const snapshot = this.#source.snapshot();
      if (this.#offset < snapshot.logStartOffset) {
        return err(offsetOutOfRange(this.#offset, snapshot.logStartOffset, snapshot.highWatermark));
      }
      const entering = this.#enters(snapshot);
      if (entering !== null) {
        const located = await this.#enter(entering);
        if (located.isErr()) {
          await this.#source.reload();
          if (this.#changedUnderneath(snapshot)) continue;
          return err(diskError('read', located.error));
        }
      }
      const read = await this.#readOne(snapshot);
      if (read.isErr()) {
        await this.#source.reload();
        if (this.#changedUnderneath(snapshot)) continue;
        return err(read.error);
      }
      if (read.value !== null) return ok(read.value);
    }
  }

  /** The segment to go to, null where the cursor is in the right one. */
  #enters(snapshot: LogSnapshot): Segment | null {
    const segment = segmentOf(snapshot, this.#offset);
    return this.#segment?.fileId === segment.fileId ? null : segment;
  }

  async #enter(segment: Segment): Promise<Result<void, IoFailure>> {
    const located = await this.#source.locate(segment, this.#offset);
    if (located.isErr()) return err(located.error);
    this.#segment = segment;
    this.#window.clear();
    this.#position = located.value.position;
    this.#promised = located.value.lastOffset;
    this.#expected = located.value.lastOffset === null ? segment.baseOffset : null;
    return ok(undefined);
  }

  /** Checks the batch at the position; null when it was only passed by. */
  async #readOne(snapshot: LogSnapshot): Promise<Result<CursorBatch | null, ReadError>> {
    let verdict = this.#check();
    if (verdict.kind !== 'valid' && (await this.#window.goOn(this.#segment as Segment, this.#position, this.#bytesLeft()))) verdict = this.#check();
    // What is in memory may have been read before it was written: only bytes read just now count as damage.
    for (let need = 0; verdict.kind !== 'valid'; ) {
      const wanted: ByteCount = verdict.kind === 'incomplete' ? Math.max(verdict.needBytes, BATCH_HEADER_BYTES) : BATCH_HEADER_BYTES;
      if (wanted <= need) break;
      need = wanted;
      const filled = await this.#window.fill(this.#segment as Segment, this.#position, need, this.#bytesLeft());
      if (filled.isErr()) return err(diskError('read', filled.error));
      verdict = this.#check();
    }
    if (verdict.kind === 'valid' && this.#keepsPromise(verdict.header)) return ok(this.#take(verdict.header));
    if (this.#expected === null) {
      this.#restartSegment();
      return ok(null);
    }
    return this.#damaged(snapshot, verdict.kind === 'invalid' ? verdict.rule : 'cut-short');
  }

  #check(): ReturnType<typeof checkBatch> {
    const at = this.#position - this.#window.start;
    const end = this.#window.end - this.#window.start;
    if (at < 0 || at + BATCH_HEADER_BYTES > end) return { kind: 'incomplete', needBytes: BATCH_HEADER_BYTES };
    const verdict = checkBatch(this.#window.bytes, at, end, this.#expected, GIB, this.#source.crc32c);
    return verdict.kind === 'valid' && this.#reachesBeyond(verdict.header) ? { kind: 'invalid', rule: 'base-offset' } : verdict;
  }

  /** Whether it holds offsets that are the next segment's: then it is none of this log's. */
  #reachesBeyond({ baseOffset, lastOffsetDelta }: BatchHeader): boolean {
    const sealed = this.#segment?.sealed ?? null;
    return sealed !== null && baseOffset + lastOffsetDelta >= sealed.nextOffset;
  }

  /** Whether the batch is where the index said, and inside the segment. */
  #keepsPromise(header: BatchHeader): boolean {
    if (this.#promised === null) return true;
    const kept = header.baseOffset + header.lastOffsetDelta === this.#promised && header.baseOffset >= (this.#segment?.baseOffset ?? 0);
    this.#promised = null;
    return kept;
  }

  /** The index led astray: from the segment's begin every batch is checked against the one before. */
  #restartSegment(): void {
    const segment = this.#segment as Segment;
    this.#source.distrustIndex(segment);
    this.#position = 0;
    this.#promised = null;
    this.#expected = segment.baseOffset;
  }

  #take(header: BatchHeader): CursorBatch | null {
    const at = this.#position - this.#window.start;
    const nextOffset = header.baseOffset + header.lastOffsetDelta + 1;
    this.#position += header.batchBytes;
    this.#expected = nextOffset;
    if (nextOffset <= this.#offset) return null;
    this.#offset = nextOffset;
    this.#source.countRead(header.batchBytes);
    return { bytes: this.#window.bytes, at, header, nextOffset, file: this.#segment?.path ?? '', position: this.#position - header.batchBytes };
  }

  /** Bytes of the segment from the position on, as far as is known: a follower at the end needs no large window. */
  #bytesLeft(): ByteCount {
    const left = (this.#segment?.sealed?.endPosition ?? this.#source.snapshot().endPosition) - this.#position;
    // Rolled meanwhile: the end that is known now is another segment's.
    return left > 0 ? left : UNKNOWN_LEFT_BYTES;
  }

  /** Damage before, or at, the wanted offset: goes on behind it, or says where that is. */
  async #damaged(snapshot: LogSnapshot, rule: string): Promise<Result<null, ReadError>> {
    const segment = this.#segment as Segment;
    const from = this.#expected as Offset;
    const bound = upperBound(snapshot, segment);
    const borrowed = await this.#source.borrow(segment);
    if (borrowed.isErr()) return err(diskError('read', borrowed.error));
    const found = await this.#search(borrowed.value.handle, from, bound);
    borrowed.value.release();
    if (found.isErr()) return err(diskError('read', found.error));
    const nextOffset = found.value?.header.baseOffset ?? bound;
    if (nextOffset > this.#offset) return err(corruption(segment, this.#position, from, nextOffset, rule));
    this.#position = found.value?.position ?? this.#position;
    this.#expected = nextOffset;
    return ok(null);
  }

  async #search(
    handle: FileHandle,
    from: Offset,
    bound: Offset,
  ): Promise<Result<{ readonly position: Position; readonly header: BatchHeader } | null, IoFailure>> {
    const facts = await handle.stat();
    if (facts.isErr()) return err(facts.error);
    const request = { handle, fileBytes: facts.value.bytes, crc32c: this.#source.crc32c };
    return findNextBatch(request, this.#position + 1, { min: from + 1, max: bound }, this.#source.tag);
  }

  /** Whether the log changed so that what was read does not count: a segment deleted, or another file in its place. */
  #changedUnderneath(before: LogSnapshot): boolean {
    const now = this.#source.snapshot();
    const changed = segmentOf(now, this.#offset).fileId !== segmentOf(before, this.#offset).fileId || this.#offset < now.logStartOffset;
    if (changed) this.#segment = null;
    return changed;
  }
}

function segmentOf({ segments }: LogSnapshot, offset: Offset): Segment {
  return segments[segmentAt(segments, offset)] as Segment;
}

/** The first offset that cannot be in this segment. */
function upperBound(snapshot: LogSnapshot, segment: Segment): Offset {
  const at = snapshot.segments.findIndex((other) => other.fileId === segment.fileId);
  return snapshot.segments[at + 1]?.baseOffset ?? segment.sealed?.nextOffset ?? snapshot.logEndOffset;
}

function corruption(segment: Segment, position: Position, fromOffset: Offset, nextOffset: Offset, rule: string): Corruption {
  return {
    kind: 'corruption',
    file: segment.path,
    position,
    fromOffset,
    nextOffset,
    rule,
    message: `${segment.path} is damaged at ${String(position)} (${rule}): offsets ${String(fromOffset)} … ${String(nextOffset - 1)} cannot be read`,
  };
}
