import { describe, expect, it } from 'vitest';
import { batchBytesAt, decodeBatchHeader, writeBatchCrc, writeBatchHeader } from './batch-header.js';

const header = {
  baseOffset: Number.MAX_SAFE_INTEGER - 5,
  batchBytes: 61 + 7,
  leaderEpoch: -1,
  magic: 2,
  attributes: -1,
  lastOffsetDelta: 2 ** 31 - 1,
  baseTimestamp: 1700000000000,
  maxTimestamp: -1,
  producerId: -1,
  producerEpoch: -32768,
  baseSequence: 2 ** 31 - 1,
  recordsCount: 3,
};

describe('batch header', () => {
  it('reads back as written, anywhere in the bytes', () => {
    const bytes = new Uint8Array(100).fill(0xee);
    writeBatchHeader(bytes, 7, header);
    writeBatchCrc(bytes, 7, 0xfedcba98);
    expect(decodeBatchHeader(bytes, 7)).toEqual({ ...header, crc: 0xfedcba98 });
    expect(batchBytesAt(bytes, 7)).toBe(header.batchBytes);
    expect(bytes.subarray(0, 7)).toEqual(new Uint8Array(7).fill(0xee));
    expect(bytes.subarray(68)).toEqual(new Uint8Array(32).fill(0xee));
  });

  it('is null where its bytes are not all there', () => {
    const bytes = new Uint8Array(61);
    expect(decodeBatchHeader(bytes, 0)).not.toBeNull();
    expect(decodeBatchHeader(bytes, 1)).toBeNull();
    expect(decodeBatchHeader(bytes, -1)).toBeNull();
    expect(batchBytesAt(bytes, 49)).toBe(12);
  });

  it('never makes a safe base offset of one that is not', () => {
    const bytes = new Uint8Array(61).fill(0xff, 0, 8);
    bytes[0] = 0x7f;
    expect(Number.isSafeInteger(decodeBatchHeader(bytes, 0)!.baseOffset)).toBe(false);
  });
});
