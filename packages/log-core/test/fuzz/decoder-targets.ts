/**
 * Every decoder of the library with what it is fed and what has to hold for its answers. Allocation per byte is set by
 * the smallest thing each format can hold: an empty header is two bytes, and an array, a string and a view in memory.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import fc from 'fast-check';
import { batchBytesAt, decodeBatchHeader, type BatchHeader } from '../../src/codec/batch-header.js';
import { checkBatch, checkRecords } from '../../src/codec/check-batch.js';
import { CHECKPOINT_SLOT_SPACING, decodeCheckpointFile, encodeCheckpointSlot } from '../../src/codec/checkpoint.js';
import { crc32cTable } from '../../src/codec/crc32c.js';
import { decodeRecords, decodeRecordsChecked } from '../../src/codec/decode-records.js';
import { findTaggedBatch, markedRecoveryPoint } from '../../src/codec/find-batch.js';
import { decodeOffsetEntries, decodeTimeEntries, encodeOffsetEntries, encodeTimeEntries } from '../../src/codec/index-entries.js';
import { decodePositionSlot, encodePositionSlot, POSITION_SLOT_BYTES, type PositionSlot } from '../../src/codec/position-slot.js';
import { isCount } from '../../src/codec/sealed-block.js';
import { decodeSegmentTable, encodeSegmentTableEntries, SEGMENT_TABLE_ENTRY_BYTES } from '../../src/codec/segment-table.js';
import { decodeWatermark, encodeWatermark, WATERMARK_BYTES } from '../../src/codec/watermark.js';
import { classifyDirectory, SIDE_FILES } from '../../src/decide/file-names.js';
import type { LogRecord } from '../../src/model/record.js';
import { MIB } from '../../src/model/units.js';
import { parsePlan, printPlan } from '../../src/testing/fault-plan-text.js';
import { batchOfEmptyHeaders, batchOfEmptyRecords, offsetIndexOf, positionsOf, segmentTableOf, timeIndexOf } from './dense-samples.js';
import type { FuzzTarget } from './held-to-bounds.js';
import { mutatedBytes } from './mutated-bytes.js';
import { resealBatch, resealFile } from './reseal.js';
import { filesEnding } from './samples.js';

/** Of any input and answer: a table holds targets of many types. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the table is only iterated, and each target's own types agree
export type AnyTarget = FuzzTarget<any, any>;

const lengthOf = (input: { readonly length: number }): number => input.length;

/** The decoders, fed with the files of a real log and what becomes of them. */
export function decoderTargets(files: ReadonlyMap<string, Uint8Array>): readonly AnyTarget[] {
  const segments = filesEnding(files, '.log');
  return [
    batchTarget([...segments.flatMap(batchesOf), batchOfEmptyRecords(2_000), batchOfEmptyHeaders(8_000)]),
    searchTarget(segments),
    offsetIndexTarget([...filesEnding(files, '.index'), offsetIndexOf(2_000)]),
    timeIndexTarget([...filesEnding(files, '.timeindex'), timeIndexOf(2_000)]),
    checkpointTarget(filesEnding(files, SIDE_FILES.checkpoint)),
    watermarkTarget(filesEnding(files, SIDE_FILES.watermark)),
    positionsTarget([...filesEnding(files, SIDE_FILES.positions), positionsOf(30)]),
    segmentTableTarget([...filesEnding(files, SIDE_FILES.segmentTable), segmentTableOf(400)]),
    listingTarget([...files.keys()]),
    planTarget(),
  ];
}

function batchesOf(segment: Uint8Array): Uint8Array[] {
  const batches: Uint8Array[] = [];
  for (let at = 0; at < segment.length; at += batches.at(-1)?.length ?? 0) {
    batches.push(segment.slice(at, at + batchBytesAt(segment, at)));
  }
  return batches;
}

interface DecodedBatch {
  readonly verdict: ReturnType<typeof checkBatch>;
  readonly header: BatchHeader | null;
  readonly records: readonly LogRecord[];
}

function batchTarget(samples: readonly Uint8Array[]): FuzzTarget<Uint8Array, DecodedBatch> {
  return {
    name: 'a record batch and its records',
    inputs: mutatedBytes(samples, resealBatch),
    sizeOf: lengthOf,
    allocationPerByte: 128,
    decode: (bytes) => {
      const verdict = checkBatch(bytes, 0, bytes.length, null, MIB, crc32cTable);
      const header = decodeBatchHeader(bytes, 0);
      return { verdict, header, records: header === null ? [] : [...decodeRecords(bytes, 0, header, -Infinity)] };
    },
    check: ({ verdict, header, records }, bytes) => {
      // Who asks again with what was asked for gets on.
      if (verdict.kind === 'incomplete') ok(verdict.needBytes > bytes.length, 'asks for bytes that are there');
      if (verdict.kind === 'valid') ok(header !== null && header.batchBytes <= bytes.length, 'calls a batch valid that is not all there');
      if (header === null) return;
      for (const { key, value, headers } of records) {
        for (const view of [key, value, ...headers.map(([, given]) => given)]) if (view !== null) isWithin(view, bytes);
      }
      ok(records.length <= bytes.length / 7, 'more records than fit');
      const rule = checkRecords(bytes, 0, header);
      const checked = decodeRecordsChecked(bytes, 0, header);
      if (checked.isOk()) {
        deepStrictEqual(checked.value, records);
        ok(rule?.rule !== 'record', 'two walks over the same records differ');
      }
      if (verdict.kind === 'valid' && rule === null && (verdict.header.attributes & 7) === 0) checkProfile(verdict.header, records);
    },
  };
}

function isWithin(view: Uint8Array, bytes: Uint8Array): void {
  ok(view.buffer === bytes.buffer && view.byteOffset >= bytes.byteOffset && view.byteOffset + view.length <= bytes.byteOffset + bytes.length, 'a view reaches out of the batch');
}

/** What `checkBatch` and `checkRecords` called good is a batch as the profile has it. */
function checkProfile(header: BatchHeader, records: readonly LogRecord[]): void {
  strictEqual(records.length, header.recordsCount);
  deepStrictEqual(records.map(({ offset }) => offset), records.map((_, index) => header.baseOffset + index));
  ok(records.every(({ timestamp, offset }) => isCount(timestamp) && isCount(offset + 1)));
  strictEqual(header.maxTimestamp, Math.max(...records.map(({ timestamp }) => timestamp)));
}

interface Found {
  readonly batches: readonly { readonly at: number; readonly header: BatchHeader; readonly marked: number | null }[];
}

/** The search for batches behind damage, with the tag of the sample's own log. */
function searchTarget(samples: readonly Uint8Array[]): FuzzTarget<Uint8Array, Found> {
  const tag = decodeBatchHeader(samples[0]!, 0)!.producerEpoch;
  return {
    name: 'a segment that is searched for batches of the log',
    inputs: mutatedBytes(samples, resealFile('.log')),
    sizeOf: lengthOf,
    allocationPerByte: 16,
    decode: (bytes) => {
      const batches = [];
      let from = 0;
      for (;;) {
        const found = findTaggedBatch(bytes, from, bytes.length, { min: 0, max: 2 ** 40 }, tag, crc32cTable);
        if (found === null) return { batches };
        batches.push({ ...found, marked: markedRecoveryPoint(found.header, tag) });
        from = found.at + found.header.batchBytes;
      }
    },
    check: ({ batches }, bytes) => {
      for (const { at, header, marked } of batches) {
        strictEqual(checkBatch(bytes, at, bytes.length, header.baseOffset, MIB, crc32cTable).kind, 'valid');
        ok(marked === null || (isCount(marked) && marked <= header.baseOffset));
      }
    },
  };
}

function offsetIndexTarget(samples: readonly Uint8Array[]): FuzzTarget<Uint8Array, ReturnType<typeof decodeOffsetEntries>> {
  return {
    name: 'an offset index',
    inputs: mutatedBytes(samples, null),
    sizeOf: lengthOf,
    allocationPerByte: 32,
    decode: (bytes) => decodeOffsetEntries(bytes),
    check: (entries, bytes) => {
      if (entries.isOk()) deepStrictEqual(encodeOffsetEntries(entries.value), bytes);
    },
  };
}

function timeIndexTarget(samples: readonly Uint8Array[]): FuzzTarget<Uint8Array, ReturnType<typeof decodeTimeEntries>> {
  return {
    name: 'a time index',
    inputs: mutatedBytes(samples, null),
    sizeOf: lengthOf,
    allocationPerByte: 16,
    decode: (bytes) => decodeTimeEntries(bytes),
    check: (entries, bytes) => {
      if (entries.isOk()) deepStrictEqual(encodeTimeEntries(entries.value), bytes);
    },
  };
}

function checkpointTarget(samples: readonly Uint8Array[]): FuzzTarget<Uint8Array, ReturnType<typeof decodeCheckpointFile>> {
  // Edits would mostly hit the nothing between the slots.
  const slots = samples.flatMap((file) => [file.slice(0, 128), file.slice(CHECKPOINT_SLOT_SPACING, CHECKPOINT_SLOT_SPACING + 128)]);
  return {
    name: 'a checkpoint',
    inputs: mutatedBytes([...slots, ...samples], resealFile(SIDE_FILES.checkpoint)),
    sizeOf: lengthOf,
    allocationPerByte: 1,
    decode: (bytes) => decodeCheckpointFile(bytes, crc32cTable),
    check: (decoded) => {
      if (decoded.kind !== 'valid') return;
      const { tag, clean, ...counts } = decoded.checkpoint;
      ok(Object.values(counts).every(isCount), 'a number is none');
      const again = decodeCheckpointFile(encodeCheckpointSlot({ ...counts, tag, clean }, crc32cTable), crc32cTable);
      deepStrictEqual(again.kind === 'valid' ? again.checkpoint : again, decoded.checkpoint);
    },
  };
}

function watermarkTarget(samples: readonly Uint8Array[]): FuzzTarget<Uint8Array, ReturnType<typeof decodeWatermark>> {
  return {
    name: 'a watermark',
    inputs: mutatedBytes(samples, resealFile(SIDE_FILES.watermark)),
    sizeOf: lengthOf,
    allocationPerByte: 1,
    decode: (bytes) => decodeWatermark(bytes, crc32cTable),
    check: (watermark) => {
      if (watermark === null) return;
      const { sequence, highWatermark, recoveryPoint, logStartOffset } = watermark;
      ok([sequence, highWatermark, recoveryPoint, logStartOffset].every(isCount), 'a number is none');
      const again = new Uint8Array(WATERMARK_BYTES);
      encodeWatermark(watermark, again, crc32cTable);
      deepStrictEqual(decodeWatermark(again, crc32cTable), watermark);
    },
  };
}

function positionsTarget(samples: readonly Uint8Array[]): FuzzTarget<Uint8Array, readonly (PositionSlot | null)[]> {
  const slots = samples.flatMap((file) => Array.from({ length: file.length / POSITION_SLOT_BYTES }, (_, i) => file.slice(i * POSITION_SLOT_BYTES, (i + 1) * POSITION_SLOT_BYTES)));
  return {
    name: 'consumer positions',
    inputs: mutatedBytes([...slots, ...samples], resealFile(SIDE_FILES.positions)),
    sizeOf: lengthOf,
    allocationPerByte: 4,
    decode: (bytes) => Array.from({ length: Math.ceil(bytes.length / POSITION_SLOT_BYTES) }, (_, i) => decodePositionSlot(bytes, i * POSITION_SLOT_BYTES, crc32cTable)),
    check: (decoded) => {
      for (const slot of decoded) {
        if (slot === null) continue;
        ok(isCount(slot.sequence) && (slot.offset === null || isCount(slot.offset)), 'a number is none');
        deepStrictEqual(decodePositionSlot(encodePositionSlot(slot, crc32cTable), 0, crc32cTable), slot);
      }
    },
  };
}

function segmentTableTarget(samples: readonly Uint8Array[]): FuzzTarget<Uint8Array, ReturnType<typeof decodeSegmentTable>> {
  return {
    name: 'a segment table',
    inputs: mutatedBytes(samples, resealFile(SIDE_FILES.segmentTable)),
    sizeOf: lengthOf,
    allocationPerByte: 24,
    decode: (bytes) => decodeSegmentTable(bytes, crc32cTable),
    check: ({ entries, damaged }, bytes) => {
      ok(entries.length + damaged <= Math.ceil(bytes.length / SEGMENT_TABLE_ENTRY_BYTES), 'more entries than fit');
      deepStrictEqual(decodeSegmentTable(encodeSegmentTableEntries(entries, crc32cTable), crc32cTable), { entries, damaged: 0 });
    },
  };
}

/** Names in a directory, which anybody may have put there. */
function listingTarget(names: readonly string[]): FuzzTarget<readonly string[], ReturnType<typeof classifyDirectory>> {
  const digits = fc.string({ unit: fc.nat(9).map(String), minLength: 19, maxLength: 21 });
  const name = fc.oneof(
    fc.constantFrom(...names),
    fc.tuple(digits, fc.constantFrom('.log', '.index', '.timeindex', '.log.tmp', '')).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => `brimlog.${text}`),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );
  return {
    name: 'a listing',
    inputs: fc.array(name, { maxLength: 30 }),
    sizeOf: (listing) => listing.reduce((sum, each) => sum + 24 + each.length, 0),
    allocationPerByte: 32,
    decode: (listing) => classifyDirectory(listing),
    check: ({ segments, foreign }, listing) => {
      ok(segments.every(isCount) && segments.length + foreign.length <= listing.length);
    },
  };
}

/** Plans are pasted by people: anything may stand there. */
function planTarget(): FuzzTarget<string, ReturnType<typeof parsePlan>> {
  const tokens = ['write', 'dsync-write', 'sync', '*', '|', '(', ')', '.log', '%41', '%', '>', '@', '#', '+', 'x', ' ', ';', ',', '0', '1', '17', '9'.repeat(30), 'fail', 'short', 'fail-sync', 'done-then-fail', 'late', 'first', 'handles', 'flip', 'hang', 'no-space', 'io', 'drop', '\ud800'];
  const rule = fc.tuple(
    fc.constantFrom('*', 'write', 'write|sync', 'open(.log)', 'rename(%2e%28\ud83d\ude00)', 'sync(\udc00)', 'read()', 'stat>0', 'close(a)>7'),
    fc.constantFrom('@1', '@0', '@3+', '@2x4', '@#17', '@#0+', `@${'8'.repeat(25)}`, '@1x0'),
    fc.constantFrom(' fail(io)', ' short(100,no-space)', ' short(0)', ' fail-sync(drop,io)', ' flip(3)', ' rot(99999999999999999999999)', ' late(last)', ' handles(5)', ' hang', ' lie()', ' halt', ' fail()'),
  );
  return {
    name: 'a fault plan as text',
    inputs: fc.oneof(
      fc.array(rule.map((parts) => parts.join('')), { maxLength: 5 }).map((rules) => rules.join('; ')),
      fc.array(rule.map((parts) => parts.join('')), { minLength: 200, maxLength: 200 }).map((rules) => rules.join('; ')),
      fc.array(fc.oneof(fc.constantFrom(...tokens), rule.map((parts) => parts.join(''))), { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 200 }),
    ),
    sizeOf: lengthOf,
    allocationPerByte: 64,
    decode: (text) => parsePlan(text),
    check: (parsed) => {
      if (parsed.isOk()) deepStrictEqual(parsePlan(printPlan(parsed.value))._unsafeUnwrap(), parsed.value);
    },
  };
}
