/**
 * The records of a batch whose checksum was checked, each decoded when the iteration comes to it. Decodes whatever
 * Kafka may have written, also what the profile refuses: gaps, control records, the broker's append time.
 *
 * INVARIANT: never throws. A record that is not well formed ends the iteration before it.
 * INVARIANT: nothing is copied: key, value and header values are views of the bytes given, which must not be used again.
 * A record is a plain object of one shape (getters that make the views later were measured: they are slower as soon as
 * key and value are read, and a record then neither compares, prints nor spreads as what it is).
 */
import { err, ok, type Result } from 'neverthrow';
import type { Header, LogRecord } from '../model/record.js';
import type { Offset, Position, Timestamp } from '../model/units.js';
import { ATTRIBUTE, type BatchHeader } from './batch-header.js';
import { RecordCursor } from './record-cursor.js';
import { readUtf8 } from './utf8.js';
import { VarintCursor } from './varint.js';

/** Shared by all records that have none: most. */
const NO_HEADERS: readonly Header[] = Object.freeze([]);

/** A view of [at, at + count), a plain Uint8Array whatever `bytes` is; null where the count is negative. */
function viewOf(bytes: Uint8Array, at: Position, count: number): Uint8Array | null {
  return count < 0 ? null : new Uint8Array(bytes.buffer, bytes.byteOffset + at, count);
}

/** The headers of a record that its cursor found to be well formed. */
function decodeHeaders(bytes: Uint8Array, at: Position, count: number): readonly Header[] {
  const fields = new VarintCursor(bytes, at, bytes.length);
  const headers: Header[] = [];
  for (let index = 0; index < count; index++) {
    const nameBytes = fields.varint();
    const nameAt = fields.at;
    fields.skip(nameBytes);
    const valueBytes = fields.varint();
    const valueAt = fields.at;
    fields.skip(valueBytes);
    headers.push([readUtf8(bytes, nameAt, nameAt + nameBytes), viewOf(bytes, valueAt, valueBytes)]);
  }
  return headers;
}

class RecordIterator implements IterableIterator<LogRecord> {
  readonly #bytes: Uint8Array;
  /** Asked for once: a getter of the platform's is dearer than a view. */
  readonly #buffer: ArrayBufferLike;
  readonly #byteOffset: number;
  readonly #cursor: RecordCursor;
  readonly #baseOffset: Offset;
  readonly #baseTimestamp: Timestamp;
  /** Every record's timestamp where the broker gave it (LogAppendTime). */
  readonly #appendTime: Timestamp | null;
  readonly #fromDelta: number;
  #left: number;

  constructor(bytes: Uint8Array, at: Position, header: BatchHeader, fromOffset: Offset) {
    this.#bytes = bytes;
    this.#buffer = bytes.buffer;
    this.#byteOffset = bytes.byteOffset;
    this.#cursor = new RecordCursor(bytes, at, header);
    this.#baseOffset = header.baseOffset;
    this.#baseTimestamp = header.baseTimestamp;
    this.#appendTime = (header.attributes & ATTRIBUTE.logAppendTime) === 0 ? null : header.maxTimestamp;
    this.#fromDelta = fromOffset - header.baseOffset;
    this.#left = isCompressed(header) ? 0 : header.recordsCount;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<LogRecord, undefined> {
    const cursor = this.#cursor;
    while (this.#left > 0 && cursor.next()) {
      this.#left -= 1;
      if (cursor.offsetDelta < this.#fromDelta) continue;
      return { done: false, value: this.#decode(cursor) };
    }
    this.#left = 0;
    return { done: true, value: undefined };
  }

  #decode(cursor: RecordCursor): LogRecord {
    const { keyBytes, valueBytes } = cursor;
    return {
      offset: this.#baseOffset + cursor.offsetDelta,
      timestamp: this.#appendTime ?? this.#baseTimestamp + cursor.timestampDelta,
      key: keyBytes < 0 ? null : new Uint8Array(this.#buffer, this.#byteOffset + cursor.keyAt, keyBytes),
      value: valueBytes < 0 ? null : new Uint8Array(this.#buffer, this.#byteOffset + cursor.valueAt, valueBytes),
      headers: cursor.headersCount === 0 ? NO_HEADERS : decodeHeaders(this.#bytes, cursor.headersAt, cursor.headersCount),
    };
  }
}

/** Are the records of this batch one compressed stream? Then nothing here can decode them. @internal */
export function isCompressed(header: BatchHeader): boolean {
  return (header.attributes & ATTRIBUTE.codec) !== 0;
}

/**
 * The records of the batch at `at` that `header` was decoded from, from `fromOffset` on; may be iterated more than
 * once. Offsets are as stored, gaps included; with LogAppendTime every timestamp is `maxTimestamp`. A compressed
 * batch has none, see `isCompressed`. A malformed record ends the iteration: `checkRecords` tells. @internal
 */
export function decodeRecords(bytes: Uint8Array, at: Position, header: BatchHeader, fromOffset: Offset): Iterable<LogRecord> {
  return { [Symbol.iterator]: () => new RecordIterator(bytes, at, header, fromOffset) };
}

/** A batch whose records cannot be had. @internal */
export interface MalformedRecords {
  readonly kind: 'malformed';
  readonly message: string;
}

/**
 * All records of a batch, or `malformed` where one of them cannot be decoded, they do not fill the batch, or it is
 * compressed. For tests and `verify`. @internal
 */
export function decodeRecordsChecked(bytes: Uint8Array, at: Position, header: BatchHeader): Result<LogRecord[], MalformedRecords> {
  if (isCompressed(header)) return malformed(`the batch at ${at} is compressed`);
  if (at + header.batchBytes > bytes.length) return malformed(`the batch at ${at} goes on beyond the bytes given`);
  const cursor = new RecordCursor(bytes, at, header);
  for (let index = 0; index < header.recordsCount; index++) {
    if (!cursor.next()) return malformed(`record ${index} of ${header.recordsCount} of the batch at ${at} is malformed`);
  }
  if (!cursor.atEnd) return malformed(`the records of the batch at ${at} do not end where it does`);
  return ok([...decodeRecords(bytes, at, header, -Infinity)]);
}

function malformed(message: string) {
  return err({ kind: 'malformed', message } as const);
}
