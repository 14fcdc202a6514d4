/**
 * Zig-zag varints, the numbers inside a record: 7 bits a byte, the lowest first, a set high bit means
 * more; n ≥ 0 is stored as 2n, n < 0 as −2n − 1. One encoding serves varint (i32) and varlong (i64).
 *
 * Nearly all are i32: the functions of those know it, so that the engine keeps them in integer registers.
 *
 * INVARIANT: numbers only, no BigInt. Writers use the shortest form; readers take longer ones too, but
 * nothing that does not fit the type, and no varlong that is not a safe integer.
 */
import { byteAt } from './big-endian.js';

const VARINT_BYTES_MAX = 5;
const VARLONG_BYTES_MAX = 10;

/** Is this number an i32? Then its zig-zag form is one 32-bit operation. */
function isI32(value: number): boolean {
  return value === (value | 0);
}

/** How many bytes an i32 takes as a varint: 1 … 5. @internal */
export function varintBytes(value: number): number {
  const zigZag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigZag < 0x80) return 1;
  if (zigZag < 0x4000) return 2;
  if (zigZag < 0x20_0000) return 3;
  return zigZag < 0x1000_0000 ? 4 : 5;
}

/** How many bytes a safe integer takes as a varlong: 1 … 8. @internal */
export function varlongBytes(value: number): number {
  return isI32(value) ? varintBytes(value | 0) : wideVarlongBytes(value);
}

/** Beyond 32 bits the doubled number may not be a safe integer, so the sign bit is kept apart. */
function magnitude(value: number): number {
  return value < 0 ? -value - 1 : value;
}

function wideVarlongBytes(value: number): number {
  let count = 1;
  for (let rest = Math.floor(magnitude(value) / 0x40); rest > 0; rest = Math.floor(rest / 0x80)) count++;
  return count;
}

/**
 * Writes an i32 at `at` in its shortest form; answers the position after it. The room is the caller's business:
 * `varintBytes` tells how much. @internal
 */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let zigZag = ((value << 1) ^ (value >> 31)) >>> 0;
  while (zigZag >= 0x80) {
    into[at++] = zigZag | 0x80;
    zigZag >>>= 7;
  }
  into[at++] = zigZag;
  return at;
}

/** The same for a safe integer; `varlongBytes` tells how much room it takes. @internal */
export function writeVarlong(into: Uint8Array, at: number, value: number): number {
  return isI32(value) ? writeVarint(into, at, value | 0) : writeWideVarlong(into, at, value);
}

function writeWideVarlong(into: Uint8Array, at: number, value: number): number {
  const unsigned = magnitude(value);
  let group = ((unsigned % 0x40) << 1) | (value < 0 ? 1 : 0);
  for (let rest = Math.floor(unsigned / 0x40); rest > 0; rest = Math.floor(rest / 0x80)) {
    into[at++] = group | 0x80;
    group = rest % 0x80;
  }
  into[at++] = group;
  return at;
}

/**
 * Reads varints one after another and remembers, instead of throwing, that one could not be read.
 * After a failure every answer is 0 and `failed` stays true, so a record needs one check at its end.
 * @internal
 */
export class VarintCursor {
  /** True once something was asked for that is not there, or not a number of its type. */
  failed: boolean = false;

  /** Reads from `at`, never at or beyond `end` (exclusive, at most the length of `bytes`). */
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    public end: number,
  ) {}

  /** Reads a varint: an i32. */
  varint(): number {
    const value = this.read(VARINT_BYTES_MAX);
    if (isI32(value)) return value;
    this.failed = true;
    return 0;
  }

  /** Reads a varlong: an i64 that is a safe integer. */
  varlong(): number {
    return this.read(VARLONG_BYTES_MAX);
  }

  /** Passes over a length-prefixed field of `count` bytes; a negative count (null) has none. */
  skip(count: number): void {
    if (count <= 0) return;
    if (count > this.end - this.at) this.failed = true;
    else this.at += count;
  }

  /** One or two bytes, nearly all there is in a small record, are read without a loop. */
  private read(bytesMax: number): number {
    const at = this.at;
    if (at < this.end) {
      const first = byteAt(this.bytes, at);
      if (first < 0x80) {
        this.at = at + 1;
        return (first >>> 1) ^ -(first & 1);
      }
      if (at + 1 < this.end) {
        const second = byteAt(this.bytes, at + 1);
        if (second < 0x80) {
          this.at = at + 2;
          const zigZag = (first & 0x7f) | (second << 7);
          return (zigZag >>> 1) ^ -(zigZag & 1);
        }
      }
    }
    return this.readGroups(bytesMax);
  }

  private readGroups(bytesMax: number): number {
    const start = this.at;
    const limit = Math.min(this.end, start + bytesMax);
    let unsigned = 0;
    let scale = 1;
    let negative = false;
    for (let at = start; at < limit; at++) {
      const byte = byteAt(this.bytes, at);
      if (at === start) {
        negative = (byte & 1) === 1;
        unsigned = (byte & 0x7f) >>> 1;
        scale = 0x40;
      } else {
        unsigned += (byte & 0x7f) * scale;
        scale *= 0x80;
      }
      if (byte < 0x80) {
        if (!Number.isSafeInteger(unsigned)) break;
        this.at = at + 1;
        return negative ? -unsigned - 1 : unsigned;
      }
    }
    this.failed = true;
    return 0;
  }
}
