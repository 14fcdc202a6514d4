/**
 * Fixed-width big-endian numbers over plain bytes, as every format of the log has them.
 *
 * INVARIANT: nothing here allocates or throws; a byte beyond the end reads as 0. Bounds are the caller's
 * business. An i64 is carried by a number: exact within ±2^53, an unsafe integer beyond.
 */

const TWO_32 = 0x1_0000_0000;

/**
 * The byte at a position, 0 beyond the end. The `??` costs nothing once compiled: it is never taken.
 * @internal
 */
export function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** Reads an i16. @internal */
export function readI16(bytes: Uint8Array, at: number): number {
  return (((byteAt(bytes, at) << 8) | byteAt(bytes, at + 1)) << 16) >> 16;
}

/** Reads an i32. @internal */
export function readI32(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 24) | (byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3);
}

/** Reads a u32. @internal */
export function readU32(bytes: Uint8Array, at: number): number {
  return readI32(bytes, at) >>> 0;
}

/** Reads an i64 as a number; beyond ±2^53 it is rounded, but never into the safe range. @internal */
export function readI64(bytes: Uint8Array, at: number): number {
  return readI32(bytes, at) * TWO_32 + readU32(bytes, at + 4);
}

/** Writes the low 16 bits of an integer. @internal */
export function writeI16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Writes the low 32 bits of an integer: an i32 or a u32. @internal */
export function writeI32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes a safe integer as an i64. @internal */
export function writeI64(bytes: Uint8Array, at: number, value: number): void {
  writeI32(bytes, at, Math.floor(value / TWO_32));
  writeI32(bytes, at + 4, value);
}
