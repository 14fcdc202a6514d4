/**
 * The checkpoint file, `brimlog.checkpoint`: what bounds the work of opening. Two slots 4,096 bytes apart, written in
 * turn, so that a write that tears one leaves the other.
 *
 *      0         8        12       16        24       32       40       48        56        64        72    74  80       88  124    128
 *      +---------+--------+--------+---------+--------+--------+--------+---------+---------+---------+-----+---+--------+---+------+
 *      | BRIMLOG | format | flags  | se-     | log    | re-    | its    | its     | highest | end of  | tag | 0 | lowest | 0 | CRC  |
 *      | \0      | version| 1=clean| quence  | start  | covery | seg-   | position| segment | highest | i16 |   | segment|   | -32C |
 *      |         | u32    | u32    | i64     | offset | point  | ment   | i64     | i64     | i64     |     |   | i64    |   | u32  |
 *      +---------+--------+--------+---------+--------+--------+--------+---------+---------+---------+-----+---+--------+---+------+
 *
 * INVARIANT: magic, format version and checksum stay where they are in every version to come, so that an older program
 * can tell a newer format from damage.
 */
import type { Offset, Position } from '../model/units.js';
import { readI16, readI64, readU32, writeI16, writeI32, writeI64 } from './big-endian.js';
import type { Crc32c } from './crc32c.js';
import { hasMagic, hasSealedCrc, isAllZero, isCount, sealWithCrc, writeMagic } from './sealed-block.js';

/** From one slot to the next, in bytes: no page is shared. @internal */
export const CHECKPOINT_SLOT_SPACING = 4096;

/** The whole file, in bytes. @internal */
export const CHECKPOINT_FILE_BYTES = 8192;

/** The version of the log's whole format, as this program writes it. @internal */
export const FORMAT_VERSION = 1;

/** Bytes of a slot that mean something; the rest up to the next slot is zeros. */
const SLOT_BYTES = 128;

const MAGIC = 'BRIMLOG\0';
const FLAG_CLEAN = 1;

/** What a checkpoint says; all numbers are safe integers ≥ 0 but the tag. @internal */
export interface Checkpoint {
  /** Counts the checkpoints of this log; the slot with the higher one is in force. */
  readonly sequence: number;
  readonly logStartOffset: Offset;
  /** Base offset of the segment that the log start lies in; what is there below it was given up. */
  readonly lowestSegment: Offset;
  /** Everything below is on stable storage. */
  readonly recoveryPoint: Offset;
  /** Base offset of the segment the recovery point lies in. */
  readonly recoveryPointSegment: Offset;
  /** Where in that segment the batch at the recovery point begins, or would. */
  readonly recoveryPointPosition: Position;
  /** Base offset of the highest segment there is; a missing one was lost. */
  readonly highestSegment: Offset;
  /** Closed in order, and nothing written since: no scan is needed. */
  readonly clean: boolean;
  /** Where the highest segment's data ends; means something only when `clean`. */
  readonly endPosition: Position;
  /** The log's tag in the in-band durable mark: an i16. */
  readonly tag: number;
}

/**
 * What a checkpoint file holds. `slot` is the one in force, so the other is to be written next; `damagedSlots` (0 or
 * 1) counts the other one where it holds something that is no checkpoint. @internal
 */
export type DecodedCheckpoint =
  | { readonly kind: 'valid'; readonly checkpoint: Checkpoint; readonly slot: 0 | 1; readonly damagedSlots: number }
  | { readonly kind: 'newer-format'; readonly version: number }
  | { readonly kind: 'damaged' };

/** Encodes the 128 bytes of one slot, to be written at slot × `CHECKPOINT_SLOT_SPACING`. @internal */
export function encodeCheckpointSlot(checkpoint: Checkpoint, crc32c: Crc32c): Uint8Array {
  const slot = new Uint8Array(SLOT_BYTES);
  writeMagic(slot, MAGIC);
  writeI32(slot, 8, FORMAT_VERSION);
  writeI32(slot, 12, checkpoint.clean ? FLAG_CLEAN : 0);
  writeI64(slot, 16, checkpoint.sequence);
  writeI64(slot, 24, checkpoint.logStartOffset);
  writeI64(slot, 32, checkpoint.recoveryPoint);
  writeI64(slot, 40, checkpoint.recoveryPointSegment);
  writeI64(slot, 48, checkpoint.recoveryPointPosition);
  writeI64(slot, 56, checkpoint.highestSegment);
  writeI64(slot, 64, checkpoint.endPosition);
  writeI16(slot, 72, checkpoint.tag);
  writeI64(slot, 80, checkpoint.lowestSegment);
  sealWithCrc(slot, crc32c);
  return slot;
}

/**
 * Reads a checkpoint file of whatever length: of two valid slots the one with the higher sequence. An intact slot of a
 * newer format wins over everything: this program must not touch the log. A slot of zeros, or beyond the end, was never
 * written and is not damaged; but a file without any valid slot is. @internal
 */
export function decodeCheckpointFile(bytes: Uint8Array, crc32c: Crc32c): DecodedCheckpoint {
  const first = decodeSlot(bytes, 0, crc32c);
  const second = decodeSlot(bytes, CHECKPOINT_SLOT_SPACING, crc32c);
  if (first.kind === 'newer-format') return first;
  if (second.kind === 'newer-format') return second;
  const damagedSlots = (first.kind === 'damaged' ? 1 : 0) + (second.kind === 'damaged' ? 1 : 0);
  if (second.kind === 'valid' && (first.kind !== 'valid' || second.checkpoint.sequence > first.checkpoint.sequence)) {
    return { kind: 'valid', checkpoint: second.checkpoint, slot: 1, damagedSlots };
  }
  return first.kind === 'valid' ? { kind: 'valid', checkpoint: first.checkpoint, slot: 0, damagedSlots } : { kind: 'damaged' };
}

/** Whether no slot of the file is damaged. @internal */
export function isSoundCheckpointFile(bytes: Uint8Array, crc32c: Crc32c): boolean {
  const decoded = decodeCheckpointFile(bytes, crc32c);
  return decoded.kind === 'valid' ? decoded.damagedSlots === 0 : decoded.kind === 'newer-format';
}

type DecodedSlot =
  | { readonly kind: 'valid'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'newer-format'; readonly version: number }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'never-written' };

function decodeSlot(file: Uint8Array, at: Position, crc32c: Crc32c): DecodedSlot {
  const slot = file.subarray(at, at + SLOT_BYTES);
  if (isAllZero(slot)) return { kind: 'never-written' };
  if (slot.length < SLOT_BYTES || !hasMagic(slot, MAGIC) || !hasSealedCrc(slot, crc32c)) return { kind: 'damaged' };
  const version = readU32(slot, 8);
  if (version > FORMAT_VERSION) return { kind: 'newer-format', version };
  const counts = {
    sequence: readI64(slot, 16),
    logStartOffset: readI64(slot, 24),
    recoveryPoint: readI64(slot, 32),
    recoveryPointSegment: readI64(slot, 40),
    recoveryPointPosition: readI64(slot, 48),
    highestSegment: readI64(slot, 56),
    endPosition: readI64(slot, 64),
    lowestSegment: readI64(slot, 80),
  };
  const isSound = version === FORMAT_VERSION && Object.values(counts).every(isCount);
  const clean = (readU32(slot, 12) & FLAG_CLEAN) !== 0;
  return isSound ? { kind: 'valid', checkpoint: { ...counts, clean, tag: readI16(slot, 72) } } : { kind: 'damaged' };
}
