import { describe, expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.js';
import { BATCH_HEADER_BYTES, CHECKSUM_FROM, decodeBatchHeader, writeBatchCrc, writeBatchHeader, type BatchHeader } from './batch-header.js';
import { checkBatch, checkRecords, type BatchVerdict, type ProfileRule } from './check-batch.js';
import { crc32cTable } from './crc32c.js';
import { RecordCursor } from './record-cursor.js';

const bytesMax = 1 << 20;
const baseOffset = 1000;

const built = (): Uint8Array => {
  const builder = new BatchBuilder(bytesMax);
  const headers = [['h', Uint8Array.of(1)], ['n', null]] as const;
  builder.tryAppend({ key: 'k1', value: 'v1', headers, timestamp: 1700000000005 }, 0);
  builder.tryAppend([{ key: 'k2', timestamp: 1700000000003 }, { value: '', timestamp: 1700000000070 }], 0);
  return Uint8Array.from(builder.finish(baseOffset, 0x1234, 17, crc32cTable));
};

const seal = (bytes: Uint8Array): Uint8Array => {
  writeBatchCrc(bytes, 0, crc32cTable(bytes.subarray(CHECKSUM_FROM)));
  return bytes;
};

/** The batch with another header, and a checksum that is right for it. */
const withHeader = (change: Partial<BatchHeader>): Uint8Array => {
  const bytes = built();
  writeBatchHeader(bytes, 0, { ...decodeBatchHeader(bytes, 0)!, ...change });
  return seal(bytes);
};

/** A batch of the given bytes of records. */
const withRecords = (recordsCount: number, records: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + records.length);
  const header = { ...decodeBatchHeader(built(), 0)!, batchBytes: bytes.length, baseTimestamp: 5, maxTimestamp: 5 };
  writeBatchHeader(bytes, 0, { ...header, recordsCount, lastOffsetDelta: recordsCount - 1 });
  bytes.set(records, BATCH_HEADER_BYTES);
  return seal(bytes);
};

const verdict = (bytes: Uint8Array, expected: number | null = baseOffset, end = bytes.length): BatchVerdict =>
  checkBatch(bytes, 0, end, expected, bytesMax, crc32cTable);

const ruleOfRecords = (bytes: Uint8Array): string | null => checkRecords(bytes, 0, decodeBatchHeader(bytes, 0)!)?.rule ?? null;

describe('checkBatch', () => {
  it('says valid of what the builder wrote, with its header, anywhere in the bytes', () => {
    const bytes = built();
    const among = new Uint8Array(bytes.length + 200).fill(0xff);
    among.set(bytes, 100);
    expect(checkBatch(among, 100, among.length, baseOffset, bytes.length, crc32cTable)).toEqual({
      kind: 'valid',
      header: decodeBatchHeader(bytes, 0),
    });
    expect(verdict(bytes, null).kind).toBe('valid');
  });

  it('never says valid after any single bit was flipped', () => {
    const bytes = built();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(verdict(flipped).kind, `bit ${bit}`).not.toBe('valid');
    }
  });

  it('names the rule where a field outside the checksum was changed', () => {
    const changed = (at: number, value: number): BatchVerdict => {
      const bytes = built();
      bytes[at] = value;
      return verdict(bytes);
    };
    expect(changed(7, 1)).toEqual({ kind: 'invalid', rule: 'base-offset' });
    expect(changed(15, 1)).toEqual({ kind: 'invalid', rule: 'leader-epoch' });
    expect(changed(16, 3)).toEqual({ kind: 'invalid', rule: 'magic' });
    expect(changed(11, 49)).toEqual({ kind: 'invalid', rule: 'crc' });
    expect(changed(11, 48)).toEqual({ kind: 'invalid', rule: 'batch-length' });
    expect(changed(8, 0x80)).toEqual({ kind: 'invalid', rule: 'batch-length' });
    expect(changed(8, 0x7f)).toEqual({ kind: 'invalid', rule: 'batch-bytes-max' });
  });

  it('asks for as many bytes as it needs, never reading beyond the end', () => {
    const bytes = built();
    for (let end = 0; end < bytes.length; end++) {
      expect(verdict(bytes, baseOffset, end), String(end)).toEqual({
        kind: 'incomplete',
        needBytes: end < 12 ? BATCH_HEADER_BYTES : bytes.length,
      });
    }
  });

  it('holds a batch to bytesMax exactly', () => {
    const bytes = built();
    const ofMax = (max: number): BatchVerdict => checkBatch(bytes, 0, bytes.length, null, max, crc32cTable);
    expect(ofMax(bytes.length).kind).toBe('valid');
    expect(ofMax(bytes.length - 1)).toEqual({ kind: 'invalid', rule: 'batch-bytes-max' });
  });

  it('says of zeros that their length is none', () => {
    expect(verdict(new Uint8Array(100))).toEqual({ kind: 'invalid', rule: 'batch-length' });
  });

  const rules: readonly (readonly [ProfileRule, Partial<BatchHeader>])[] = [
    ['base-offset', { baseOffset: 999 }],
    ['attributes', { attributes: 0x80 }],
    ['attributes', { attributes: -1 }],
    ['control', { attributes: 0x20 }],
    ['transactional', { attributes: 0x10 }],
    ['delete-horizon', { attributes: 0x40 }],
    ['timestamp-type', { attributes: 0x08 }],
    ['compression', { attributes: 5 }],
    ['producer-id', { producerId: 0 }],
    ['producer-id', { producerId: -2 }],
    ['records-count', { recordsCount: 0, lastOffsetDelta: -1 }],
    ['records-count', { recordsCount: -1 }],
    ['records-count', { recordsCount: 2 ** 31 - 1, lastOffsetDelta: 2 ** 31 - 2 }],
    ['dense-offsets', { lastOffsetDelta: 3 }],
    ['max-timestamp', { maxTimestamp: -1 }],
    ['max-timestamp', { baseTimestamp: 2 ** 53 }],
    ['leader-epoch', { leaderEpoch: -1 }],
  ];
  it.each(rules)('refuses an intact batch by the rule %s: %o', (rule, change) => {
    expect(verdict(withHeader(change))).toEqual({ kind: 'invalid', rule });
  });

  it('lets the four codecs and any mark pass', () => {
    for (const attributes of [1, 2, 3, 4]) expect(verdict(withHeader({ attributes })).kind).toBe('valid');
    expect(verdict(withHeader({ producerEpoch: -32768, baseSequence: -1 })).kind).toBe('valid');
  });

  it('refuses offsets that are no safe integers even where none is expected', () => {
    const last = Number.MAX_SAFE_INTEGER - 3;
    expect(verdict(withHeader({ baseOffset: last }), null).kind).toBe('valid');
    expect(verdict(withHeader({ baseOffset: last + 1 }), null)).toEqual({ kind: 'invalid', rule: 'base-offset' });
    expect(verdict(withHeader({ baseOffset: -1 }), null)).toEqual({ kind: 'invalid', rule: 'base-offset' });
  });
});

describe('checkRecords', () => {
  // length, attributes, timestamp delta, offset delta, key, value, headers
  const first = [12, 0, 0, 0, 1, 1, 0];
  const second = [12, 0, 0, 2, 1, 1, 0];

  it('finds nothing wrong in what the builder wrote', () => {
    expect(ruleOfRecords(built())).toBeNull();
    expect(ruleOfRecords(withRecords(2, [...first, ...second]))).toBeNull();
  });

  it('answers dense-offsets for a gap or a repetition', () => {
    expect(ruleOfRecords(withRecords(2, [...first, ...first]))).toBe('dense-offsets');
    expect(ruleOfRecords(withRecords(2, [...second, ...second]))).toBe('dense-offsets');
  });

  it('answers max-timestamp where it is not the largest, or one is negative', () => {
    expect(ruleOfRecords(withHeader({ maxTimestamp: 1700000000071 }))).toBe('max-timestamp');
    expect(ruleOfRecords(withHeader({ maxTimestamp: 1700000000069 }))).toBe('max-timestamp');
    expect(ruleOfRecords(withRecords(2, [...first, 12, 0, 11, 2, 1, 1, 0]))).toBe('max-timestamp');
  });

  it('answers record for whatever is not well formed', () => {
    const malformed: Record<string, readonly number[]> = {
      'length one short': [10, 0, 0, 0, 1, 1, 0],
      'length one long': [14, 0, 0, 0, 1, 1, 0, 0],
      'length beyond the batch': [14, 0, 0, 0, 1, 1, 0],
      'length 0': [0, 0, 0, 0, 0, 0, 0],
      'negative length': [1, 0, 0, 0, 0, 0, 0],
      'unfinished length': [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
      'bytes left over': [...first, 0],
      'key beyond the record': [12, 0, 0, 0, 4, 1, 0],
      'key length −2': [12, 0, 0, 0, 3, 1, 0],
      'value beyond the record': [12, 0, 0, 0, 1, 2, 0],
      'value length −2': [12, 0, 0, 0, 1, 3, 0],
      'headers count −1': [12, 0, 0, 0, 1, 1, 1],
      'more headers than there are': [12, 0, 0, 0, 1, 1, 2],
      'null header name': [16, 0, 0, 0, 1, 1, 2, 1, 1],
      'header value length −2': [16, 0, 0, 0, 1, 1, 2, 0, 3],
      'header value beyond the record': [16, 0, 0, 0, 1, 1, 2, 0, 2],
    };
    for (const [name, records] of Object.entries(malformed)) expect(ruleOfRecords(withRecords(1, records)), name).toBe('record');
    expect(ruleOfRecords(withRecords(2, first))).toBe('record');
    expect(ruleOfRecords(withRecords(1, [...first, ...second]))).toBe('record');
  });

  it('says nothing good of a batch that is not all there', () => {
    const bytes = built();
    expect(checkRecords(bytes.subarray(0, bytes.length - 1), 0, decodeBatchHeader(bytes, 0)!)).toEqual({ rule: 'record' });
  });
});

describe('records and bytes', () => {
  it('a batch that is cut short is incomplete, wherever it begins', () => {
    const bytes = built();
    const among = new Uint8Array(bytes.length + 100);
    among.set(bytes, 100);
    expect(checkBatch(among, 100, among.length - 5, baseOffset, bytesMax, crc32cTable)).toEqual({ kind: 'incomplete', needBytes: bytes.length });
  });

  it('more records than there is room for are none; of a compressed batch that cannot be told', () => {
    const records = Array.from({ length: 70 }, () => 0);
    expect(verdict(withRecords(10, records)).kind).toBe('valid');
    expect(verdict(withRecords(11, records))).toMatchObject({ kind: 'invalid', rule: 'records-count' });
    const compressed = withRecords(11, records);
    writeBatchHeader(compressed, 0, { ...decodeBatchHeader(compressed, 0)!, attributes: 1 });
    expect(verdict(seal(compressed)).kind).toBe('valid');
  });

  it('a record that goes on beyond its batch is none, whatever follows', () => {
    const bytes = built();
    const header = decodeBatchHeader(bytes, 0)!;
    const longer = new Uint8Array(bytes.length + 50);
    longer.set(bytes);
    expect(checkRecords(longer, 0, { ...header, batchBytes: bytes.length - 1 })).toEqual({ rule: 'record' });
    const cursor = new RecordCursor(longer, 0, { ...header, batchBytes: bytes.length - 1 });
    expect([cursor.next(), cursor.next(), cursor.next()]).toEqual([true, true, false]);
  });
});
