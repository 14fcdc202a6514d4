/**
 * One captured record as bytes, and how many they are. `timestampDelta` and `offsetDelta` depend on the batch
 * the record goes into, so they are given.
 *
 *     length varint | attributes 0 | timestampDelta varlong | offsetDelta varint | key | value | headers
 */
import type { ByteCount, Milliseconds, Position } from '../model/units.js';
import type { CapturedField, CapturedHeader, CapturedRecord } from './capture-records.js';
import { writeUtf8 } from './utf8.js';
import { varintBytes, varlongBytes, writeVarint, writeVarlong } from './varint.js';

/** What follows a record's length, given the deltas and what its fields take. @internal */
export function bodyBytes(timestampDelta: Milliseconds, offsetDelta: number, fieldsBytes: ByteCount): ByteCount {
  return 1 + varlongBytes(timestampDelta) + varintBytes(offsetDelta) + fieldsBytes;
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
  return writeVarint(into, writeVarlong(into, attributesAt + 1, timestampDelta), offsetDelta);
}

/** Writes a record at `at`, where there is room for what was measured; answers the position after it. @internal */
export function writeRecord(
  into: Uint8Array,
  at: Position,
  record: CapturedRecord,
  body: ByteCount,
  timestampDelta: Milliseconds,
  offsetDelta: number,
): Position {
  const keyAt = writeRecordStart(into, at, body, timestampDelta, offsetDelta);
  const valueAt = writeField(into, keyAt, record.key, record.keyBytes);
  const headersAt = writeField(into, valueAt, record.value, record.valueBytes);
  const headersCount = record.headers.length;
  const next = writeVarint(into, headersAt, headersCount);
  return headersCount === 0 ? next : writeHeaders(into, next, record.headers);
}

function writeHeaders(into: Uint8Array, at: Position, headers: readonly CapturedHeader[]): Position {
  let next: number = at;
  for (const { name, nameBytes, value, valueBytes } of headers) {
    next = writeField(into, next, name, nameBytes);
    next = writeField(into, next, value, valueBytes);
  }
  return next;
}

function writeField(into: Uint8Array, at: Position, field: CapturedField, bytes: number): Position {
  const next = writeVarint(into, at, bytes);
  if (field === null) return next;
  if (typeof field === 'string') return writeUtf8(field, into, next, bytes);
  into.set(field, next);
  return next + bytes;
}
