/**
 * A record batch in the making: records are encoded into its buffer as they come, and the header, which needs
 * to know them all, is put in front at the end. `batch-header.ts` shows the bytes.
 *
 * INVARIANT: an append is all or nothing; after any answer but `appended` the builder is as it was before.
 * INVARIANT: nothing of the user's is kept, nothing of the user's runs while a record is written, nothing throws.
 */
import type { RecordInput } from '../model/record.js';
import type { ByteCount, Offset, Timestamp } from '../model/units.js';
import { BATCH_HEADER_BYTES, CHECKSUM_FROM, writeBatchCrc, writeBatchHeader } from './batch-header.js';
import { CapturedRecord } from './capture-records.js';
import type { Crc32c } from './crc32c.js';
import { bodyBytes, recordBytes, writeRecord } from './encode-record.js';
import { rebuildWithout } from './rebuild-records.js';

/** Small at first, because most logs are quiet and there is one buffer or more for each. */
const FIRST_BUFFER_BYTES = 16 * 1024;

/** So many batches in a row must leave three quarters of the buffer unused before it is halved: a burst is no reason. */
const ROOMY_RUN = 256;

/** Where the records of one append are in their batch. @internal */
export interface AppendedToBatch {
  readonly kind: 'appended';
  /** Offset of the first of them less the batch's base offset. */
  readonly firstDelta: number;
  readonly count: number;
  /** By how much the batch grew. */
  readonly bytes: ByteCount;
  /** The last record's. */
  readonly timestamp: Timestamp;
}

/**
 * What became of an append to a batch. `full`: it does not fit beside what is there, but would fit an empty batch; or
 * it was asked for by a getter of an append to this very batch. `too-large`: it does not fit even an empty one, which
 * would have to hold `bytes`, header included. @internal
 */
export type AppendToBatch =
  | AppendedToBatch
  | { readonly kind: 'full' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'too-large'; readonly bytes: ByteCount };

const NOTHING_TO_UNDO = -1;
const FULL: AppendToBatch = { kind: 'full' };
function invalid(message: string): AppendToBatch {
  return { kind: 'invalid', message };
}

/** One record batch, filled by `tryAppend`, encoded by `finish`, used again after `reset`. @internal */
export class BatchBuilder {
  readonly #bytesMax: ByteCount;
  #buffer: Uint8Array;
  #end: ByteCount = BATCH_HEADER_BYTES;
  #recordsCount = 0;
  /** What timestamp deltas are taken from: the first record's, after removals possibly an earlier first one's. */
  #baseTimestamp: Timestamp = 0;
  #maxTimestamp = -1;
  /** The state before the last append, so that it can be taken back at no cost. */
  #undoEnd: ByteCount = BATCH_HEADER_BYTES;
  #undoRecordsCount = NOTHING_TO_UNDO;
  #undoMaxTimestamp = -1;
  /** Batches in a row that had no use for the buffer's size. */
  #roomyRun = 0;
  readonly #captured = new CapturedRecord();
  /** A getter of a record that is being appended may append as well: not to this batch. */
  #appending = false;
  readonly #appended = { kind: 'appended' as const, firstDelta: 0, count: 0, bytes: 0, timestamp: 0 };

  /** `bytesMax` bounds the whole batch, header included. */
  constructor(bytesMax: ByteCount) {
    this.#bytesMax = bytesMax;
    this.#buffer = new Uint8Array(Math.max(BATCH_HEADER_BYTES, Math.min(bytesMax, FIRST_BUFFER_BYTES)));
  }

  get recordsCount(): number {
    return this.#recordsCount;
  }

  /** Bytes of the whole batch so far, header included: `BATCH_HEADER_BYTES` when empty. */
  get bytes(): ByteCount {
    return this.#end;
  }

  /** The largest timestamp, −1 when empty. */
  get maxTimestamp(): Timestamp {
    return this.#maxTimestamp;
  }

  /**
   * Encodes the records of one append behind what is there. An array is records; bytes or text are a value.
   * `now` (0 … 2^53 − 1) is the timestamp of those that have none. The answer is good until the next call.
   */
  tryAppend(records: RecordInput | readonly RecordInput[], now: Timestamp): AppendToBatch {
    if (this.#appending) return FULL;
    this.#appending = true;
    try {
      return Array.isArray(records) ? this.appendAll(records, now) : this.appendOne(records, now);
    } catch {
      // A getter, a proxy, or no memory for a larger buffer. What was thrown may itself throw when looked at.
      return invalid('the record could not be read: a property of it throws');
    } finally {
      this.#appending = false;
      this.#captured.clear();
    }
  }

  private appendOne(record: unknown, now: Timestamp): AppendToBatch {
    const wrong = this.#captured.take(record, now);
    if (wrong !== null) return invalid(wrong);
    const { timestamp } = this.#captured;
    const baseTimestamp = this.#recordsCount === 0 ? timestamp : this.#baseTimestamp;
    const end = this.write(this.#end, baseTimestamp, this.#recordsCount);
    if (end > this.#bytesMax) return this.refuse(this.bytesAlone(timestamp, 0));
    return this.keep(end, 1, baseTimestamp, Math.max(this.#maxTimestamp, timestamp));
  }

  private appendAll(records: readonly unknown[], now: Timestamp): AppendToBatch {
    const count = records.length;
    if (count === 0) return invalid('an empty array has no record to append');
    const captured = this.#captured;
    let baseTimestamp = this.#baseTimestamp;
    let maxTimestamp = this.#maxTimestamp;
    let firstTimestamp = 0;
    let end: number = this.#end;
    let bytesAlone = 0;
    for (let index = 0; index < count; index++) {
      const wrong = captured.take(records[index], now);
      if (wrong !== null) return invalid(`[${index}]: ${wrong}`);
      const { timestamp } = captured;
      if (index === 0) {
        firstTimestamp = timestamp;
        if (this.#recordsCount === 0) baseTimestamp = timestamp;
      }
      if (timestamp > maxTimestamp) maxTimestamp = timestamp;
      // In an empty batch the two are the same.
      if (this.#recordsCount > 0) bytesAlone += this.bytesAlone(firstTimestamp, index);
      end = this.write(end, baseTimestamp, this.#recordsCount + index);
    }
    if (end <= this.#bytesMax) return this.keep(end, count, baseTimestamp, maxTimestamp);
    return this.refuse(this.#recordsCount > 0 ? bytesAlone : end - BATCH_HEADER_BYTES);
  }

  /** Writes the captured record at `at` where it fits; answers where it ends, or would end, behind the bound then. */
  private write(at: ByteCount, baseTimestamp: Timestamp, offsetDelta: number): ByteCount {
    const captured = this.#captured;
    const timestampDelta = captured.timestamp - baseTimestamp;
    const body = bodyBytes(timestampDelta, offsetDelta, captured.fieldsBytes);
    const end = at + recordBytes(body);
    if (end > this.#bytesMax) return end;
    if (end > this.#buffer.length) this.makeRoom(at, end);
    return writeRecord(this.#buffer, at, captured, body, timestampDelta, offsetDelta);
  }

  /** What the captured record would take as the `index`th of a batch of its own append. */
  private bytesAlone(firstTimestamp: Timestamp, index: number): ByteCount {
    return recordBytes(bodyBytes(this.#captured.timestamp - firstTimestamp, index, this.#captured.fieldsBytes));
  }

  private refuse(bytesAlone: ByteCount): AppendToBatch {
    const bytes = BATCH_HEADER_BYTES + bytesAlone;
    return bytes > this.#bytesMax ? { kind: 'too-large', bytes } : FULL;
  }

  private keep(end: ByteCount, count: number, baseTimestamp: Timestamp, maxTimestamp: Timestamp): AppendToBatch {
    const appended = this.#appended;
    appended.firstDelta = this.#recordsCount;
    appended.count = count;
    appended.bytes = end - this.#end;
    appended.timestamp = this.#captured.timestamp;
    this.#undoEnd = this.#end;
    this.#undoRecordsCount = this.#recordsCount;
    this.#undoMaxTimestamp = this.#maxTimestamp;
    this.#end = end;
    this.#recordsCount += count;
    this.#baseTimestamp = baseTimestamp;
    this.#maxTimestamp = maxTimestamp;
    return appended;
  }

  /**
   * Takes the records [firstDelta, firstDelta + count) out again; those behind them move up. The batch is then as if
   * they had never been appended, at next to no cost where they were the last append, else by rewriting what is
   * left. (Only where a later base timestamp would make the batch exceed its bound, the former one stays.)
   */
  removeRecords(firstDelta: number, count: number): void {
    if (count <= 0 || firstDelta < 0 || firstDelta + count > this.#recordsCount) return;
    if (firstDelta === this.#undoRecordsCount && firstDelta + count === this.#recordsCount) {
      this.#end = this.#undoEnd;
      this.#recordsCount = firstDelta;
      this.#maxTimestamp = this.#undoMaxTimestamp;
    } else {
      const batch = {
        bytes: this.#buffer,
        batchBytes: this.#end,
        recordsCount: this.#recordsCount,
        baseTimestamp: this.#baseTimestamp,
      };
      const rebuilt = rebuildWithout(batch, firstDelta, count, this.#bytesMax);
      this.#buffer = rebuilt.bytes;
      this.#end = rebuilt.batchBytes;
      this.#recordsCount = rebuilt.recordsCount;
      this.#baseTimestamp = rebuilt.baseTimestamp;
      this.#maxTimestamp = rebuilt.maxTimestamp;
    }
    this.#undoRecordsCount = NOTHING_TO_UNDO;
  }

  /**
   * Puts the header in front: `baseOffset`; `tag` (an i16) and `distance` (an i32 ≥ 0), the in-band durable mark.
   * Answers a view of the internal buffer, good until the next call but `finish`; that may come again with other
   * arguments. At least one record must be there. Source: `docs/format.md`, Record batch.
   */
  finish(baseOffset: Offset, tag: number, distance: number, crc32c: Crc32c): Uint8Array {
    const batch = this.#buffer.subarray(0, this.#end);
    writeBatchHeader(batch, 0, {
      baseOffset,
      batchBytes: this.#end,
      leaderEpoch: 0,
      magic: 2,
      attributes: 0,
      lastOffsetDelta: this.#recordsCount - 1,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
      producerId: -1,
      producerEpoch: tag,
      baseSequence: distance,
      recordsCount: this.#recordsCount,
    });
    writeBatchCrc(batch, 0, crc32c(batch.subarray(CHECKSUM_FROM)));
    return batch;
  }

  /** Empties the batch and keeps the buffer; where that had long been far larger than needed, half of it. */
  reset(): void {
    this.giveBack();
    this.#end = BATCH_HEADER_BYTES;
    this.#recordsCount = 0;
    this.#maxTimestamp = -1;
    this.#undoRecordsCount = NOTHING_TO_UNDO;
  }

  private giveBack(): void {
    const bytes = this.#buffer.length;
    const isRoomy = bytes > FIRST_BUFFER_BYTES && this.#end <= bytes / 4;
    this.#roomyRun = isRoomy ? this.#roomyRun + 1 : 0;
    if (this.#roomyRun < ROOMY_RUN) return;
    this.#roomyRun = 0;
    this.#buffer = new Uint8Array(Math.max(FIRST_BUFFER_BYTES, bytes >>> 1));
  }

  /** Makes the buffer hold `end` bytes, of which the first `used` are kept. */
  private makeRoom(used: ByteCount, end: ByteCount): void {
    let bytes = this.#buffer.length;
    while (bytes < end) bytes *= 2;
    const larger = new Uint8Array(Math.min(bytes, this.#bytesMax));
    larger.set(this.#buffer.subarray(0, used));
    this.#buffer = larger;
  }
}
