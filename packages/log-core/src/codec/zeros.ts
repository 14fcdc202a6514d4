/** Telling zeros from data, four bytes at a time: blocks ahead are megabytes of them. */

/**
 * The index of the last byte in [from, to) that is not zero; −1 where all are. Fast where the array begins at a
 * multiple of four in its buffer, as fresh ones do. @internal
 */
export function lastNonZero(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && (at + bytes.byteOffset) % 4 !== 0) {
    at -= 1;
    if (bytes[at] !== 0) return at;
  }
  if (at - from >= 4) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at - Math.floor((at - from) / 4) * 4, Math.floor((at - from) / 4));
    let word = words.length - 1;
    while (word >= 0 && words[word] === 0) word -= 1;
    at -= (words.length - 1 - word) * 4;
  }
  while (at > from) {
    at -= 1;
    if (bytes[at] !== 0) return at;
  }
  return -1;
}
