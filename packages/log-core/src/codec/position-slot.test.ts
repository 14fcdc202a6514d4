import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32cTable } from './crc32c.js';
import { areSoundPositionSlots, decodePositionSlot, encodePositionSlot, POSITION_SLOT_BYTES, type PositionSlot } from './position-slot.js';

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
});
