import { describe, expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.js';
import { decodeBatchHeader, type BatchHeader } from './batch-header.js';
import { crc32cTable } from './crc32c.js';
import { findTaggedBatch, markedRecoveryPoint } from './find-batch.js';

const tag = -12345;

const batch = (baseOffset: number, itsTag = tag, value: Uint8Array | string = 'value'): Uint8Array => {
  const builder = new BatchBuilder(1 << 16);
  builder.tryAppend(value, 1700000000000);
  return Uint8Array.from(builder.finish(baseOffset, itsTag, 4, crc32cTable));
};

const find = (bytes: Uint8Array, from = 0, end = bytes.length, min = 0, max = 1000): number | null =>
  findTaggedBatch(bytes, from, end, { min, max }, tag, crc32cTable)?.at ?? null;

const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

describe('findTaggedBatch', () => {
  const junk = new Uint8Array(77).fill(2);

  it('finds the first whole batch behind bytes of any kind, and gives its header', () => {
    const bytes = concat(junk, batch(10), batch(11));
    expect(findTaggedBatch(bytes, 0, bytes.length, { min: 0, max: 1000 }, tag, crc32cTable)).toEqual({
      at: 77,
      header: decodeBatchHeader(bytes, 77),
    });
    expect(find(bytes, 78)).toBe(77 + batch(10).length);
    expect(find(bytes, 77 + batch(10).length + 1)).toBeNull();
  });

  it('passes over another log’s batch, and one whose offset lies outside the range', () => {
    expect(find(concat(batch(10, 1), batch(10)))).toBe(batch(10).length);
    const bytes = concat(batch(10), batch(11));
    expect(find(bytes, 0, bytes.length, 11, 12)).toBe(batch(10).length);
    expect(find(bytes, 0, bytes.length, 12)).toBeNull();
    expect(find(bytes, 0, bytes.length, 0, 10)).toBeNull();
  });

  it('passes over a batch that is damaged or reaches past the end', () => {
    const damaged = batch(10);
    damaged[70]! ^= 1;
    expect(find(concat(damaged, batch(11)))).toBe(damaged.length);
    const bytes = concat(batch(10), new Uint8Array(10));
    expect(find(bytes, 0, batch(10).length - 1)).toBeNull();
    expect(find(bytes, 0, batch(10).length)).toBe(0);
  });

  it('does not know a batch inside a record’s value from a real one but by its tag', () => {
    expect(find(batch(10, tag, batch(11, 1)), 1)).toBeNull();
  });
});

describe('markedRecoveryPoint', () => {
  const header = (change: Partial<BatchHeader> = {}): BatchHeader => ({ ...decodeBatchHeader(batch(10), 0)!, ...change });

  it('is the base offset less the distance', () => {
    expect(markedRecoveryPoint(header(), tag)).toBe(6);
    expect(markedRecoveryPoint(header({ baseSequence: 0 }), tag)).toBe(10);
    expect(markedRecoveryPoint(header({ baseSequence: 10 }), tag)).toBe(0);
  });

  it('is null without the tag, with a producer id, or with a distance that reaches below 0 or ahead', () => {
    expect(markedRecoveryPoint(header(), 1)).toBeNull();
    expect(markedRecoveryPoint(header({ producerId: 0 }), tag)).toBeNull();
    expect(markedRecoveryPoint(header({ baseSequence: 11 }), tag)).toBeNull();
    expect(markedRecoveryPoint(header({ baseSequence: -1 }), tag)).toBeNull();
  });
});

it.each([tag ^ 0x0100, tag ^ 0x0001])('a batch with a tag that differs in one byte is another log’s (%d)', (other) => {
  expect(find(batch(10, (other << 16) >> 16))).toBeNull();
});
