/**
 * One captured record as bytes, and how many they are. `timestampDelta` and `offsetDelta` depend on the batch
 * the record goes into, so they are given.
 *
 *     length varint | attributes 0 | timestampDelta varlong | offsetDelta varint | key | value | headers
 */
import type { ByteCount, Milliseconds, Position } from '../model/units.js';
import type { CapturedField, CapturedRecord } from './capture-records.js';
import { writeUtf8 } from './utf8.js';
import { varintBytes, writeVarint } from './varint.js';

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
  const { headers } = record;
  let next = writeVarint(into, headersAt, headers.length);
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!;
    next = writeField(into, next, header.name, header.nameBytes);
    next = writeField(into, next, header.value, header.valueBytes);
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
