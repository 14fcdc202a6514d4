/** Larger bytes of each format, packed with the smallest things it can hold: what a decoder allocates for one byte shows here. */
import { BATCH_HEADER_BYTES, CHECKSUM_FROM, writeBatchCrc, writeBatchHeader } from '../../src/codec/batch-header.js';
import { crc32cTable } from '../../src/codec/crc32c.js';
import { encodeOffsetEntries, encodeTimeEntries } from '../../src/codec/index-entries.js';
import { encodePositionSlot } from '../../src/codec/position-slot.js';
import { encodeSegmentTableEntries } from '../../src/codec/segment-table.js';
import { varintBytes, writeVarint } from '../../src/codec/varint.js';

const counted = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** A batch of records that have no key, no value and no headers. */
export function batchOfEmptyRecords(count: number): Uint8Array {
  return sealed(count, (bytes, start) => {
    let at = start;
    for (let delta = 0; delta < count; delta += 1) {
      at = writeVarint(bytes, at, 5 + varintBytes(delta));
      at = writeVarint(bytes, writeVarint(bytes, writeVarint(bytes, at, 0), 0), delta);
      at = writeVarint(bytes, writeVarint(bytes, writeVarint(bytes, at, -1), -1), 0);
    }
    return at;
  });
}

/** A batch of one record whose headers have empty names and empty values: two bytes each. */
export function batchOfEmptyHeaders(count: number): Uint8Array {
  return sealed(1, (bytes, start) => {
    let at = writeVarint(bytes, start, 5 + varintBytes(count) + 2 * count);
    for (const field of [0, 0, 0, -1, -1, count]) at = writeVarint(bytes, at, field);
    return at + 2 * count;
  });
}

function sealed(recordsCount: number, writeRecords: (bytes: Uint8Array, at: number) => number): Uint8Array {
  const room = new Uint8Array(BATCH_HEADER_BYTES + 64 * 1024);
  const bytes = room.slice(0, writeRecords(room, BATCH_HEADER_BYTES));
  const header = { baseOffset: 0, batchBytes: bytes.length, leaderEpoch: 0, magic: 2, attributes: 0, lastOffsetDelta: recordsCount - 1, baseTimestamp: 0, maxTimestamp: 0, producerId: -1, producerEpoch: 1, baseSequence: 0, recordsCount };
  writeBatchHeader(bytes, 0, header);
  writeRecords(bytes, BATCH_HEADER_BYTES);
  writeBatchCrc(bytes, 0, crc32cTable(bytes.subarray(CHECKSUM_FROM)));
  return bytes;
}

/** An offset index of so many entries. */
export function offsetIndexOf(count: number): Uint8Array {
  return encodeOffsetEntries(counted(count, (i) => ({ relativeOffset: i, position: 2 ** 31 - count + i })));
}

/** A time index of so many entries. */
export function timeIndexOf(count: number): Uint8Array {
  return encodeTimeEntries(counted(count, (i) => ({ timestamp: 1_700_000_000_000 + i, relativeOffset: i })));
}

/** A table of so many segments. */
export function segmentTableOf(count: number): Uint8Array {
  const base = 2 ** 40;
  return encodeSegmentTableEntries(counted(count, (i) => ({ baseOffset: base + i, nextOffset: base + i + 1, endPosition: base, maxTimestamp: 1_700_000_000_000 })), crc32cTable);
}

/** Positions of so many consumers with long names. */
export function positionsOf(count: number): Uint8Array {
  return Uint8Array.from(Buffer.concat(counted(count, (i) => encodePositionSlot({ sequence: 2 ** 40, offset: 2 ** 40 + i, name: `${i}`.padEnd(255, 'n') }, crc32cTable))));
}
