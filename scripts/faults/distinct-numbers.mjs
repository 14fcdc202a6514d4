// @ts-check
// Counts how many different numbers it was shown, tens of millions of them: 16 bytes each, where a Set takes 40 and ends at 2^24.

const LOAD_MAX = 0.6;

/** Safe integers, 0 or more. */
export class DistinctNumbers {
  // A place holds a number plus one; 0 is none.
  #places = new Float64Array(2 ** 16);
  #size = 0;

  /** How many different ones there were. */
  get size() {
    return this.#size;
  }

  /** @param {number} value */
  add(value) {
    if (!put(this.#places, value + 1)) return;
    this.#size += 1;
    if (this.#size < this.#places.length * LOAD_MAX) return;
    const larger = new Float64Array(this.#places.length * 2);
    for (const known of this.#places) if (known !== 0) put(larger, known);
    this.#places = larger;
  }
}

/** Whether it was new. @param {Float64Array} places @param {number} value */
function put(places, value) {
  const mask = places.length - 1;
  let at = (Math.imul(value % 2 ** 32, 0x9e3779b1) ^ Math.floor(value / 2 ** 32)) & mask;
  while (places[at] !== 0) {
    if (places[at] === value) return false;
    at = (at + 1) & mask;
  }
  places[at] = value;
  return true;
}
