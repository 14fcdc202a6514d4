/**
 * One slot of the positions file, `brimlog.positions`: a named consumer's committed position. Each consumer has two
 * slots, overwritten in turn, so that a torn one leaves the commit before it.
 *
 *      0          8          16         24          26            26 + n        508      512
 *      +----------+----------+----------+-----------+-------------+-------------+--------+
 *      | magic    | sequence | offset   | n: name's | name, UTF-8 | zeros       | CRC-32C|  over bytes 0 … 507
 *      | BRIMPOS1 | i64      | i64, −1: | bytes u16 |             |             | u32    |
 *      |          |          | forgotten|           |             |             |        |
 *      +----------+----------+----------+-----------+-------------+-------------+--------+
 */
import type { Offset } from '../model/units.js';
import { readI16, readI64, writeI16, writeI64 } from './big-endian.js';
import type { Crc32c } from './crc32c.js';
import { hasMagic, hasSealedCrc, isCount, sealWithCrc, writeMagic } from './sealed-block.js';
import { readUtf8, utf8Bytes, writeUtf8 } from './utf8.js';
import { lastNonZero } from './zeros.js';

/** Bytes of one slot: a sector, which a disk writes whole. @internal */
export const POSITION_SLOT_BYTES = 512;

const MAGIC = 'BRIMPOS1';
const NAME_AT = 26;

const NAME_BYTES_MAX = 255;

/** What stands for the offset of a consumer that was forgotten. */
const FORGOTTEN = -1;

/** `sequence` and `offset` are safe integers from 0 on. @internal */
export interface PositionSlot {
  readonly sequence: number;
  /** Null: the consumer was forgotten. */
  readonly offset: Offset | null;
  /** At most 255 bytes as UTF-8. */
  readonly name: string;
}

/** @internal */
export function encodePositionSlot(slot: PositionSlot, crc32c: Crc32c): Uint8Array {
  const bytes = new Uint8Array(POSITION_SLOT_BYTES);
  const nameBytes = utf8Bytes(slot.name);
  writeMagic(bytes, MAGIC);
  writeI64(bytes, 8, slot.sequence);
  writeI64(bytes, 16, slot.offset ?? FORGOTTEN);
  writeI16(bytes, 24, nameBytes);
  writeUtf8(slot.name, bytes, NAME_AT, nameBytes);
  sealWithCrc(bytes, crc32c);
  return bytes;
}

/** The slot at a place of the file; null where nothing whole is there, or what no log writes. @internal */
export function decodePositionSlot(file: Uint8Array, at: number, crc32c: Crc32c): PositionSlot | null {
  const bytes = file.subarray(at, at + POSITION_SLOT_BYTES);
  if (bytes.byteLength < POSITION_SLOT_BYTES || !hasMagic(bytes, MAGIC) || !hasSealedCrc(bytes, crc32c)) return null;
  const sequence = readI64(bytes, 8);
  const offset = readI64(bytes, 16);
  const nameBytes = readI16(bytes, 24);
  if (!isCount(sequence) || !(isCount(offset) || offset === FORGOTTEN) || nameBytes < 0 || nameBytes > NAME_BYTES_MAX) return null;
  const name = readUtf8(bytes, NAME_AT, NAME_AT + nameBytes);
  // Bytes that are no UTF-8 come out as others, and those may be more than there is room for.
  return utf8Bytes(name) === nameBytes ? { sequence, offset: offset === FORGOTTEN ? null : offset, name } : null;
}

/** Whether every slot of the file is whole or was never written. @internal */
export function areSoundPositionSlots(file: Uint8Array, crc32c: Crc32c): boolean {
  for (let at = 0; at < file.byteLength; at += POSITION_SLOT_BYTES) {
    const isBlank = lastNonZero(file, at, Math.min(file.byteLength, at + POSITION_SLOT_BYTES)) < 0;
    if (!isBlank && decodePositionSlot(file, at, crc32c) === null) return false;
  }
  return true;
}
