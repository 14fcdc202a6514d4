/**
 * The examples of `docs/format.md`, made by the code: the test beside it compares them with the bytes printed there,
 * so that neither the page nor the format changes alone.
 */
import { BatchBuilder } from '../../src/codec/batch-builder.js';
import { encodeCheckpointSlot } from '../../src/codec/checkpoint.js';
import { crc32cTable } from '../../src/codec/crc32c.js';
import { encodeOffsetEntries, encodeTimeEntries } from '../../src/codec/index-entries.js';
import { encodePositionSlot } from '../../src/codec/position-slot.js';
import { encodeSegmentTableEntries } from '../../src/codec/segment-table.js';
import { varlongBytes, writeVarlong } from '../../src/codec/varint.js';
import { encodeWatermark, WATERMARK_BYTES } from '../../src/codec/watermark.js';

const T = 1_700_000_000_000;
const TAG = 0x5eed;

function firstBatch(): Uint8Array {
  const builder = new BatchBuilder(1024);
  builder.tryAppend('hello', T);
  return builder.finish(0, TAG, 0, crc32cTable);
}

/** Encoded while the first batch was being synced: the recovery point was still 0, one offset back. */
function secondBatch(): Uint8Array {
  const builder = new BatchBuilder(1024);
  builder.tryAppend(
    [
      { key: 'k1', value: 'v1', headers: [['h', Uint8Array.of(1)], ['n', null]], timestamp: T + 5 },
      { key: 'k2', value: null, timestamp: T + 3 },
      { key: '', value: '', timestamp: T + 70 },
    ],
    T,
  );
  return builder.finish(1, TAG, 1, crc32cTable);
}

function varint(value: number): Uint8Array {
  const bytes = new Uint8Array(varlongBytes(value));
  writeVarlong(bytes, 0, value);
  return bytes;
}

function crcOf(bytes: Uint8Array): Uint8Array {
  const crc = new Uint8Array(4);
  new DataView(crc.buffer).setUint32(0, crc32cTable(bytes));
  return crc;
}

function watermark(): Uint8Array {
  const bytes = new Uint8Array(WATERMARK_BYTES);
  const bootId = 'f5b0a9f2-3c1d-4e6a-9b7c-0d1e2f3a4b5c';
  encodeWatermark(
    { bootId, generation: 3, sequence: 42, highWatermark: 4, recoveryPoint: 1, logStartOffset: 0, closed: false },
    bytes,
    crc32cTable,
  );
  return bytes;
}

/** The examples by the name each has in the page. */
export const FORMAT_EXAMPLES: Readonly<Record<string, () => Uint8Array>> = {
  'crc-digits': () => crcOf(new TextEncoder().encode('123456789')),
  'crc-zeros': () => crcOf(new Uint8Array(32)),
  varints: () => Uint8Array.from([0, -1, 1, 63, 64, -64, -65, 150, 300, 0x7fff_ffff, -0x8000_0000, T].flatMap((n) => [...varint(n)])),
  'first-batch': firstBatch,
  'second-batch': secondBatch,
  'offset-index': () =>
    encodeOffsetEntries([
      { relativeOffset: 40, position: 4_180 },
      { relativeOffset: 81, position: 8_402 },
    ]),
  'time-index': () =>
    encodeTimeEntries([
      { timestamp: T, relativeOffset: 0 },
      { timestamp: T + 70, relativeOffset: 3 },
    ]),
  checkpoint: () =>
    encodeCheckpointSlot(
      {
        sequence: 7,
        logStartOffset: 0,
        lowestSegment: 0,
        recoveryPoint: 4,
        recoveryPointSegment: 0,
        recoveryPointPosition: 169,
        highestSegment: 0,
        clean: true,
        endPosition: 169,
        tag: TAG,
      },
      crc32cTable,
    ),
  watermark,
  'segment-table': () =>
    encodeSegmentTableEntries(
      [
        { baseOffset: 0, nextOffset: 4, endPosition: 169, maxTimestamp: T + 70 },
        { baseOffset: 4, nextOffset: 4, endPosition: 0, maxTimestamp: -1 },
      ],
      crc32cTable,
    ),
  position: () => encodePositionSlot({ sequence: 9, offset: 3, name: 'billing' }, crc32cTable),
};
