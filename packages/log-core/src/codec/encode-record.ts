/**
 * One captured record as bytes, and how many they are. `timestampDelta` and `offsetDelta` depend on the batch
 * the record goes into, so they are given.
 *
 *     length varint | attributes 0 | timestampDelta varlong | offsetDelta varint | key | value | headers
 */
import type { ByteCount, Milliseconds, Position } from '../model/units.js';
import type { CapturedField, CapturedRecord } from './capture-records.js';
import { bytesLength } from './platform-bytes.js';
import { writeUtf8 } from './utf8.js';
import { varintBytes, writeVarint } from './varint.js';

/** Where `writeRecord` ends when a field's bytes were taken away or resized since they were measured. @internal */
export const BYTES_CHANGED = -1;

/** What follows a record's length, given the deltas and what its fields take. @internal */
export function bodyBytes(timestampDelta: Milliseconds, offsetDelta: number, fieldsBytes: ByteCount): ByteCount {
  return 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta) + fieldsBytes;
}

/** What a body of so many bytes takes with its length in front. @internal */
export function recordBytes(body: ByteCount): ByteCount {
  return varintBytes(body) + body;
}

/** Writes length, attributes and deltas at `at`; answers the position after them. @internal */
export function writeRecordStart(
  into: Uint8Array,
  at: Position,
  body: ByteCount,
  timestampDelta: Milliseconds,
  offsetDelta: number,
): Position {
  const attributesAt = writeVarint(into, at, body);
  into[attributesAt] = 0;
  return writeVarint(into, writeVarint(into, attributesAt + 1, timestampDelta), offsetDelta);
}

/**
 * Writes a record at `at`, where there is room; answers the position after it, or `BYTES_CHANGED`: then what was
 * written is worth nothing. @internal
 */
export function writeRecord(
  into: Uint8Array,
  at: Position,
  record: CapturedRecord,
  timestampDelta: Milliseconds,
  offsetDelta: number,
): Position {
  const body = bodyBytes(timestampDelta, offsetDelta, record.fieldsBytes);
  const keyAt = writeRecordStart(into, at, body, timestampDelta, offsetDelta);
  const valueAt = writeField(into, keyAt, record.key, record.keyBytes);
  if (valueAt === BYTES_CHANGED) return BYTES_CHANGED;
  const headersAt = writeField(into, valueAt, record.value, record.valueBytes);
  if (headersAt === BYTES_CHANGED) return BYTES_CHANGED;
  let next = writeVarint(into, headersAt, record.headers.length);
  for (const header of record.headers) {
    next = writeField(into, next, header.name, header.nameBytes);
    next = writeField(into, next, header.value, header.valueBytes);
    if (next === BYTES_CHANGED) return BYTES_CHANGED;
  }
  return next;
}

function writeField(into: Uint8Array, at: Position, field: CapturedField, bytes: number): Position {
  const next = writeVarint(into, at, bytes);
  if (field === null) return next;
  if (typeof field === 'string') return writeUtf8(field, into, next, bytes);
  if (bytesLength(field) !== bytes) return BYTES_CHANGED;
  into.set(field, next);
  return next + bytes;
}
