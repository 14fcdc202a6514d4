import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32cTable } from './crc32c.js';
import { sealWithCrc } from './sealed-block.js';
import { decodeSegmentTable, encodeSegmentTableEntries, SEGMENT_TABLE_ENTRY_BYTES, type SegmentTableEntry } from './segment-table.js';

const entry: fc.Arbitrary<SegmentTableEntry> = fc
  .record({
    baseOffset: fc.maxSafeNat(),
    nextOffset: fc.maxSafeNat(),
    endPosition: fc.maxSafeNat(),
    maxTimestamp: fc.oneof(fc.constant(-1), fc.maxSafeNat()),
  })
  .map(({ baseOffset, nextOffset, ...rest }) => ({ baseOffset: Math.min(baseOffset, nextOffset), nextOffset: Math.max(baseOffset, nextOffset), ...rest }));

const sample: SegmentTableEntry = { baseOffset: 100, nextOffset: 0x1_0000_0002, endPosition: 4242, maxTimestamp: 1700000000000 };
const encode = (...entries: readonly SegmentTableEntry[]): Uint8Array => encodeSegmentTableEntries(entries, crc32cTable);
const decode = (bytes: Uint8Array): ReturnType<typeof decodeSegmentTable> => decodeSegmentTable(bytes, crc32cTable);

const other: SegmentTableEntry = { baseOffset: 7, nextOffset: 100, endPosition: 900, maxTimestamp: -1 };

describe('segment table', () => {
  it('has the committed bytes of version 1', () => {
    expect(Buffer.from(encode(sample, other)).toString('hex')).toBe(
      '0000000000000064' + '0000000100000002' + '0000000000001092' + '0000018bcfe56800' + '00000001' + 'b5325e2d' +
        '0000000000000007' + '0000000000000064' + '0000000000000384' + 'ffffffffffffffff' + '00000001' + '980616ef',
    );
  });

  it('always reads back, by base offset, the last of several for one', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 10 }), (entries) => {
        const last = new Map(entries.map((each) => [each.baseOffset, each]));
        const sorted = [...last.values()].sort((a, b) => a.baseOffset - b.baseOffset);
        expect(decode(encode(...entries))).toEqual({ entries: sorted, damaged: 0 });
      }),
    );
    const later = { ...other, endPosition: 901 };
    expect(decode(encode(other, sample, later))).toEqual({ entries: [later, sample], damaged: 0 });
  });

  it('reads back the largest numbers there are', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const largest = { baseOffset: most, nextOffset: most, endPosition: most, maxTimestamp: most };
    expect(decode(encode(largest))).toEqual({ entries: [largest], damaged: 0 });
  });

  it('passes over an entry after any single bit of it was flipped, and counts it', () => {
    const bytes = encode(other, sample);
    for (let bit = 0; bit < SEGMENT_TABLE_ENTRY_BYTES * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(decode(bytes), `bit ${bit}`).toEqual({ entries: [sample], damaged: 1 });
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  it('counts a short tail as one damaged entry', () => {
    const bytes = encode(other, sample);
    for (let length = 41; length < 80; length++) expect(decode(bytes.subarray(0, length))).toEqual({ entries: [other], damaged: 1 });
    expect(decode(bytes.subarray(0, 0))).toEqual({ entries: [], damaged: 0 });
  });

  it('counts zeros, another kind, and what makes no sense as damaged', () => {
    expect(decode(new Uint8Array(120))).toEqual({ entries: [], damaged: 3 });
    const changed = (change: (view: DataView) => void): Uint8Array => {
      const bytes = encode(sample);
      change(new DataView(bytes.buffer));
      sealWithCrc(bytes, crc32cTable);
      return bytes;
    };
    const changes: readonly ((view: DataView) => void)[] = [
      (view) => view.setUint32(32, 2),
      (view) => view.setBigInt64(0, -1n),
      (view) => view.setBigInt64(8, 99n),
      (view) => view.setBigInt64(16, 2n ** 53n),
      (view) => view.setBigInt64(24, -2n),
    ];
    for (const change of changes) expect(decode(changed(change))).toEqual({ entries: [], damaged: 1 });
  });
});
