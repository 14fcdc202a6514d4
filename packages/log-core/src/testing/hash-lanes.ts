/**
 * A hash of 53 bits in two lanes of 32: enough that a million images keep apart, and each lane is integer
 * arithmetic. It serves comparisons, never secrets.
 */

const LOW = 2 ** 32;
const HIGH_MASK = 0x1fffff;

/** Two lanes as one safe integer. @internal */
export function joinLanes(low: number, high: number): number {
  return ((high ^ (high >>> 21)) & HIGH_MASK) * LOW + (low >>> 0);
}

/** One lane of a joined hash: 0 the low, 1 the high. @internal */
export function laneOf(hash: number, lane: 0 | 1): number {
  return lane === 0 ? hash >>> 0 : Math.floor(hash / LOW);
}

/** Mixes a place into one lane of what is found there, so that sums over places tell them apart. @internal */
export function placed(lane: number, place: number): number {
  const mixed = Math.imul(lane ^ Math.imul(place, 0x85ebca6b), 0xc2b2ae35);
  return mixed ^ (mixed >>> 15);
}

/** The hash of bytes whose start and length are multiples of four. @internal */
export function hashWords(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let low = 0x811c9dc5;
  let high = 0x2545f491;
  for (const word of words) {
    low = Math.imul(low ^ word, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high + word, 0x9e3779b1);
    high ^= high >>> 13;
  }
  return joinLanes(low, high);
}

/** The hash of a name. @internal */
export function hashText(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x2545f491;
  for (let at = 0; at < text.length; at += 1) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
    high = Math.imul(high + text.charCodeAt(at), 0x9e3779b1);
    high ^= high >>> 13;
  }
  return joinLanes(low, high);
}
