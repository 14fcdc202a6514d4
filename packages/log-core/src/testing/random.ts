/**
 * Randomness by seed: a test that failed is run again by the number it printed. The generator is sfc32,
 * small and fast; it serves simulations, never secrets.
 */

/** A stream of random choices, the same for the same seed. @public */
export interface Random {
  /** An integer 0 … 2^32 − 1. */
  uint32(): number;
  /** An integer 0 … `bound` − 1; 0 where `bound` is 1 or less. */
  below(bound: number): number;
  /** True with the given probability, 0 … 1. */
  chance(probability: number): boolean;
  /** One of `values`, which must not be empty. */
  pick<T>(values: readonly [T, ...T[]]): T;
  /** Fills the whole array. */
  fill(bytes: Uint8Array): void;
  /** A stream of its own, so that what one part draws does not shift another's choices. */
  fork(): Random;
}

const TWO_TO_32 = 2 ** 32;
const WARM_UP_ROUNDS = 12;

class SmallFastCounter implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(a: number, b: number, c: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  below(bound: number): number {
    return bound <= 1 ? 0 : Math.floor((this.uint32() / TWO_TO_32) * bound);
  }

  chance(probability: number): boolean {
    return this.uint32() < probability * TWO_TO_32;
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = this.uint32() >>> 24;
  }

  fork(): Random {
    return new SmallFastCounter(this.uint32(), this.uint32(), this.uint32());
  }
}

/** A stream for any finite number: equal seeds give equal streams, near ones unrelated streams. @public */
export function seededRandom(seed: number): Random {
  return new SmallFastCounter(seed | 0, Math.floor(seed / TWO_TO_32) | 0, 0x9e3779b9);
}
