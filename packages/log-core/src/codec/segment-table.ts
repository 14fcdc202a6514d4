/**
 * The segment table, `brimlog.segments`: what is known of sealed segments, so that opening thousands of them reads one
 * file. Entries are only ever added at the end; a later one for the same segment replaces the earlier.
 *
 *      0             8             16             24              32    36       40
 *      +-------------+-------------+--------------+---------------+-----+--------+
 *      | base offset | next offset | end position | max timestamp | 1   | CRC-32C|  over bytes 0 … 35
 *      | i64         | i64         | i64          | i64, −1: un-  | u32 | u32    |
 *      |             |             |              | known         |     |        |
 *      +-------------+-------------+--------------+---------------+-----+--------+
 *
 * INVARIANT: never the truth. An entry stands alone, so damage costs the entries it hits and no more; what is missing
 * is read from the segment.
 */
import type { Offset, Position, Timestamp } from '../model/units.js';
import { readI64, readU32, writeI32, writeI64 } from './big-endian.js';
import type { Crc32c } from './crc32c.js';
import { hasSealedCrc, isCount, sealWithCrc } from './sealed-block.js';

/** Bytes of one entry. @internal */
export const SEGMENT_TABLE_ENTRY_BYTES = 40;

/** The only kind of entry there is. */
const SEALED_SEGMENT = 1;

/** One sealed segment; all numbers are safe integers. @internal */
export interface SegmentTableEntry {
  readonly baseOffset: Offset;
  /** The offset after its last record; not below `baseOffset`. */
  readonly nextOffset: Offset;
  /** Its size: where its last batch ends. */
  readonly endPosition: Position;
  /** The largest timestamp in it, −1 where unknown. */
  readonly maxTimestamp: Timestamp;
}

/** Encodes entries one behind another, each with its own checksum, to be added to the table. @internal */
export function encodeSegmentTableEntries(entries: readonly SegmentTableEntry[], crc32c: Crc32c): Uint8Array {
  const bytes = new Uint8Array(entries.length * SEGMENT_TABLE_ENTRY_BYTES);
  for (const [index, entry] of entries.entries()) {
    const line = entryAt(bytes, index * SEGMENT_TABLE_ENTRY_BYTES);
    writeI64(line, 0, entry.baseOffset);
    writeI64(line, 8, entry.nextOffset);
    writeI64(line, 16, entry.endPosition);
    writeI64(line, 24, entry.maxTimestamp);
    writeI32(line, 32, SEALED_SEGMENT);
    sealWithCrc(line, crc32c);
  }
  return bytes;
}

/**
 * Reads a table of whatever length: its good entries by ascending base offset, of several for one base offset the last;
 * `damaged` counts what was passed over, an incomplete entry at the end included. @internal
 */
export function decodeSegmentTable(
  bytes: Uint8Array,
  crc32c: Crc32c,
): { readonly entries: SegmentTableEntry[]; readonly damaged: number } {
  const byBaseOffset = new Map<Offset, SegmentTableEntry>();
  let damaged = 0;
  for (let at = 0; at < bytes.length; at += SEGMENT_TABLE_ENTRY_BYTES) {
    const entry = decodeEntry(entryAt(bytes, at), crc32c);
    if (entry === null) damaged += 1;
    else byBaseOffset.set(entry.baseOffset, entry);
  }
  return { entries: [...byBaseOffset.values()].sort((a, b) => a.baseOffset - b.baseOffset), damaged };
}

function entryAt(bytes: Uint8Array, at: Position): Uint8Array {
  return bytes.subarray(at, at + SEGMENT_TABLE_ENTRY_BYTES);
}

function decodeEntry(line: Uint8Array, crc32c: Crc32c): SegmentTableEntry | null {
  if (line.length < SEGMENT_TABLE_ENTRY_BYTES || !hasSealedCrc(line, crc32c)) return null;
  if (readU32(line, 32) !== SEALED_SEGMENT) return null;
  const baseOffset = readI64(line, 0);
  const nextOffset = readI64(line, 8);
  const endPosition = readI64(line, 16);
  const maxTimestamp = readI64(line, 24);
  const isTimely = maxTimestamp === -1 || isCount(maxTimestamp);
  const isSound = [baseOffset, nextOffset, endPosition].every(isCount) && nextOffset >= baseOffset && isTimely;
  return isSound ? { baseOffset, nextOffset, endPosition, maxTimestamp } : null;
}
