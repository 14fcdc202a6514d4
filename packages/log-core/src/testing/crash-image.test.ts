import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageAfterCrash, type DataProfile } from './crash-image.js';
import { FileInode, gatherWrite } from './file-inode.js';
import { seededRandom } from './random.js';

type Step =
  | { readonly kind: 'write' | 'dsync'; readonly at: number; readonly length: number }
  | { readonly kind: 'truncate'; readonly size: number }
  | { readonly kind: 'sync' | 'drop' | 'poison' };

const at = fc.nat(9000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), at, length: fc.integer({ min: 1, max: 1500 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('dsync' as const), at, length: fc.integer({ min: 1, max: 1500 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), size: at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sync' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'poison' as const) }) },
);

/**
 * For each byte the values it may have after a power cut, worked out byte by byte: a sync leaves one (unless
 * it failed on the byte before), a write that is not durable adds one.
 */
class LegalBytes {
  readonly #legal: Set<number>[] = [];
  #cache: number[] = [];
  #poisoned = new Set<number>();

  write(at: number, length: number, value: number, durable: boolean): void {
    for (let index = at; index < at + length; index += 1) {
      const values = this.#at(index);
      if (durable && !this.#poisoned.has(Math.floor(index / 4096))) values.clear();
      values.add(value);
      this.#cache[index] = value;
    }
    for (let index = 0; index < at; index += 1) this.#cache[index] ??= 0;
  }

  truncate(size: number): void {
    for (let index = size; index < this.#cache.length; index += 1) this.#at(index).add(0);
    this.#cache.length = Math.min(this.#cache.length, size);
    while (this.#cache.length < size) this.#cache.push(0);
    for (const block of this.#poisoned) if (block * 4096 >= size) this.#poisoned.delete(block);
  }

  isLegal(index: number, value: number): boolean {
    return value === 0 ? true : this.#at(index).has(value);
  }

  #at(index: number): Set<number> {
    return (this.#legal[index] ??= new Set([0]));
  }
}

/** Bytes that must be what they are: written or cut by something durable, and by nothing since. */
class CertainBytes {
  #certain = new Map<number, number>();
  #touched = new Map<number, number>();

  write(at: number, length: number, value: number): void {
    for (let index = at; index < at + length; index += 1) this.#touched.set(index, value);
  }

  writeDurably(at: number, length: number, value: number): void {
    for (let index = at; index < at + length; index += 1) {
      this.#touched.delete(index);
      this.#certain.set(index, value);
    }
  }

  truncate(size: number): void {
    for (const index of this.#certain.keys()) if (index >= size) this.#certain.delete(index);
    for (const index of this.#touched.keys()) if (index >= size) this.#touched.delete(index);
  }

  sync(): void {
    for (const [index, value] of this.#touched) this.#certain.set(index, value);
    this.#touched.clear();
  }

  /** What was written since the last sync is unknown from now on. */
  failSync(): void {
    for (const index of this.#touched.keys()) this.#certain.delete(index);
    this.#touched.clear();
  }

  /** Where the image lacks a byte that a power cut cannot change now. */
  firstLost(image: Uint8Array): string | null {
    for (const [index, value] of this.#certain) {
      if (!this.#touched.has(index) && image[index] !== value) return `${index}: ${image[index] ?? 'cut'} instead of ${value}`;
    }
    return null;
  }
}

function run(steps: readonly Step[]): { file: FileInode; legal: LegalBytes; certain: CertainBytes } {
  const file = new FileInode(1, 0);
  const legal = new LegalBytes();
  const certain = new CertainBytes();
  steps.forEach((one, index) => {
    const value = (index % 250) + 1;
    switch (one.kind) {
      case 'write':
        file.write(gatherWrite([new Uint8Array(one.length).fill(value)], one.at, one.length));
        legal.write(one.at, one.length, value, false);
        certain.write(one.at, one.length, value);
        return;
      case 'dsync':
        file.writeDurably(gatherWrite([new Uint8Array(one.length).fill(value)], one.at, one.length));
        legal.write(one.at, one.length, value, true);
        if (file.poison === null) certain.writeDurably(one.at, one.length, value);
        else certain.write(one.at, one.length, value);
        return;
      case 'truncate':
        file.truncate(one.size);
        legal.truncate(one.size);
        certain.truncate(one.size);
        return;
      case 'sync':
        file.sync();
        if (file.poison === null) certain.sync();
        else certain.failSync();
        return;
      case 'drop':
      case 'poison':
        file.failSync(one.kind);
        certain.failSync();
        return;
    }
  });
  return { file, legal, certain };
}

const profiles: readonly DataProfile[] = ['none', 'all', 'prefix', 'subset'];

describe('imageAfterCrash', () => {
  it('always keeps every durable byte, and never shows one that was not written there', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(), (steps, seed) => {
        const { file, legal, certain } = run(steps);
        const random = seededRandom(seed);
        for (const profile of profiles) {
          const bytes = imageAfterCrash(file, profile, 'zeros', random, []).toBytes();
          expect([profile, certain.firstLost(bytes)]).toEqual([profile, null]);
          const illegal = bytes.findIndex((value, index) => !legal.isLegal(index, value));
          expect([profile, illegal]).toEqual([profile, -1]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('always keeps every durable byte where blocks show garbage, and none of it below the durable size', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(), (steps, seed) => {
        const { file, certain } = run(steps);
        const bytes = imageAfterCrash(file, 'subset', 'garbage', seededRandom(seed), []).toBytes();
        expect(certain.firstLost(bytes)).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it('never touches the file it was made from', () => {
    const { file } = run([{ kind: 'write', at: 0, length: 3000 }, { kind: 'sync' }, { kind: 'write', at: 100, length: 5000 }, { kind: 'truncate', size: 50 }]);
    const before = [file.durable.hash(), file.cache.hash(), file.pending.length];
    for (const profile of profiles) {
      const image = imageAfterCrash(file, profile, 'garbage', seededRandom(1), []);
      image.write(0, new Uint8Array(9000).fill(255));
    }
    expect([file.durable.hash(), file.cache.hash(), file.pending.length]).toEqual(before);
  });

  it('prefix tears the last write at any byte and subset by sectors, sizes ahead of and behind the data', () => {
    const file = new FileInode(1, 0);
    file.write(gatherWrite([new Uint8Array(2048).fill(7)], 0, 2048));
    const random = seededRandom(3);
    const prefixes = new Set<number>();
    const shapes = new Set<string>();
    for (let run = 0; run < 2000; run += 1) {
      prefixes.add(imageAfterCrash(file, 'prefix', 'zeros', random, []).size);
      const bytes = imageAfterCrash(file, 'subset', 'zeros', random, []).toBytes();
      const sectors = [0, 512, 1024, 1536].map((sector) => (bytes[sector] === undefined ? '-' : String(bytes[sector])));
      shapes.add(sectors.join(''));
    }
    expect(prefixes.size).toBeGreaterThan(500);
    expect([...shapes]).toEqual(expect.arrayContaining(['7777', '----', '0000', '7070', '0777', '7---', '77--']));
  });

  it('shows garbage of earlier files where asked to', () => {
    const file = new FileInode(1, 0);
    file.write(gatherWrite([new Uint8Array(8192).fill(7)], 0, 8192));
    const earlier = new Uint8Array(4096).fill(99);
    const seen = new Set<number>();
    const random = seededRandom(5);
    for (let run = 0; run < 100; run += 1) {
      for (const value of imageAfterCrash(file, 'subset', 'garbage', random, [earlier]).toBytes()) seen.add(value);
    }
    expect(seen).toContain(99);
    expect(seen).toContain(7);
  });
});
