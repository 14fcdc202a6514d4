/**
 * Bytes to feed a decoder with: random ones, and samples of the real format with a few edits, which get further. Edits
 * say where by a number that goes round the length, so that they shrink to small plain numbers.
 */
import fc from 'fast-check';

/** One change of some bytes. */
export type Edit =
  | { readonly kind: 'flip'; readonly at: number }
  | { readonly kind: 'number'; readonly at: number; readonly width: 1 | 2 | 4 | 8; readonly value: bigint }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove' | 'repeat' | 'zero'; readonly at: number; readonly length: number };

const place = fc.nat(1 << 16);

/** Numbers at which fields turn: signs, varint lengths, 2^31, 2^32, 2^53, 2^63. */
const telling = [-(2n ** 63n), -(2n ** 53n), -(2n ** 31n), -256n, -2n, -1n, 0n, 1n, 2n, 63n, 64n, 127n, 128n, 255n, 256n, 0x7fffn, 0xffffn, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n];

/** One edit of any kind. */
export const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place }),
  fc.record({ kind: fc.constant('number' as const), at: place, width: fc.constantFrom(1, 2, 4, 8), value: fc.oneof(fc.constantFrom(...telling), fc.bigInt(0n, 2n ** 64n - 1n)) }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('insert' as const), at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'repeat' as const, 'zero' as const), at: place, length: fc.integer({ min: 1, max: 100 }) }),
);

/** The bytes as the edit leaves them; those given stay as they are. */
export function applyEdit(bytes: Uint8Array, made: Edit): Uint8Array {
  const at = made.at % Math.max(1, bytes.length);
  const before = bytes.subarray(0, at);
  switch (made.kind) {
    case 'flip': {
      const copy = Uint8Array.from(bytes);
      const bit = made.at % Math.max(1, bytes.length * 8);
      if (copy.length > 0) copy[bit >>> 3]! ^= 1 << (bit & 7);
      return copy;
    }
    case 'number': {
      const copy = Uint8Array.from(bytes);
      for (let i = 0; i < made.width; i += 1) copy[at + i] = Number(BigInt.asUintN(8, made.value >> BigInt(8 * (made.width - 1 - i))));
      return copy;
    }
    case 'cut':
      return before.slice();
    case 'insert':
      return joined(before, made.bytes, bytes.subarray(at));
    case 'remove':
      return joined(before, bytes.subarray(at + made.length));
    case 'repeat':
      return joined(before, bytes.subarray(at, at + made.length), bytes.subarray(at));
    case 'zero': {
      const copy = Uint8Array.from(bytes);
      copy.fill(0, at, at + made.length);
      return copy;
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/**
 * Random bytes, and samples with up to six edits; half of those with the checksums put right again, where `reseal` does
 * that: else nothing behind a checksum would ever be reached.
 */
export function mutatedBytes(samples: readonly Uint8Array[], reseal: ((bytes: Uint8Array) => void) | null): fc.Arbitrary<Uint8Array> {
  const edited = fc.tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 6 }), fc.boolean()).map(([sample, edits, resealed]) => {
    const bytes = edits.reduce(applyEdit, Uint8Array.from(sample));
    if (resealed) reseal?.(bytes);
    return bytes;
  });
  return fc.oneof({ arbitrary: fc.uint8Array({ maxLength: 300 }), weight: 1 }, { arbitrary: edited, weight: 5 });
}
