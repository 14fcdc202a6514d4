/**
 * What is in memory of a segment that is read forward, and, once reading goes on and on, the stretch behind it, which is
 * read meanwhile. INVARIANT: at most one read ahead is under way; it begins where the last whole batch in memory ends, and
 * its handle goes back when it answers, wanted or not.
 */
import { err, type Result } from 'neverthrow';
import { batchBytesAt, BATCH_HEADER_BYTES } from '../codec/batch-header.js';
import type { IoFailure } from '../model/io-failure.js';
import { KIB, MIB, type ByteCount, type Position } from '../model/units.js';
import type { Borrowed } from './handle-pool.js';
import { ReadWindow } from './read-window.js';
import type { Segment } from './snapshot.js';

/**
 * How the bytes are used: `once` for a single read, `forward` for reading on, `checked` for bytes that are never handed
 * out, so that their memory is used again. @internal
 */
export type ReadingManner = 'once' | 'forward' | 'checked';

type Borrow = (segment: Segment) => Promise<Result<Borrowed, IoFailure>>;

/** First reads are small, for a lone record; sequential ones grow. */
const BYTES_FIRST = 64 * KIB;
const BYTES_MAX = MIB;

interface Ahead {
  readonly segment: Segment;
  readonly position: Position;
  readonly window: ReadWindow;
  readonly read: Promise<Result<void, IoFailure>>;
}

/** @internal */
export class ForwardWindow {
  readonly #borrow: Borrow;
  readonly #manner: ReadingManner;
  #window: ReadWindow;
  #spare: ReadWindow | null = null;
  #ahead: Ahead | null = null;
  #prefer = BYTES_FIRST;

  constructor(borrow: Borrow, manner: ReadingManner) {
    this.#borrow = borrow;
    this.#manner = manner;
    this.#window = new ReadWindow(manner === 'checked');
  }

  get bytes(): Uint8Array {
    return this.#window.bytes;
  }

  /** Position in the file of the first byte in memory. */
  get start(): Position {
    return this.#window.start;
  }

  /** Position behind the last byte in memory. */
  get end(): Position {
    return this.#window.end;
  }

  /** Forgets what is in memory: another segment is read from now on. */
  clear(): void {
    this.#window.clear();
    this.#ahead = null;
  }

  /** Reads at `position`, just now, at least `need` bytes and more where `left` says that there are. */
  async fill(segment: Segment, position: Position, need: ByteCount, left: ByteCount): Promise<Result<void, IoFailure>> {
    this.#ahead = null;
    const filled = await this.#read(this.#window, segment, position, need, Math.min(this.#prefer, left));
    this.#prefer = Math.min(BYTES_MAX, this.#prefer * 4);
    if (filled.isOk()) this.#readAhead(segment, position, left);
    return filled;
  }

  /** Goes on with what was read ahead at `position`; whether there was any. It may have been read a while ago. */
  async goOn(segment: Segment, position: Position, left: ByteCount): Promise<boolean> {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (ahead?.segment.fileId !== segment.fileId || ahead.position !== position) return false;
    const read = await ahead.read;
    if (read.isErr()) return false;
    this.#spare = this.#window;
    this.#window = ahead.window;
    this.#readAhead(segment, position, left);
    return true;
  }

  /** `left` bytes of the segment are known to be written from `position`, where the window begins. */
  #readAhead(segment: Segment, position: Position, left: ByteCount): void {
    if (this.#manner === 'once' || this.#prefer < BYTES_MAX) return;
    const next = this.#endOfWholeBatches();
    const rest = position + left - next;
    if (rest <= 0 || next === this.#window.start) return;
    const window = this.#spare ?? new ReadWindow(this.#manner === 'checked');
    this.#spare = null;
    this.#ahead = { segment, position: next, window, read: this.#read(window, segment, next, Math.min(rest, BATCH_HEADER_BYTES), Math.min(BYTES_MAX, rest)) };
  }

  async #read(window: ReadWindow, segment: Segment, position: Position, need: ByteCount, prefer: ByteCount): Promise<Result<void, IoFailure>> {
    const borrowed = await this.#borrow(segment);
    if (borrowed.isErr()) return err(borrowed.error);
    const filled = await window.fill(borrowed.value.handle, position, need, prefer);
    borrowed.value.release();
    return filled;
  }

  /** By their lengths alone: bytes that are none are found out when they are checked. */
  #endOfWholeBatches(): Position {
    const { bytes, start, end } = this.#window;
    const length = end - start;
    let at = 0;
    for (;;) {
      const batchBytes = length - at < BATCH_HEADER_BYTES ? 0 : batchBytesAt(bytes, at);
      if (batchBytes < BATCH_HEADER_BYTES || at + batchBytes > length) return start + at;
      at += batchBytes;
    }
  }
}
