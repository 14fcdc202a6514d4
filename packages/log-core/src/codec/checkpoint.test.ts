import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_FILE_BYTES, CHECKPOINT_SLOT_SPACING, decodeCheckpointFile, encodeCheckpointSlot, isSoundCheckpointFile, type Checkpoint } from './checkpoint.js';
import { crc32cTable } from './crc32c.js';
import { sealWithCrc } from './sealed-block.js';

const count = fc.maxSafeNat();
const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  sequence: count,
  logStartOffset: count,
  lowestSegment: count,
  recoveryPoint: count,
  recoveryPointSegment: count,
  recoveryPointPosition: count,
  highestSegment: count,
  clean: fc.boolean(),
  endPosition: count,
  tag: fc.integer({ min: -32768, max: 32767 }),
});

const sample: Checkpoint = {
  sequence: 7,
  logStartOffset: 100,
  lowestSegment: 90,
  recoveryPoint: 0x1_0000_0002,
  recoveryPointSegment: 0x1_0000_0000,
  recoveryPointPosition: 4242,
  highestSegment: 0x1_0000_0000,
  clean: true,
  endPosition: 4300,
  tag: -2,
};

const slotOf = (change: Partial<Checkpoint> = {}): Uint8Array => encodeCheckpointSlot({ ...sample, ...change }, crc32cTable);

/** A slot changed by hand, with a checksum that is right for it. */
const sealed = (change: (slot: DataView) => void): Uint8Array => {
  const slot = slotOf();
  change(new DataView(slot.buffer));
  sealWithCrc(slot, crc32cTable);
  return slot;
};

const fileOf = (first: Uint8Array | null, second: Uint8Array | null): Uint8Array => {
  const file = new Uint8Array(CHECKPOINT_FILE_BYTES);
  if (first !== null) file.set(first, 0);
  if (second !== null) file.set(second, CHECKPOINT_SLOT_SPACING);
  return file;
};

const decode = (file: Uint8Array): ReturnType<typeof decodeCheckpointFile> => decodeCheckpointFile(file, crc32cTable);

describe('encodeCheckpointSlot', () => {
  it('gives the committed bytes of format version 1', () => {
    expect(Buffer.from(slotOf()).toString('hex')).toBe(
      '4252494d4c4f4700' + // BRIMLOG\0
        '00000001' + // format version
        '00000001' + // clean
        '0000000000000007' +
        '0000000000000064' +
        '0000000100000002' +
        '0000000100000000' +
        '0000000000001092' +
        '0000000100000000' +
        '00000000000010cc' +
        'fffe' +
        '00'.repeat(6) +
        '000000000000005a' +
        '00'.repeat(36) +
        '061d542f',
    );
  });
});

describe('decodeCheckpointFile', () => {
  it('always reads back what was encoded, from either slot', () => {
    fc.assert(
      fc.property(checkpoint, (value) => {
        const slot = encodeCheckpointSlot(value, crc32cTable);
        expect(decode(fileOf(slot, null))).toEqual({ kind: 'valid', checkpoint: value, slot: 0, damagedSlots: 0 });
        expect(decode(fileOf(null, slot))).toEqual({ kind: 'valid', checkpoint: value, slot: 1, damagedSlots: 0 });
      }),
    );
  });

  it('takes the slot with the higher sequence', () => {
    expect(decode(fileOf(slotOf({ sequence: 8 }), slotOf({ sequence: 7 })))).toMatchObject({ slot: 0, checkpoint: { sequence: 8 } });
    expect(decode(fileOf(slotOf({ sequence: 8 }), slotOf({ sequence: 9 })))).toMatchObject({ slot: 1, checkpoint: { sequence: 9 } });
    expect(decode(fileOf(slotOf(), slotOf()))).toMatchObject({ slot: 0 });
  });

  it('falls back to the older slot after any single bit of the newer one was flipped', () => {
    const older = slotOf({ sequence: 6 });
    const newer = slotOf();
    for (let bit = 0; bit < newer.length * 8; bit++) {
      const flipped = Uint8Array.from(newer);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const expected = { kind: 'valid', checkpoint: { ...sample, sequence: 6 }, damagedSlots: 1 };
      expect(decode(fileOf(older, flipped)), `bit ${bit}`).toEqual({ ...expected, slot: 0 });
      expect(decode(fileOf(flipped, older)), `bit ${bit}`).toEqual({ ...expected, slot: 1 });
    }
  });

  it('falls back to the older slot where the newer one was torn at any byte', () => {
    const torn = slotOf();
    const former = slotOf({ sequence: 5, tag: 1, logStartOffset: 99 });
    for (let bytes = 1; bytes < torn.length; bytes++) {
      const half = Uint8Array.from([...torn.subarray(0, bytes), ...former.subarray(bytes)]);
      if (Buffer.compare(half, torn) === 0 || Buffer.compare(half, former) === 0) continue;
      expect(decode(fileOf(slotOf({ sequence: 6 }), half)), String(bytes)).toMatchObject({ slot: 0, damagedSlots: 1 });
    }
  });

  it('reads a shorter file, of which only what holds something can be damaged', () => {
    const file = fileOf(slotOf(), slotOf({ sequence: 8 }));
    for (const length of [128, 129, 4096]) expect(decode(file.subarray(0, length))).toMatchObject({ slot: 0, damagedSlots: 0 });
    for (const length of [4097, 4223]) expect(decode(file.subarray(0, length))).toMatchObject({ slot: 0, damagedSlots: 1 });
    expect(decode(file.subarray(0, 4224))).toMatchObject({ slot: 1, damagedSlots: 0 });
    expect(decode(fileOf(slotOf(), null).subarray(0, 4100))).toMatchObject({ slot: 0, damagedSlots: 0 });
    for (const length of [0, 1, 127]) expect(decode(file.subarray(0, length))).toEqual({ kind: 'damaged' });
  });

  it('ignores what lies between and behind the slots', () => {
    const file = new Uint8Array(CHECKPOINT_FILE_BYTES + 100).fill(0xff);
    file.set(slotOf(), 0);
    file.set(slotOf({ sequence: 8 }), CHECKPOINT_SLOT_SPACING);
    expect(decode(file)).toMatchObject({ kind: 'valid', slot: 1, damagedSlots: 0 });
  });

  it('is sound where no slot is damaged, those never written apart', () => {
    const file = new Uint8Array(CHECKPOINT_FILE_BYTES);
    expect(isSoundCheckpointFile(file, crc32cTable)).toBe(false);
    file.set(encodeCheckpointSlot(sample, crc32cTable), CHECKPOINT_SLOT_SPACING);
    expect(isSoundCheckpointFile(file, crc32cTable)).toBe(true);
    file[3] = 1;
    expect(isSoundCheckpointFile(file, crc32cTable)).toBe(false);
  });

  it('is damaged where there is no valid slot', () => {
    expect(decode(new Uint8Array(CHECKPOINT_FILE_BYTES))).toEqual({ kind: 'damaged' });
    expect(decode(new Uint8Array(CHECKPOINT_FILE_BYTES).fill(0xff))).toEqual({ kind: 'damaged' });
  });

  it('lets an intact slot of a newer format win over everything', () => {
    const newer = sealed((slot) => slot.setUint32(8, 2));
    const answer = { kind: 'newer-format', version: 2 };
    expect(decode(fileOf(newer, slotOf({ sequence: 100 })))).toEqual(answer);
    expect(decode(fileOf(slotOf({ sequence: 100 }), newer))).toEqual(answer);
    newer[127]! ^= 1;
    expect(decode(fileOf(slotOf(), newer))).toMatchObject({ kind: 'valid', damagedSlots: 1 });
  });

  it('calls damaged what has a right checksum and makes no sense', () => {
    const changes: Record<string, (slot: DataView) => void> = {
      'version 0': (slot) => slot.setUint32(8, 0),
      'another magic': (slot) => slot.setUint8(0, 0),
      'a negative offset': (slot) => slot.setBigInt64(24, -1n),
      'an unsafe position': (slot) => slot.setBigInt64(48, 2n ** 53n),
    };
    for (const [name, change] of Object.entries(changes)) expect(decode(fileOf(sealed(change), null)), name).toEqual({ kind: 'damaged' });
  });
});

describe('isSoundCheckpointFile', () => {
  const file = (...slots: readonly Uint8Array[]): Uint8Array => {
    const bytes = new Uint8Array(CHECKPOINT_FILE_BYTES);
    slots.forEach((slot, at) => {
      bytes.set(slot, at * CHECKPOINT_SLOT_SPACING);
    });
    return bytes;
  };
  const newer = sealed((slot) => {
    slot.setUint32(8, 99);
  });
  const unsound = slotOf({ recoveryPoint: -1 });
  const flipped = slotOf();
  flipped[40]! ^= 1;

  it.each([
    ['one slot', file(slotOf()), true],
    ['two slots', file(slotOf(), slotOf({ sequence: 8 })), true],
    ['a newer format', file(newer), true],
    ['nothing', file(), false],
    ['a damaged slot beside a whole one', file(slotOf(), flipped), false],
    ['a slot that says what no log writes beside a whole one', file(slotOf(), unsound), false],
  ])('%s', (_, bytes, expected) => {
    expect(isSoundCheckpointFile(bytes, crc32cTable)).toBe(expected);
  });
});
