/**
 * A record batch in the making: records are encoded into its buffer as they come, and the header, which needs
 * to know them all, is put in front at the end. `batch-header.ts` shows the bytes.
 *
 * INVARIANT: an append is all or nothing; after any answer but `appended` the builder is as it was before.
 * INVARIANT: nothing of the user's is kept, nothing of the user's runs while bytes are written, nothing throws.
 */
import type { RecordInput } from '../model/record.js';
import type { ByteCount, Offset, Timestamp } from '../model/units.js';
import { BATCH_HEADER_BYTES, CHECKSUM_FROM, writeBatchCrc, writeBatchHeader } from './batch-header.js';
import { captureRecords, type CapturedRecord } from './capture-records.js';
import type { Crc32c } from './crc32c.js';
import { BYTES_CHANGED, bodyBytes, recordBytes, writeRecord } from './encode-record.js';
import { rebuildWithout } from './rebuild-records.js';

/** Small at first, because most logs are quiet and there is one buffer or more for each. */
const FIRST_BUFFER_BYTES = 16 * 1024;

/** So many batches in a row must leave three quarters of the buffer unused before it is halved: a burst is no reason. */
const ROOMY_RUN = 256;

/**
 * What became of an append to a batch. `full`: it does not fit beside what is there, but would fit an empty batch.
 * `too-large`: it does not fit even an empty one, which would have to hold `bytes`, header included. @internal
 */
export type AppendToBatch =
  | {
      readonly kind: 'appended';
      /** Offset of the first of them less the batch's base offset. */
      readonly firstDelta: number;
      readonly count: number;
      /** By how much the batch grew. */
      readonly bytes: ByteCount;
      /** The last record's. */
      readonly timestamp: Timestamp;
    }
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
   * `now` (0 … 2^53 − 1) is the timestamp of those that have none.
   */
  tryAppend(records: RecordInput | readonly RecordInput[], now: Timestamp): AppendToBatch {
    try {
      const captured = captureRecords(records, now);
      return typeof captured === 'string' ? invalid(captured) : this.#append(captured);
    } catch {
      // A getter, a proxy, or no memory for a larger buffer. What was thrown may itself throw when looked at.
      return invalid('the record could not be read: a property of it throws');
    }
  }

  #append(captured: readonly CapturedRecord[]): AppendToBatch {
    const first = captured[0]!;
    const firstDelta = this.#recordsCount;
    const baseTimestamp = firstDelta === 0 ? first.timestamp : this.#baseTimestamp;
    const bytes = measureRecords(captured, firstDelta, baseTimestamp);
    if (bytes > this.#bytesMax - this.#end) {
      const bytesAlone = BATCH_HEADER_BYTES + measureRecords(captured, 0, first.timestamp);
      return bytesAlone > this.#bytesMax ? { kind: 'too-large', bytes: bytesAlone } : FULL;
    }
    this.#makeRoom(this.#end + bytes);

    let at: number = this.#end;
    let timestamp = baseTimestamp;
    let maxTimestamp = this.#maxTimestamp;
    for (let index = 0; index < captured.length; index++) {
      const record = captured[index]!;
      timestamp = record.timestamp;
      if (timestamp > maxTimestamp) maxTimestamp = timestamp;
      at = writeRecord(this.#buffer, at, record, timestamp - baseTimestamp, firstDelta + index);
      if (at === BYTES_CHANGED) return invalid('the bytes of a record changed their length while it was appended');
    }

    this.#undoEnd = this.#end;
    this.#undoRecordsCount = firstDelta;
    this.#undoMaxTimestamp = this.#maxTimestamp;
    this.#end = at;
    this.#recordsCount += captured.length;
    this.#baseTimestamp = baseTimestamp;
    this.#maxTimestamp = maxTimestamp;
    return { kind: 'appended', firstDelta, count: captured.length, bytes, timestamp };
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
    this.#giveBack();
    this.#end = BATCH_HEADER_BYTES;
    this.#recordsCount = 0;
    this.#maxTimestamp = -1;
    this.#undoRecordsCount = NOTHING_TO_UNDO;
  }

  #giveBack(): void {
    const bytes = this.#buffer.length;
    const isRoomy = bytes > FIRST_BUFFER_BYTES && this.#end <= bytes / 4;
    this.#roomyRun = isRoomy ? this.#roomyRun + 1 : 0;
    if (this.#roomyRun < ROOMY_RUN) return;
    this.#roomyRun = 0;
    this.#buffer = new Uint8Array(Math.max(FIRST_BUFFER_BYTES, bytes >>> 1));
  }

  #makeRoom(end: ByteCount): void {
    if (end <= this.#buffer.length) return;
    let bytes = this.#buffer.length;
    while (bytes < end) bytes *= 2;
    const larger = new Uint8Array(Math.min(bytes, this.#bytesMax));
    larger.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = larger;
  }
}

function measureRecords(captured: readonly CapturedRecord[], firstDelta: number, baseTimestamp: Timestamp): ByteCount {
  let bytes = 0;
  for (let index = 0; index < captured.length; index++) {
    const { timestamp, fieldsBytes } = captured[index]!;
    bytes += recordBytes(bodyBytes(timestamp - baseTimestamp, firstDelta + index, fieldsBytes));
  }
  return bytes;
}
