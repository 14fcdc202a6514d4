/** Values that name themselves: the record's number, then bytes that follow from it, so that no changed one passes. */

const BYTES_MAX = 2 ** 18;
/** The longest value of each number that was asked for: shorter ones begin alike. */
const known = new Map<number, Buffer>();

/** The value of record `number`, `size` bytes (8 … 262,144). */
export function valueOf(number: number, size: number): Uint8Array {
  return Uint8Array.prototype.slice.call(longest(number, Math.max(8, size)), 0, Math.max(8, size));
}

/** The number in a value, or null where it is not one of ours, or was changed. */
export function numberIn(value: Uint8Array | null): number | null {
  if (value === null || value.byteLength < 8 || value.byteLength > BYTES_MAX) return null;
  const number = ((value[0] ?? 0) * 2 ** 24 + ((value[1] ?? 0) << 16)) + ((value[2] ?? 0) << 8) + (value[3] ?? 0);
  return longest(number, value.byteLength).compare(value, 0, value.byteLength, 0, value.byteLength) === 0 ? number : null;
}

function longest(number: number, size: number): Buffer {
  const value = known.get(number);
  if (value !== undefined && value.length >= size) return value;
  // Numbers begin anew with every history; what a changed value pretends to be is not worth keeping.
  const made = make(number, size);
  if (known.size < 10_000 || value !== undefined) known.set(number, made);
  return made;
}

function make(number: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32BE(number);
  let mixed = number * 2_654_435_761;
  for (let at = 4; at < bytes.length; at += 1) {
    mixed = (mixed * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[at] = mixed >>> 16;
  }
  return bytes;
}
