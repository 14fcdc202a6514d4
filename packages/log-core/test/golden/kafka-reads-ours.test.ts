// What we write, read by Kafka's own code: DumpLogSegments finds nothing wrong, and its reader sees the values we gave.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { BatchBuilder } from '../../src/codec/batch-builder.js';
import { decodeBatchHeader } from '../../src/codec/batch-header.js';
import { crc32cTable } from '../../src/codec/crc32c.js';
import { decodeRecordsChecked } from '../../src/codec/decode-records.js';
import { encodeOffsetEntries, encodeTimeEntries } from '../../src/codec/index-entries.js';
import type { LogRecord, RecordInput } from '../../src/model/record.js';
import { type DescribedBatch, type DescribedFile, describeRecord, hex, kafkaScript, skipBecause } from './manifest.js';

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function kafka(...args: readonly string[]): Promise<Answer> {
  return new Promise((settle) => {
    execFile(kafkaScript, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      settle({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
    });
  });
}

/** Skips the test, with the reason, where Kafka cannot be run on this machine. */
async function needKafka(ctx: TestContext): Promise<void> {
  if (!existsSync(kafkaScript)) skipBecause(ctx, `skipped: no ${kafkaScript}`);
  let ready = await kafka('check');
  if (ready.code === 77 && ready.stderr.includes('not set up') && (await kafka('setup')).code === 0) ready = await kafka('check');
  if (ready.code !== 0) skipBecause(ctx, `skipped: Kafka is not ready here: ${(ready.stdout + ready.stderr).trim()}`);
}

const NOW = 1_700_000_000_000;
const BASE_OFFSET = 1_000_000_007;
const bytes = (count: number, seed = 7): Uint8Array => Uint8Array.from({ length: count }, (_, index) => (index * seed) & 0xff);

/** Appends as users make them, one batch a row: what is special about each is in its values. */
const BATCHES: readonly { readonly tag: number; readonly distance: number; readonly appends: readonly (RecordInput | readonly RecordInput[])[] }[] = [
  { tag: -1, distance: -1, appends: ['hello'] },
  {
    tag: 0x7fff,
    distance: 0,
    appends: [
      [{ key: 'k1', value: 'v1', headers: [['h', 'x'], ['n', null], ['', ''], ['h', bytes(3)], ['größe', 'ß']] }, { key: 'k2', value: null }],
      { key: '', value: '' },
      {},
      bytes(0),
      { value: 'lone \ud800 surrogate', headers: [['\udc00', 'x']] },
    ],
  },
  {
    tag: -0x8000,
    distance: 0x7fff_ffff,
    appends: [
      { value: 'a day ahead', timestamp: NOW + 86_400_000 },
      { value: 'an hour back', timestamp: NOW - 3_600_000 },
      { value: 'at the epoch', timestamp: 0 },
      { value: 'as late as can be', timestamp: Number.MAX_SAFE_INTEGER },
    ],
  },
  { tag: 12_345, distance: 63, appends: [Array.from({ length: 300 }, (_, index) => ({ key: bytes(index, 3), value: bytes(2 * index, 5) }))] },
  { tag: 12_345, distance: 64, appends: [{ value: bytes(900 * 1024) }, { value: 'ä'.repeat(9000) }] },
  { tag: 12_345, distance: 1, appends: Array.from({ length: 2000 }, () => bytes(100)) },
];

interface Segment {
  readonly log: Uint8Array;
  readonly offsetEntries: { relativeOffset: number; position: number }[];
  readonly timeEntries: { timestamp: number; relativeOffset: number }[];
  /** What our own decoder makes of each batch. */
  readonly batches: { readonly tag: number; readonly distance: number; readonly baseOffset: number; readonly records: readonly LogRecord[] }[];
}

function buildSegment(): Segment {
  const builder = new BatchBuilder(1024 * 1024);
  const parts: Uint8Array[] = [];
  const segment: Omit<Segment, 'log'> = { offsetEntries: [], timeEntries: [], batches: [] };
  let baseOffset = BASE_OFFSET;
  let position = 0;
  let maxTimestamp = -1;
  for (const { tag, distance, appends } of BATCHES) {
    for (const append of appends) expect(builder.tryAppend(append, NOW).kind).toBe('appended');
    const batch = builder.finish(baseOffset, tag, distance, crc32cTable).slice();
    builder.reset();
    const header = decodeBatchHeader(batch, 0)!;
    const records = decodeRecordsChecked(batch, 0, header)._unsafeUnwrap();
    const relativeOffset = baseOffset + header.lastOffsetDelta - BASE_OFFSET;
    if (position > 0) segment.offsetEntries.push({ relativeOffset, position });
    if (header.maxTimestamp > maxTimestamp) segment.timeEntries.push({ timestamp: (maxTimestamp = header.maxTimestamp), relativeOffset });
    segment.batches.push({ tag, distance, baseOffset, records });
    parts.push(batch);
    baseOffset += records.length;
    position += batch.length;
  }
  return { ...segment, log: Uint8Array.from(parts.flatMap((part) => [...part])) };
}

it('Kafka reads the segments and indexes we write, value for value', { timeout: 300_000 }, async (ctx) => {
  await needKafka(ctx);
  const segment = buildSegment();
  const directory = await mkdtemp(join(tmpdir(), 'brimlog-golden-'));
  try {
    const name = String(BASE_OFFSET).padStart(20, '0');
    const [log, index, timeIndex] = ['log', 'index', 'timeindex'].map((ending) => join(directory, `${name}.${ending}`)) as [string, string, string];
    await writeFile(log, segment.log);
    await writeFile(index, encodeOffsetEntries(segment.offsetEntries));
    await writeFile(timeIndex, encodeTimeEntries(segment.timeEntries));

    // Dump follows the indexes too: it compares their entries with the batches they point at.
    const dumped = await kafka('dump', '--quiet', log, index, timeIndex);
    expect(dumped, dumped.stdout + dumped.stderr).toMatchObject({ code: 0 });

    const described = await kafka('describe', log, index, timeIndex);
    expect(described, described.stderr).toMatchObject({ code: 0 });
    const [logFile, indexFile, timeFile] = described.stdout.trim().split('\n').map((line) => JSON.parse(line) as DescribedFile);
    expect(logFile!.bytes).toBe(segment.log.length);
    expectSameBatches(logFile!.batches!, segment);
    expect(indexFile!.entries).toEqual(
      segment.offsetEntries.map(({ relativeOffset, position }) => ({ offset: BASE_OFFSET + relativeOffset, position })),
    );
    expect(timeFile!.entries).toEqual(
      segment.timeEntries.map(({ timestamp, relativeOffset }) => ({ timestamp, offset: BASE_OFFSET + relativeOffset })),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

function expectSameBatches(described: readonly DescribedBatch[], { batches }: Segment): void {
  expect(described).toHaveLength(batches.length);
  for (const [index, { tag, distance, baseOffset, records }] of batches.entries()) {
    const timestamps = records.map(({ timestamp }) => timestamp);
    expect(described[index]).toMatchObject({
      baseOffset,
      lastOffset: baseOffset + records.length - 1,
      count: records.length,
      partitionLeaderEpoch: 0,
      magic: 2,
      attributes: 0,
      baseTimestamp: timestamps[0],
      maxTimestamp: Math.max(...timestamps),
      producerId: -1,
      producerEpoch: tag,
      baseSequence: distance,
    });
    const sequence = (delta: number): number => (distance < 0 ? -1 : (distance + delta) & 0x7fff_ffff);
    expect(described[index]!.records).toEqual(records.map((record, delta) => describeRecord(record, sequence(delta))));
  }
  // Against what was given, not only against our own decoder.
  const [first, second] = [described[1]!.records[0]!, described[1]!.records[5]!];
  expect(first.headers).toEqual([['h', '78'], ['n', null], ['', ''], ['h', hex(bytes(3))], ['größe', 'c39f']]);
  expect(second.valueBytes).toBe('lone '.length + 3 + ' surrogate'.length);
  expect(second.headers).toEqual([['\ufffd', '78']]);
  expect(described[2]!.records.map(({ timestamp }) => timestamp)).toEqual([NOW + 86_400_000, NOW - 3_600_000, 0, Number.MAX_SAFE_INTEGER]);
}
