import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32cTable } from './crc32c.js';
import { sealWithCrc } from './sealed-block.js';
import { decodeWatermark, encodeWatermark, WATERMARK_BYTES, type Watermark } from './watermark.js';

const count = fc.maxSafeNat();
const watermark: fc.Arbitrary<Watermark> = fc.record({
  bootId: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  generation: fc.nat({ max: 2 ** 32 - 1 }),
  sequence: count,
  highWatermark: count,
  recoveryPoint: count,
  logStartOffset: count,
  closed: fc.boolean(),
});

const sample: Watermark = {
  bootId: '0f6e1d2c-3b4a-5968-7788-99aabbccddee',
  generation: 0xfedcba98,
  sequence: 9,
  highWatermark: 0x1_0000_0005,
  recoveryPoint: 0x1_0000_0002,
  logStartOffset: 100,
  closed: true,
};

const encode = (value: Watermark): Uint8Array => {
  const bytes = new Uint8Array(WATERMARK_BYTES);
  encodeWatermark(value, bytes, crc32cTable);
  return bytes;
};

const decode = (bytes: Uint8Array): Watermark | null => decodeWatermark(bytes, crc32cTable);

describe('watermark', () => {
  it('has the committed bytes of version 1', () => {
    expect(Buffer.from(encode(sample)).toString('hex')).toBe(
      '4252494d4d41524b' + // BRIMMARK
        '00000001' +
        'fedcba98' +
        '0000000000000009' +
        '0000000100000005' +
        '0000000100000002' +
        '0000000000000064' +
        '00000001' +
        Buffer.from(sample.bootId.padEnd(40, '\0')).toString('hex') +
        '00'.repeat(32) +
        '424c2b7a',
    );
  });

  it('always reads back, and overwrites all of what was there', () => {
    fc.assert(
      fc.property(watermark, watermark, (first, second) => {
        const bytes = new Uint8Array(WATERMARK_BYTES + 10).fill(0xff);
        encodeWatermark(first, bytes, crc32cTable);
        expect(decode(bytes)).toEqual(first);
        encodeWatermark(second, bytes, crc32cTable);
        expect(bytes.subarray(0, WATERMARK_BYTES)).toEqual(encode(second));
        expect(bytes.subarray(WATERMARK_BYTES)).toEqual(new Uint8Array(10).fill(0xff));
      }),
    );
  });

  it('cuts a boot id that is too long, without touching what follows', () => {
    expect(decode(encode({ ...sample, bootId: 'x'.repeat(50) }))).toEqual({ ...sample, bootId: 'x'.repeat(40) });
  });

  it('is null after any single bit was flipped', () => {
    const bytes = encode(sample);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(decode(bytes), `bit ${bit}`).toBeNull();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(decode(bytes)).toEqual(sample);
  });

  it('is null where it is half the old and half the new one', () => {
    const older = encode({ ...sample, sequence: 8, highWatermark: 3, closed: false });
    const newer = encode(sample);
    for (let at = 1; at < WATERMARK_BYTES; at++) {
      const mixed = Uint8Array.from([...newer.subarray(0, at), ...older.subarray(at)]);
      const isWhole = Buffer.compare(mixed, older) === 0 || Buffer.compare(mixed, newer) === 0;
      expect(decode(mixed) === null, String(at)).toBe(!isWhole);
    }
  });

  it('is null where it is short, empty, of another version, or makes no sense', () => {
    expect(decode(encode(sample).subarray(0, 127))).toBeNull();
    expect(decode(new Uint8Array(0))).toBeNull();
    expect(decode(new Uint8Array(WATERMARK_BYTES))).toBeNull();
    for (const [at, value] of [[11, 2], [0, 0x41], [24, 0x80], [32, 0x7f]] as const) {
      const bytes = encode(sample);
      bytes[at] = value;
      sealWithCrc(bytes, crc32cTable);
      expect(decode(bytes), `byte ${at}`).toBeNull();
    }
  });
});
