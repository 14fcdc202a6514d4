import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOffsetEntries, decodeTimeEntries, encodeOffsetEntries, encodeTimeEntries } from './index-entries.js';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** Strictly increasing numbers up to a bound. */
const column = (max: number): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.nat({ max }), { maxLength: 20 }).map((numbers) => numbers.sort((a, b) => a - b));

const i32Max = 2 ** 31 - 1;

describe('offset index entries', () => {
  it('are the bytes that Kafka wrote', () => {
    const entries = [
      { relativeOffset: 3, position: 73 },
      { relativeOffset: 5, position: 169 },
    ];
    const bytes = bytesOf('00000003 00000049 00000005 000000a9');
    expect(encodeOffsetEntries(entries)).toEqual(bytes);
    expect(decodeOffsetEntries(bytes)._unsafeUnwrap()).toEqual(entries);
  });

  it('begin at nothing at the least', () => {
    const entries = [{ relativeOffset: 0, position: 0 }];
    expect(decodeOffsetEntries(encodeOffsetEntries(entries))._unsafeUnwrap()).toEqual(entries);
  });

  it('always read back', () => {
    fc.assert(
      fc.property(column(i32Max), column(i32Max), (offsets, positions) => {
        const entries = offsets.slice(0, positions.length).map((relativeOffset, index) => ({ relativeOffset, position: positions[index]! }));
        expect(decodeOffsetEntries(encodeOffsetEntries(entries))._unsafeUnwrap()).toEqual(entries);
      }),
    );
  });

  it.each([
    ['a length that is no multiple', '00000003 00000049 00', '9 bytes are not a whole number of entries of 8'],
    ['zeros behind the last entry', '00000003 00000049 00000000 00000000', 'the entry at 8 does not lie beyond the one before it'],
    ['an offset twice', '00000003 00000049 00000003 00000050', 'the entry at 8 does not lie beyond the one before it'],
    ['a position twice', '00000003 00000049 00000004 00000049', 'the entry at 8 does not lie beyond the one before it'],
    ['a negative offset', '80000000 00000049', 'the entry at 0 does not lie beyond the one before it'],
    ['a negative position', '00000003 ffffffff', 'the entry at 0 does not lie beyond the one before it'],
  ])('are malformed with %s', (_, hex, message) => {
    expect(decodeOffsetEntries(bytesOf(hex))._unsafeUnwrapErr()).toEqual({ kind: 'malformed', message });
  });
});

describe('time index entries', () => {
  it('are the bytes that Kafka wrote', () => {
    const entries = [
      { timestamp: 1700000000070, relativeOffset: 3 },
      { timestamp: 1700000000100, relativeOffset: 5 },
    ];
    const bytes = bytesOf('0000018bcfe56846 00000003 0000018bcfe56864 00000005');
    expect(encodeTimeEntries(entries)).toEqual(bytes);
    expect(decodeTimeEntries(bytes)._unsafeUnwrap()).toEqual(entries);
  });

  it('begin at nothing at the least', () => {
    const entries = [{ timestamp: 0, relativeOffset: 0 }];
    expect(decodeTimeEntries(encodeTimeEntries(entries))._unsafeUnwrap()).toEqual(entries);
  });

  it('always read back', () => {
    fc.assert(
      fc.property(column(Number.MAX_SAFE_INTEGER), column(i32Max), (timestamps, offsets) => {
        const entries = timestamps.slice(0, offsets.length).map((timestamp, index) => ({ timestamp, relativeOffset: offsets[index]! }));
        expect(decodeTimeEntries(encodeTimeEntries(entries))._unsafeUnwrap()).toEqual(entries);
      }),
    );
  });

  it.each([
    ['a length that is no multiple', '0000018bcfe56846 00', '9 bytes are not a whole number of entries of 12'],
    ['zeros behind the last entry', '0000018bcfe56846 00000003 0000000000000000 00000000', 'the entry at 12 does not lie beyond the one before it'],
    ['a timestamp twice', '0000018bcfe56846 00000003 0000018bcfe56846 00000004', 'the entry at 12 does not lie beyond the one before it'],
    ['an offset twice', '0000018bcfe56846 00000003 0000018bcfe56847 00000003', 'the entry at 12 does not lie beyond the one before it'],
    ['a negative timestamp', 'ffffffffffffffff 00000003', 'the entry at 0 does not lie beyond the one before it'],
    ['an unsafe timestamp', '0020000000000000 00000003', 'the entry at 0 does not lie beyond the one before it'],
  ])('are malformed with %s', (_, hex, message) => {
    expect(decodeTimeEntries(bytesOf(hex))._unsafeUnwrapErr()).toEqual({ kind: 'malformed', message });
  });
});

describe('an empty index', () => {
  it('has no entries and is none the worse for it', () => {
    expect(decodeOffsetEntries(new Uint8Array(0))._unsafeUnwrap()).toEqual([]);
    expect(decodeTimeEntries(new Uint8Array(0))._unsafeUnwrap()).toEqual([]);
    expect([encodeOffsetEntries([]).length, encodeTimeEntries([]).length]).toEqual([0, 0]);
  });
});
