/** Values that name themselves: the record's number, then bytes that follow from it, so that no changed one passes. */

/** The value of record `number`, `size` bytes (at least 8). */
export function valueOf(number: number, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(8, size));
  new DataView(bytes.buffer).setUint32(0, number);
  let mixed = number * 2_654_435_761;
  for (let at = 4; at < bytes.length; at += 1) {
    mixed = (mixed * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[at] = mixed >>> 16;
  }
  return bytes;
}

/** The number in a value, or null where it is not one of ours, or was changed. */
export function numberIn(value: Uint8Array | null): number | null {
  if (value === null || value.byteLength < 8) return null;
  const number = new DataView(value.buffer, value.byteOffset).getUint32(0);
  const expected = valueOf(number, value.byteLength);
  for (let at = 4; at < expected.length; at += 1) if (expected[at] !== value[at]) return null;
  return number;
}
