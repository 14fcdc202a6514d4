import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../model/record.js';
import { BatchBuilder } from './batch-builder.js';
import { ATTRIBUTE, decodeBatchHeader, type BatchHeader } from './batch-header.js';
import { crc32cTable } from './crc32c.js';
import { decodeRecords, decodeRecordsChecked } from './decode-records.js';

const t = 1700000000000;

const built = (count: number): { bytes: Uint8Array; header: BatchHeader } => {
  const builder = new BatchBuilder(1 << 20);
  for (let index = 0; index < count; index++) {
    builder.tryAppend({ key: `k${index}`, value: index % 3 === 0 ? null : `v${index}`, headers: [['h', `${index}`]], timestamp: t + index }, 0);
  }
  const bytes = Uint8Array.from(builder.finish(100, 0, 0, crc32cTable));
  return { bytes, header: decodeBatchHeader(bytes, 0)! };
};

const offsetsOf = (records: Iterable<LogRecord>): number[] => [...records].map(({ offset }) => offset);

describe('decodeRecords', () => {
  it('gives the records at and after an offset', () => {
    const { bytes, header } = built(5);
    const from = (offset: number): number[] => offsetsOf(decodeRecords(bytes, 0, header, offset));
    expect(from(0)).toEqual([100, 101, 102, 103, 104]);
    expect(from(102)).toEqual([102, 103, 104]);
    expect(from(104)).toEqual([104]);
    expect(from(105)).toEqual([]);
  });

  it('can be iterated more than once, and stopped early', () => {
    const { bytes, header } = built(3);
    const records = decodeRecords(bytes, 0, header, 0);
    for (const record of records) {
      expect(record.offset).toBe(100);
      break;
    }
    expect(offsetsOf(records)).toEqual([100, 101, 102]);
    const iterator = records[Symbol.iterator]();
    while (iterator.next().done !== true);
    expect(iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('gives views, plain ones also of a Buffer, that copy nothing', () => {
    const { bytes, header } = built(2);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [, record] = [...decodeRecords(buffer, 0, header, 0)];
    expect(Object.getPrototypeOf(record!.value)).toBe(Uint8Array.prototype);
    expect(record!.value!.buffer).toBe(bytes.buffer);
    expect(record!.headers[0]![1]!.buffer).toBe(bytes.buffer);
  });

  it('decodes a batch in the middle of bytes that are themselves a view', () => {
    const { bytes, header } = built(3);
    const around = new Uint8Array(bytes.length + 40).fill(0xff);
    around.set(bytes, 25);
    const view = around.subarray(5);
    expect([...decodeRecords(view, 20, header, 0)]).toEqual([...decodeRecords(bytes, 0, header, 0)]);
  });

  it('gives every record the broker’s time where the timestamps are of that type', () => {
    const { bytes, header } = built(3);
    const stamped = { ...header, attributes: ATTRIBUTE.logAppendTime, maxTimestamp: 77 };
    expect([...decodeRecords(bytes, 0, stamped, 0)].map(({ timestamp }) => timestamp)).toEqual([77, 77, 77]);
  });

  it('ends before a record that is not well formed, and never throws, whatever the bytes are', () => {
    const { bytes, header } = built(3);
    fc.assert(
      fc.property(fc.nat(bytes.length - 62), fc.nat(255), fc.nat(100), (at, byte, cut) => {
        const damaged = Uint8Array.from(bytes).subarray(0, Math.max(0, bytes.length - cut));
        damaged[61 + at] = byte;
        const records = [...decodeRecords(damaged, 0, header, 0)];
        expect(records.length).toBeLessThanOrEqual(3);
        for (const { key, value } of records) expect((key?.length ?? 0) + (value?.length ?? 0)).toBeLessThan(bytes.length);
      }),
    );
    const shortened = Uint8Array.from(bytes);
    shortened[61]! -= 2;
    expect([...decodeRecords(shortened, 0, header, 0)]).toEqual([]);
  });

  it('gives no record of a header that makes no sense', () => {
    const { bytes, header } = built(1);
    for (const change of [{ batchBytes: -5 }, { recordsCount: -1 }, { recordsCount: 0 }]) {
      expect([...decodeRecords(bytes, 0, { ...header, ...change }, 0)]).toEqual([]);
    }
  });
});

describe('decodeRecordsChecked', () => {
  it('gives all records, or says that one is malformed', () => {
    const { bytes, header } = built(3);
    expect(offsetsOf(decodeRecordsChecked(bytes, 0, header)._unsafeUnwrap())).toEqual([100, 101, 102]);
    const fewer = decodeRecordsChecked(bytes, 0, { ...header, recordsCount: 2 });
    const more = decodeRecordsChecked(bytes, 0, { ...header, recordsCount: 4 });
    const cut = decodeRecordsChecked(bytes.subarray(0, bytes.length - 1), 0, header);
    expect([fewer, more, cut].map((result) => result._unsafeUnwrapErr())).toEqual([
      { kind: 'malformed', message: 'the records of the batch at 0 do not end where it does' },
      { kind: 'malformed', message: 'record 3 of 4 of the batch at 0 is malformed' },
      { kind: 'malformed', message: 'the batch at 0 goes on beyond the bytes given' },
    ]);
  });
});

describe('what is asked of it in other ways', () => {
  it('an iterator is iterable itself', () => {
    const { bytes, header } = built(3);
    const iterator = decodeRecords(bytes, 0, header, 0)[Symbol.iterator]() as IterableIterator<LogRecord>;
    expect(offsetsOf(iterator)).toEqual([100, 101, 102]);
  });

  it('gives no more records than the header says', () => {
    const { bytes, header } = built(3);
    expect(offsetsOf(decodeRecords(bytes, 0, { ...header, recordsCount: 2 }, 0))).toEqual([100, 101]);
  });

  it('says that a batch is compressed', () => {
    const { bytes, header } = built(1);
    expect(decodeRecordsChecked(bytes, 0, { ...header, attributes: header.attributes | (ATTRIBUTE.codec & 1) })._unsafeUnwrapErr().message).toContain('compressed');
  });
});
