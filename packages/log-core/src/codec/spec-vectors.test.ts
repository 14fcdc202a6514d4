// Batches that Kafka's own classes and other clients decoded, written by an encoder that is not ours.
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.js';
import { decodeBatchHeader, type BatchHeader } from './batch-header.js';
import { checkBatch, checkRecords, type BatchVerdict } from './check-batch.js';
import { crc32cTable } from './crc32c.js';
import { decodeRecords, decodeRecordsChecked, isCompressed } from './decode-records.js';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/[\s|]/g, ''), 'hex'));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const t = 1700000000000;

/** One record, value "hello". */
const A = bytesOf(`0000000000000000 0000003d 00000000 02 e641a44b 0000 00000000 0000018bcfe56800 0000018bcfe56800
  ffffffffffffffff ffff ffffffff 00000001 | 16 00 00 00 01 0a 68656c6c6f 00`);
/** Three records of an idempotent producer: headers, null value, timestamps back and forth, empty key and value. */
const B = bytesOf(`0000000000000001 00000054 00000000 02 13cec6a2 0000 00000002 0000018bcfe56805 0000018bcfe56846
  0000000000000fa0 0000 00000000 00000003
  22 00 00 00 04 6b31 04 7631 04 02 68 02 01 02 6e 01 | 10 00 03 02 04 6b32 01 00 | 0e 00 8201 04 00 00 00`);
/** Snappy. */
const C = bytesOf(`0000000000000004 0000005b 00000000 02 72a55c58 0002 00000001 0000018bcfe56864 0000018bcfe56864
  ffffffffffffffff ffff ffffffff 00000002
  82534e4150505900 00000001 00000001 00000016 14 4c 12000000010661626300 12000002010664656600`);
/** A commit marker. */
const D = bytesOf(`0000000000000006 00000042 00000000 02 a2392ced 0030 00000000 0000018bcfe568c8 0000018bcfe568c8
  0000000000000fa0 0000 ffffffff 00000001 | 20 00 00 00 08 00000001 0c 000000000000 00`);

const headerOf = (bytes: Uint8Array): BatchHeader => decodeBatchHeader(bytes, 0)!;
const verdictOf = (bytes: Uint8Array): BatchVerdict => checkBatch(bytes, 0, bytes.length, null, 1024, crc32cTable);

describe('vector A', () => {
  it('is valid, and decodes', () => {
    expect(verdictOf(A)).toEqual({ kind: 'valid', header: headerOf(A) });
    expect(checkRecords(A, 0, headerOf(A))).toBeNull();
    expect(headerOf(A)).toEqual({
      baseOffset: 0,
      batchBytes: 73,
      leaderEpoch: 0,
      magic: 2,
      crc: 0xe641a44b,
      attributes: 0,
      lastOffsetDelta: 0,
      baseTimestamp: t,
      maxTimestamp: t,
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
      recordsCount: 1,
    });
    expect([...decodeRecords(A, 0, headerOf(A), 0)]).toEqual([{ offset: 0, timestamp: t, key: null, value: text('hello'), headers: [] }]);
  });

  it('is what the builder writes', () => {
    const builder = new BatchBuilder(1024);
    builder.tryAppend('hello', t);
    expect(builder.finish(0, -1, -1, crc32cTable)).toEqual(A);
  });
});

describe('vector B', () => {
  it('decodes', () => {
    expect(decodeRecordsChecked(B, 0, headerOf(B))._unsafeUnwrap()).toEqual([
      { offset: 1, timestamp: t + 5, key: text('k1'), value: text('v1'), headers: [['h', Uint8Array.of(1)], ['n', null]] },
      { offset: 2, timestamp: t + 3, key: text('k2'), value: null, headers: [] },
      { offset: 3, timestamp: t + 70, key: text(''), value: text(''), headers: [] },
    ]);
    expect(checkRecords(B, 0, headerOf(B))).toBeNull();
  });

  it('is refused for its producer id, and written alike but for that', () => {
    expect(verdictOf(B)).toEqual({ kind: 'invalid', rule: 'producer-id' });
    const builder = new BatchBuilder(1024);
    builder.tryAppend({ key: 'k1', value: 'v1', headers: [['h', Uint8Array.of(1)], ['n', null]], timestamp: t + 5 }, 0);
    builder.tryAppend([{ key: 'k2', timestamp: t + 3 }, { key: '', value: '', timestamp: t + 70 }], 0);
    const ours = builder.finish(1, 0, 0, crc32cTable);
    expect(ours.subarray(0, 17)).toEqual(B.subarray(0, 17));
    expect(ours.subarray(21, 43)).toEqual(B.subarray(21, 43));
    expect(ours.subarray(51)).toEqual(B.subarray(51));
  });
});

describe('vector C', () => {
  it('is intact and within the profile, and known to be compressed', () => {
    expect(verdictOf(C)).toMatchObject({ kind: 'valid' });
    expect(isCompressed(headerOf(C))).toBe(true);
    expect([...decodeRecords(C, 0, headerOf(C), 0)]).toEqual([]);
    expect(decodeRecordsChecked(C, 0, headerOf(C))._unsafeUnwrapErr().kind).toBe('malformed');
  });
});

describe('vector D', () => {
  it('decodes as the control record it is, and is refused for that', () => {
    expect(decodeRecordsChecked(D, 0, headerOf(D))._unsafeUnwrap()).toEqual([
      { offset: 6, timestamp: t + 200, key: bytesOf('00000001'), value: bytesOf('000000000000'), headers: [] },
    ]);
    expect(verdictOf(D)).toEqual({ kind: 'invalid', rule: 'control' });
  });
});
