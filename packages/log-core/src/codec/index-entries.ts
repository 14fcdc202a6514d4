/**
 * The sparse indexes of a segment, in Kafka's formats: where to begin to look for an offset or a point in time.
 *
 *     .index      | relative offset i32 | position i32 |                 8 bytes
 *     .timeindex  | timestamp i64 | relative offset i32 |               12 bytes
 *
 * A relative offset is an offset less the segment's base offset. An index has no checksum and is never the truth: it
 * is rebuilt when it does not decode, and what it points at is checked before it is believed.
 * INVARIANT: both columns increase strictly from entry to entry, so zeros behind the last entry do not decode.
 */
import { err, ok, type Result } from 'neverthrow';
import type { ByteCount, Position, Timestamp } from '../model/units.js';
import { readI32, readI64, writeI32, writeI64 } from './big-endian.js';

const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

/** `position` is where the batch begins whose last offset is base + `relativeOffset`; both 0 … 2^31 − 1. @internal */
export interface OffsetEntry {
  readonly relativeOffset: number;
  readonly position: Position;
}

/**
 * `timestamp` (0 … 2^53 − 1) is the largest so far in the segment, base + `relativeOffset` the last offset of the
 * batch that brought it. @internal
 */
export interface TimeEntry {
  readonly timestamp: Timestamp;
  readonly relativeOffset: number;
}

/** The bytes are no index; the message says where. @internal */
export interface MalformedIndex {
  readonly kind: 'malformed';
  readonly message: string;
}

/** Encodes entries of an `.index` file; they are in order. @internal */
export function encodeOffsetEntries(entries: readonly OffsetEntry[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * OFFSET_ENTRY_BYTES);
  for (const [index, { relativeOffset, position }] of entries.entries()) {
    writeI32(bytes, index * OFFSET_ENTRY_BYTES, relativeOffset);
    writeI32(bytes, index * OFFSET_ENTRY_BYTES + 4, position);
  }
  return bytes;
}

/** Encodes entries of a `.timeindex` file; they are in order. @internal */
export function encodeTimeEntries(entries: readonly TimeEntry[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * TIME_ENTRY_BYTES);
  for (const [index, { timestamp, relativeOffset }] of entries.entries()) {
    writeI64(bytes, index * TIME_ENTRY_BYTES, timestamp);
    writeI32(bytes, index * TIME_ENTRY_BYTES + 8, relativeOffset);
  }
  return bytes;
}

/** Decodes a whole `.index` file. @internal */
export function decodeOffsetEntries(bytes: Uint8Array): Result<OffsetEntry[], MalformedIndex> {
  if (bytes.length % OFFSET_ENTRY_BYTES !== 0) return notWholeEntries(bytes.length, OFFSET_ENTRY_BYTES);
  const entries: OffsetEntry[] = [];
  let last: OffsetEntry = { relativeOffset: -1, position: -1 };
  for (let at = 0; at < bytes.length; at += OFFSET_ENTRY_BYTES) {
    const entry = { relativeOffset: readI32(bytes, at), position: readI32(bytes, at + 4) };
    if (entry.relativeOffset <= last.relativeOffset || entry.position <= last.position) return doesNotIncrease(at);
    entries.push(entry);
    last = entry;
  }
  return ok(entries);
}

/** Decodes a whole `.timeindex` file. @internal */
export function decodeTimeEntries(bytes: Uint8Array): Result<TimeEntry[], MalformedIndex> {
  if (bytes.length % TIME_ENTRY_BYTES !== 0) return notWholeEntries(bytes.length, TIME_ENTRY_BYTES);
  const entries: TimeEntry[] = [];
  let last: TimeEntry = { timestamp: -1, relativeOffset: -1 };
  for (let at = 0; at < bytes.length; at += TIME_ENTRY_BYTES) {
    const entry = { timestamp: readI64(bytes, at), relativeOffset: readI32(bytes, at + 8) };
    const increases = entry.timestamp > last.timestamp && entry.relativeOffset > last.relativeOffset;
    if (!increases || !Number.isSafeInteger(entry.timestamp)) return doesNotIncrease(at);
    entries.push(entry);
    last = entry;
  }
  return ok(entries);
}

function notWholeEntries(bytes: ByteCount, entryBytes: ByteCount) {
  return malformed(`${bytes} bytes are not a whole number of entries of ${entryBytes}`);
}

function doesNotIncrease(at: Position) {
  return malformed(`the entry at ${at} does not lie beyond the one before it`);
}

function malformed(message: string) {
  return err({ kind: 'malformed', message } as const);
}
