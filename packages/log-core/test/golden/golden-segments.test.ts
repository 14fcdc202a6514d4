// What a real Kafka broker wrote: decoded by our codec to what Kafka's own reader says of it, and judged by our profile.
import { describe, expect, it } from 'vitest';
import { batchBytesAt, decodeBatchHeader } from '../../src/codec/batch-header.js';
import { checkBatch, checkRecords } from '../../src/codec/check-batch.js';
import { crc32cTable } from '../../src/codec/crc32c.js';
import { decodeRecords, decodeRecordsChecked, isCompressed } from '../../src/codec/decode-records.js';
import {
  decodeOffsetEntries,
  decodeTimeEntries,
  encodeOffsetEntries,
  encodeTimeEntries,
} from '../../src/codec/index-entries.js';
import { describeRecord, goldenFiles, goldenMissing, hex, sha256, skipBecause } from './manifest.js';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const MIB = 1024 * 1024;

/** Every batch of a segment, as our decoder sees it, in Kafka's words; no records where they are compressed. */
function describeBatches(bytes: Uint8Array): unknown[] {
  const batches: unknown[] = [];
  for (let position = 0; position < bytes.length; ) {
    const header = decodeBatchHeader(bytes, position)!;
    expect(batchBytesAt(bytes, position)).toBe(header.batchBytes);
    expect(crc32cTable(bytes.subarray(position + 21, position + header.batchBytes))).toBe(header.crc);
    const { attributes, baseOffset, baseSequence } = header;
    const records = isCompressed(header) ? [] : decodeRecordsChecked(bytes, position, header)._unsafeUnwrap();
    if (!isCompressed(header)) expect([...decodeRecords(bytes, position, header, 0)]).toEqual(records);
    batches.push({
      position,
      bytes: header.batchBytes,
      baseOffset,
      lastOffset: baseOffset + header.lastOffsetDelta,
      count: header.recordsCount,
      partitionLeaderEpoch: header.leaderEpoch,
      magic: header.magic,
      crc: header.crc,
      attributes,
      codec: CODECS[attributes & 7],
      timestampType: (attributes & 8) === 0 ? 'CreateTime' : 'LogAppendTime',
      transactional: (attributes & 16) !== 0,
      control: (attributes & 32) !== 0,
      deleteHorizonMs: (attributes & 64) === 0 ? null : header.baseTimestamp,
      baseTimestamp: header.baseTimestamp,
      maxTimestamp: header.maxTimestamp,
      producerId: header.producerId,
      producerEpoch: header.producerEpoch,
      baseSequence,
      records: records.map((record) =>
        describeRecord(record, baseSequence < 0 ? -1 : (baseSequence + record.offset - baseOffset) & 0x7fff_ffff),
      ),
    });
    position += header.batchBytes;
  }
  return batches;
}

/** `obeys`, or the first rule broken in a segment of ours that begins at `baseOffset` (null: anywhere). */
function judge({ bytes, baseOffset }: { readonly bytes: Uint8Array; readonly baseOffset: number | null }): string {
  let expectedOffset = baseOffset;
  for (let position = 0; position < bytes.length; ) {
    const verdict = checkBatch(bytes, position, bytes.length, expectedOffset, MIB, crc32cTable);
    if (verdict.kind !== 'valid') return verdict.kind === 'invalid' ? verdict.rule : verdict.kind;
    if (!isCompressed(verdict.header)) {
      const fault = checkRecords(bytes, position, verdict.header);
      if (fault !== null) return fault.rule;
    }
    expectedOffset = verdict.header.baseOffset + verdict.header.recordsCount;
    position += verdict.header.batchBytes;
  }
  return 'obeys';
}

/** What our profile says of each golden segment: only the plain ones could be ours. */
const VERDICTS = {
  'append-time/00000000000000000000.log': 'timestamp-type',
  'cluster-metadata/00000000000000000000.log': 'control',
  'cluster-metadata/bootstrap.checkpoint': 'control',
  'codec-gzip/00000000000000000000.log': 'obeys',
  'codec-lz4/00000000000000000000.log': 'obeys',
  'codec-none/00000000000000000000.log': 'obeys',
  'codec-snappy/00000000000000000000.log': 'obeys',
  'codec-zstd/00000000000000000000.log': 'obeys',
  'compacted/00000000000000000000.log': 'base-offset',
  'compacted/00000000000000000047.log': 'producer-id',
  'idempotent/00000000000000000000.log': 'producer-id',
  'large/00000000000000000000.log': 'obeys',
  'segments/00000000000000000000.log': 'obeys',
  'segments/00000000000000000034.log': 'obeys',
  'segments/00000000000000000071.log': 'obeys',
  'segments/00000000000000000104.log': 'obeys',
  'transactional/00000000000000000000.log': 'transactional',
  'transactional/00000000000000000003.log': 'control',
  'trimmed/00000000000000000047.log': 'obeys',
  'trimmed/00000000000000000078.log': 'obeys',
};

describe('golden segments', () => {
  it('are there', (ctx) => {
    if (goldenMissing !== null) skipBecause(ctx, goldenMissing);
    expect(goldenFiles('.log', '.checkpoint')).toHaveLength(Object.keys(VERDICTS).length);
  });

  it.each(goldenFiles('.log', '.checkpoint').map((file) => [file.name, file] as const))(
    'decode to what Kafka reads: %s',
    (_, { bytes, described }) => {
      expect(sha256(bytes)).toBe(described.sha256);
      const expected = described.batches!.map((batch) => ({ ...batch, records: batch.codec === 'none' ? batch.records : [] }));
      expect(describeBatches(bytes)).toEqual(expected);
    },
  );

  it('obey the profile, or are refused by the name of the rule', (ctx) => {
    if (goldenMissing !== null) skipBecause(ctx, goldenMissing);
    const verdicts = Object.fromEntries(goldenFiles('.log', '.checkpoint').map((file) => [file.name, judge(file)]));
    expect(verdicts).toEqual(VERDICTS);
  });
});

/** The rules that single batches break, wherever they stand: what each kind of foreign batch is refused for. */
const BROKEN_RULES = {
  'append-time': ['timestamp-type'],
  'cluster-metadata': ['control', 'leader-epoch'],
  compacted: ['delete-horizon', 'producer-id'],
  idempotent: ['producer-id'],
  transactional: ['control', 'transactional'],
};

describe('golden batches', () => {
  it('are each refused by the name of the rule they break', (ctx) => {
    if (goldenMissing !== null) skipBecause(ctx, goldenMissing);
    const rules = new Map<string, Set<string>>();
    for (const file of goldenFiles('.log', '.checkpoint')) {
      const group = file.name.split('/')[0]!;
      for (const { position, bytes } of file.described.batches!) {
        const verdict = judge({ ...file, bytes: file.bytes.subarray(position, position + bytes), baseOffset: null });
        if (verdict !== 'obeys') rules.set(group, (rules.get(group) ?? new Set()).add(verdict));
      }
    }
    expect(Object.fromEntries([...rules].map(([group, names]) => [group, [...names].sort()]))).toEqual(BROKEN_RULES);
  });
});

describe('golden indexes', () => {
  it('are there', (ctx) => {
    if (goldenMissing !== null) skipBecause(ctx, goldenMissing);
    expect(goldenFiles('.index', '.timeindex')).not.toHaveLength(0);
  });

  it.each(goldenFiles('.index').map((file) => [file.name, file] as const))(
    'decode to what Kafka reads, and encode to the same bytes: %s',
    (_, { bytes, described, baseOffset }) => {
      const entries = decodeOffsetEntries(bytes)._unsafeUnwrap();
      expect(entries.map(({ relativeOffset, position }) => ({ offset: baseOffset + relativeOffset, position }))).toEqual(described.entries);
      expect(hex(encodeOffsetEntries(entries))).toBe(hex(bytes));
    },
  );

  it.each(goldenFiles('.timeindex').map((file) => [file.name, file] as const))(
    'decode to what Kafka reads, and encode to the same bytes: %s',
    (_, { bytes, described, baseOffset }) => {
      const entries = decodeTimeEntries(bytes)._unsafeUnwrap();
      expect(entries.map(({ timestamp, relativeOffset }) => ({ timestamp, offset: baseOffset + relativeOffset }))).toEqual(described.entries);
      expect(hex(encodeTimeEntries(entries))).toBe(hex(bytes));
    },
  );
});
