/**
 * What the side files' blocks have in common: a magic of eight characters at the start, the CRC-32C of everything
 * before it in the last four bytes.
 */
import { byteAt, readU32, writeI32 } from './big-endian.js';
import type { Crc32c } from './crc32c.js';

const CRC_BYTES = 4;

/** Writes ASCII text at the start of a block. @internal */
export function writeMagic(block: Uint8Array, magic: string): void {
  for (let index = 0; index < magic.length; index++) block[index] = magic.charCodeAt(index);
}

/** Does the block start with this ASCII text? @internal */
export function hasMagic(block: Uint8Array, magic: string): boolean {
  for (let index = 0; index < magic.length; index++) if (byteAt(block, index) !== magic.charCodeAt(index)) return false;
  return true;
}

/** Writes the checksum of all bytes but the last four into those. @internal */
export function sealWithCrc(block: Uint8Array, crc32c: Crc32c): void {
  const crcAt = block.length - CRC_BYTES;
  writeI32(block, crcAt, crc32c(block.subarray(0, crcAt)));
}

/** Do the last four bytes hold the checksum of those before? @internal */
export function hasSealedCrc(block: Uint8Array, crc32c: Crc32c): boolean {
  const crcAt = block.length - CRC_BYTES;
  return crcAt >= 0 && readU32(block, crcAt) === crc32c(block.subarray(0, crcAt));
}

/** Nothing was ever written here (also where there are no bytes at all). @internal */
export function isAllZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A number that may be an offset, a position or a sequence. @internal */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
