/**
 * The sparse index of one segment, in memory: some offsets → positions, and the largest timestamp so far. It is
 * never the truth: a lookup only says where to start reading, and what is read there is checked.
 * The arrays grow by doubling; a 128 MiB segment takes about 0.4 MB.
 */
import type { ByteCount, Offset, Position, Timestamp } from '../model/units.js';

/** @internal */
export interface OffsetEntry {
  readonly relativeOffset: number;
  readonly position: Position;
}

/** @internal */
export interface TimeEntry {
  readonly timestamp: Timestamp;
  readonly relativeOffset: number;
}

/** @internal */
export class SegmentIndex {
  readonly baseOffset: Offset;
  readonly #intervalBytes: ByteCount;
  #relative = new Uint32Array(64);
  #positions = new Uint32Array(64);
  #count = 0;
  #times: TimeEntry[] = [];
  #bytesSinceEntry = 0;
  #maxTimestamp: Timestamp = -1;
  /** Last offset of the batch that first reached `maxTimestamp`, relative. */
  #maxTimestampAt = 0;
  /** Positions below this one are not covered: the index was begun in the middle of the segment. */
  readonly coveredFrom: Position;

  constructor(baseOffset: Offset, intervalBytes: ByteCount, coveredFrom: Position = 0) {
    this.baseOffset = baseOffset;
    this.#intervalBytes = intervalBytes;
    this.coveredFrom = coveredFrom;
  }

  get maxTimestamp(): Timestamp | null {
    return this.#maxTimestamp < 0 ? null : this.#maxTimestamp;
  }

  /** Notes a batch that was appended, in order. */
  addBatch(lastOffset: Offset, position: Position, bytes: ByteCount, maxTimestamp: Timestamp): void {
    const relativeOffset = lastOffset - this.baseOffset;
    if (maxTimestamp > this.#maxTimestamp) {
      this.#maxTimestamp = maxTimestamp;
      this.#maxTimestampAt = relativeOffset;
    }
    if (this.#bytesSinceEntry > this.#intervalBytes && position > 0) {
      this.addEntry({ relativeOffset, position });
      this.#noteTime();
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += bytes;
  }

  /** Adds one entry as read from an index file; entries come in order. */
  addEntry(entry: OffsetEntry): void {
    if (this.#count === this.#relative.length) {
      this.#relative = doubled(this.#relative);
      this.#positions = doubled(this.#positions);
    }
    this.#relative[this.#count] = entry.relativeOffset;
    this.#positions[this.#count] = entry.position;
    this.#count += 1;
  }

  /** The greatest entry whose offset is not above `offset`; null where the segment's start is the place. */
  lookup(offset: Offset): { readonly lastOffset: Offset; readonly position: Position } | null {
    const target = offset - this.baseOffset;
    let low = -1;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#relative[middle] as number) <= target) low = middle;
      else high = middle - 1;
    }
    if (low < 0) return null;
    return { lastOffset: this.baseOffset + (this.#relative[low] as number), position: this.#positions[low] as number };
  }

  /** Takes over what `later`, begun where this one ends, has noted since. */
  continueWith(later: SegmentIndex): void {
    for (const entry of later.offsetEntries()) this.addEntry(entry);
    if (later.#maxTimestamp > this.#maxTimestamp) {
      this.#maxTimestamp = later.#maxTimestamp;
      this.#maxTimestampAt = later.#maxTimestampAt;
      this.#noteTime();
    }
    this.#bytesSinceEntry = later.#bytesSinceEntry;
  }

  offsetEntries(): OffsetEntry[] {
    const entries: OffsetEntry[] = [];
    for (let i = 0; i < this.#count; i += 1) {
      entries.push({ relativeOffset: this.#relative[i] as number, position: this.#positions[i] as number });
    }
    return entries;
  }

  /** The time entries of a sealed segment: those noted on the way, and one for its maximum. */
  timeEntries(): TimeEntry[] {
    this.#noteTime();
    return [...this.#times];
  }

  #noteTime(): void {
    const last = this.#times[this.#times.length - 1];
    if (this.#maxTimestamp < 0 || (last !== undefined && last.timestamp >= this.#maxTimestamp)) return;
    this.#times.push({ timestamp: this.#maxTimestamp, relativeOffset: this.#maxTimestampAt });
  }
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
