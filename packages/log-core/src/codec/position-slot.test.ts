import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32cTable } from './crc32c.js';
import { areSoundPositionSlots, decodePositionSlot, encodePositionSlot, POSITION_SLOT_BYTES, type PositionSlot } from './position-slot.js';
import { sealWithCrc } from './sealed-block.js';

const slot: fc.Arbitrary<PositionSlot> = fc.record({
  sequence: fc.maxSafeNat(),
  offset: fc.option(fc.maxSafeNat()),
  name: fc.string({ unit: 'grapheme', maxLength: 20 }).filter((name) => new TextEncoder().encode(name).length <= 255),
});

describe('position slot', () => {
  it('always reads back, from anywhere in the file', () => {
    fc.assert(
      fc.property(slot, fc.nat(3), (value, index) => {
        const file = new Uint8Array(4 * POSITION_SLOT_BYTES).fill(0xff);
        file.set(encodePositionSlot(value, crc32cTable), index * POSITION_SLOT_BYTES);
        expect(decodePositionSlot(file, index * POSITION_SLOT_BYTES, crc32cTable)).toEqual(value);
      }),
    );
  });

  it('takes a name of 255 bytes', () => {
    const value = { sequence: 1, offset: 2, name: 'n'.repeat(255) };
    expect(decodePositionSlot(encodePositionSlot(value, crc32cTable), 0, crc32cTable)).toEqual(value);
  });

  it('is null after any single bit was flipped, and where it is short or zeros', () => {
    const bytes = encodePositionSlot({ sequence: 9, offset: 3, name: 'billing' }, crc32cTable);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodePositionSlot(bytes, 0, crc32cTable), `bit ${bit}`).toBeNull();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(decodePositionSlot(bytes, 0, crc32cTable)).not.toBeNull();
    expect(decodePositionSlot(bytes.subarray(1), 0, crc32cTable)).toBeNull();
    expect(decodePositionSlot(bytes, 512, crc32cTable)).toBeNull();
    expect(decodePositionSlot(new Uint8Array(512), 0, crc32cTable)).toBeNull();
  });

  it('tells a file of whole and unwritten slots from one that holds anything else', () => {
    const file = new Uint8Array(4 * POSITION_SLOT_BYTES);
    expect(areSoundPositionSlots(file, crc32cTable)).toBe(true);
    file.set(encodePositionSlot({ sequence: 9, offset: 3, name: 'billing' }, crc32cTable), POSITION_SLOT_BYTES);
    expect([areSoundPositionSlots(file, crc32cTable), areSoundPositionSlots(file.subarray(0, 600), crc32cTable)]).toEqual([true, false]);
    for (const at of [0, POSITION_SLOT_BYTES + 20, file.length - 1]) {
      file[at]! ^= 1;
      expect(areSoundPositionSlots(file, crc32cTable), `byte ${at}`).toBe(false);
      file[at]! ^= 1;
    }
  });

  it('is nothing where a sealed slot holds what no log writes', () => {
    const forged = (change: (bytes: Uint8Array) => void): unknown => {
      const bytes = encodePositionSlot({ sequence: 7, offset: 9, name: 'reader' }, crc32cTable);
      change(bytes);
      sealWithCrc(bytes, crc32cTable);
      return decodePositionSlot(bytes, 0, crc32cTable);
    };
    expect(forged(() => undefined)).toEqual({ sequence: 7, offset: 9, name: 'reader' });
    expect(forged((bytes) => bytes.fill(0xff, 16, 24))).toEqual({ sequence: 7, offset: null, name: 'reader' });
    expect(forged((bytes) => bytes.fill(0xff, 8, 16)), 'a negative sequence').toBeNull();
    expect(forged((bytes) => (bytes[8] = 0x40)), 'a sequence beyond 2^53').toBeNull();
    expect(forged((bytes) => (bytes[16] = 0x80)), 'a negative offset that is not −1').toBeNull();
    expect(forged((bytes) => (bytes[17] = 0x20)), 'an offset beyond 2^53').toBeNull();
    expect(forged((bytes) => (bytes[24] = 0x80)), 'a negative length of the name').toBeNull();
    expect(forged((bytes) => (bytes[24] = 1)), 'a name that is too long').toBeNull();
    expect(forged((bytes) => (bytes[26] = 0xff)), 'a name that is no UTF-8').toBeNull();
  });
});

it('a block of another kind is no slot, though its checksum is right', () => {
  const bytes = encodePositionSlot({ sequence: 9, offset: 3, name: 'billing' }, crc32cTable);
  bytes[0]! ^= 1;
  sealWithCrc(bytes, crc32cTable);
  expect(decodePositionSlot(bytes, 0, crc32cTable)).toBeNull();
});
