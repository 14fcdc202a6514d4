/**
 * CRC-32C (Castagnoli), the checksum of every format of the log, by tables: eight bytes a step.
 * An adapter may bring a faster one; this is the one that is always there, and wins on short input.
 */
import { byteAt } from './big-endian.js';

/** Computes the CRC-32C of the bytes: an unsigned 32-bit number. @internal */
export type Crc32c = (bytes: Uint8Array) => number;

/** The polynomial 0x1EDC6F41 with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/**
 * Eight tables of 256 entries, one behind the other. Table 0 takes the checksum over one byte; table n
 * is table 0 followed by n zero bytes, so that eight look-ups can be made at once and combined.
 */
function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : POLYNOMIAL);
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const shorter = tables[index - 256] ?? 0;
    tables[index] = (tables[shorter & 0xff] ?? 0) ^ (shorter >>> 8);
  }
  return tables;
}

const TABLES = makeTables();

function look(table: number, byte: number): number {
  return TABLES[(table << 8) | byte] ?? 0;
}

/** CRC-32C in TypeScript, about 1 GB/s; see `docs/format.md`, Checksums. @internal */
export const crc32cTable: Crc32c = (bytes) => {
  const end = bytes.length;
  const wholeStepsEnd = end - (end % 8);
  let crc = -1;
  let at = 0;
  for (; at < wholeStepsEnd; at += 8) {
    crc =
      look(7, (crc ^ byteAt(bytes, at)) & 0xff) ^
      look(6, ((crc >>> 8) ^ byteAt(bytes, at + 1)) & 0xff) ^
      look(5, ((crc >>> 16) ^ byteAt(bytes, at + 2)) & 0xff) ^
      look(4, (crc >>> 24) ^ byteAt(bytes, at + 3)) ^
      look(3, byteAt(bytes, at + 4)) ^
      look(2, byteAt(bytes, at + 5)) ^
      look(1, byteAt(bytes, at + 6)) ^
      look(0, byteAt(bytes, at + 7));
  }
  for (; at < end; at++) crc = look(0, (crc ^ byteAt(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
};
