import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_BYTES, PagedBytes } from './paged-bytes.js';

const SIZE_MAX = 5 * PAGE_BYTES;

type Step =
  | { readonly kind: 'write'; readonly at: number; readonly length: number; readonly value: number }
  | { readonly kind: 'zeros'; readonly at: number; readonly length: number }
  | { readonly kind: 'resize'; readonly size: number }
  | { readonly kind: 'share' };

const place = fc.oneof(fc.nat(SIZE_MAX), fc.constantFrom(0, PAGE_BYTES - 1, PAGE_BYTES, 2 * PAGE_BYTES, 3 * PAGE_BYTES + 1));
const length = fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constantFrom(PAGE_BYTES, 2 * PAGE_BYTES));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), at: place, length, value: fc.nat(255) }),
  fc.record({ kind: fc.constant('zeros' as const), at: place, length }),
  fc.record({ kind: fc.constant('resize' as const), size: place }),
  fc.record({ kind: fc.constant('share' as const) }),
);

/** The same as plain arrays, where sharing is copying. */
class PlainBytes {
  bytes = new Uint8Array(0);
  resize(size: number): void {
    const resized = new Uint8Array(size);
    resized.set(this.bytes.subarray(0, size));
    this.bytes = resized;
  }
  write(at: number, data: Uint8Array): void {
    if (at + data.length > this.bytes.length) this.resize(at + data.length);
    this.bytes.set(data, at);
  }
}

function apply(step: Step, paged: PagedBytes, plain: PlainBytes): void {
  switch (step.kind) {
    case 'write': {
      const data = new Uint8Array(step.length).fill(step.value);
      paged.write(step.at, data);
      plain.write(step.at, data);
      return;
    }
    case 'zeros':
      paged.writeZeros(step.at, step.length);
      plain.write(step.at, new Uint8Array(step.length));
      return;
    case 'resize':
      paged.resize(step.size);
      plain.resize(step.size);
      return;
    case 'share':
      return;
  }
}

describe('PagedBytes', () => {
  it('always reads like a plain array, and shared copies never see later changes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const paged = new PagedBytes();
        const plain = new PlainBytes();
        const copies: { paged: PagedBytes; bytes: Uint8Array; hash: number }[] = [];
        for (const one of steps) {
          if (one.kind === 'share') copies.push({ paged: paged.share(), bytes: plain.bytes.slice(), hash: paged.hash() });
          apply(one, paged, plain);
        }
        expect(Buffer.compare(paged.toBytes(), plain.bytes)).toBe(0);
        for (const copy of copies) {
          expect(Buffer.compare(copy.paged.toBytes(), copy.bytes)).toBe(0);
          expect(copy.paged.hash()).toBe(copy.hash);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('hashes equal bytes alike, however they came about', () => {
    const one = new PagedBytes();
    one.write(0, new Uint8Array(3 * PAGE_BYTES).fill(9));
    one.writeZeros(100, 2 * PAGE_BYTES);
    const other = new PagedBytes();
    other.write(0, new Uint8Array(100).fill(9));
    other.write(100 + 2 * PAGE_BYTES, new Uint8Array(PAGE_BYTES - 100).fill(9));
    expect(other.toBytes()).toEqual(one.toBytes());
    expect(other.hash()).toBe(one.hash());
    other.flipBit(3 * PAGE_BYTES - 1, 0);
    expect(other.hash()).not.toBe(one.hash());
  });

  it('counts blocks that were written, zeros too, and none for holes', () => {
    const bytes = new PagedBytes();
    bytes.resize(10 * PAGE_BYTES);
    expect(bytes.blocks).toBe(0);
    bytes.writeZeros(0, 2 * PAGE_BYTES + 1);
    expect(bytes.blocks).toBe(3);
    bytes.write(5 * PAGE_BYTES, Uint8Array.of(1));
    expect(bytes.blocks).toBe(4);
    bytes.resize(PAGE_BYTES);
    expect(bytes.blocks).toBe(1);
  });
});
