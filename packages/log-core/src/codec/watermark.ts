/**
 * The watermark file, `brimlog.watermark`: how far readers in other processes may read. One block, overwritten in
 * place, never synced; it means something only while the kernel that was running is running still.
 *
 *      0          8        12         16         24         32        40         48       52             92    124    128
 *      +----------+--------+----------+----------+----------+---------+----------+--------+--------------+-----+------+
 *      | BRIMMARK | format | gene-    | sequence | high     | re-     | log      | flags  | boot id,     | 0   | CRC  |
 *      |          | version| ration   | i64      | water-   | covery  | start    | 1=     | 40 × ASCII,  |     | -32C |
 *      |          | u32    | u32      |          | mark i64 | point   | offset   | closed | zeros behind |     | u32  |
 *      +----------+--------+----------+----------+----------+---------+----------+--------+--------------+-----+------+
 *
 * INVARIANT: a block that was read while it was being written does not decode; a reader asks again.
 */
import type { Offset } from '../model/units.js';
import { byteAt, readI64, readU32, writeI32, writeI64 } from './big-endian.js';
import type { Crc32c } from './crc32c.js';
import { hasMagic, hasSealedCrc, isCount, sealWithCrc, writeMagic } from './sealed-block.js';

/** Bytes of the file. @internal */
export const WATERMARK_BYTES = 128;

const MAGIC = 'BRIMMARK';
const WATERMARK_VERSION = 1;
const FLAG_CLOSED = 1;
const BOOT_ID_AT = 52;
const BOOT_ID_BYTES = 40;

/** What a writer tells readers; all numbers are safe integers ≥ 0. @internal */
export interface Watermark {
  /** Names the running kernel: up to 40 characters of ASCII, none of them NUL; more are cut off. */
  readonly bootId: string;
  /** Names one opening of the log for writing: a u32. */
  readonly generation: number;
  /** Counts the watermarks of a generation. */
  readonly sequence: number;
  readonly highWatermark: Offset;
  readonly recoveryPoint: Offset;
  readonly logStartOffset: Offset;
  /** The writer closed the log: nothing will follow until another opens it. */
  readonly closed: boolean;
}

/** Encodes into the first `WATERMARK_BYTES` bytes of `into`, which has that many or more; all of them are written. @internal */
export function encodeWatermark(watermark: Watermark, into: Uint8Array, crc32c: Crc32c): void {
  const block = into.subarray(0, WATERMARK_BYTES);
  block.fill(0);
  writeMagic(block, MAGIC);
  writeI32(block, 8, WATERMARK_VERSION);
  writeI32(block, 12, watermark.generation);
  writeI64(block, 16, watermark.sequence);
  writeI64(block, 24, watermark.highWatermark);
  writeI64(block, 32, watermark.recoveryPoint);
  writeI64(block, 40, watermark.logStartOffset);
  writeI32(block, 48, watermark.closed ? FLAG_CLOSED : 0);
  writeMagic(block.subarray(BOOT_ID_AT, BOOT_ID_AT + BOOT_ID_BYTES), watermark.bootId.slice(0, BOOT_ID_BYTES));
  sealWithCrc(block, crc32c);
}

/** Reads a watermark; null where the bytes are none of this version, whole and unchanged. @internal */
export function decodeWatermark(bytes: Uint8Array, crc32c: Crc32c): Watermark | null {
  const block = bytes.subarray(0, WATERMARK_BYTES);
  if (block.length < WATERMARK_BYTES || !hasMagic(block, MAGIC) || !hasSealedCrc(block, crc32c)) return null;
  const sequence = readI64(block, 16);
  const highWatermark = readI64(block, 24);
  const recoveryPoint = readI64(block, 32);
  const logStartOffset = readI64(block, 40);
  const isSound = [sequence, highWatermark, recoveryPoint, logStartOffset].every(isCount);
  if (readU32(block, 8) !== WATERMARK_VERSION || !isSound) return null;
  const closed = (readU32(block, 48) & FLAG_CLOSED) !== 0;
  return { bootId: readBootId(block), generation: readU32(block, 12), sequence, highWatermark, recoveryPoint, logStartOffset, closed };
}

function readBootId(block: Uint8Array): string {
  let text = '';
  for (let at = BOOT_ID_AT; at < BOOT_ID_AT + BOOT_ID_BYTES && byteAt(block, at) !== 0; at++) {
    text += String.fromCharCode(byteAt(block, at));
  }
  return text;
}
