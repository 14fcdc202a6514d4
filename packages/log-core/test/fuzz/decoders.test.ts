/** Every decoder on random and on damaged bytes; `npm run soak` does the same for longer, with a new seed each time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoderTargets } from './decoder-targets.js';
import { fuzz, type FuzzTarget } from './held-to-bounds.js';
import { sampleFiles } from './samples.js';

const targets = decoderTargets(await sampleFiles());

describe('a decoder', () => {
  it.each(targets.map((target) => [target.name, target] as const))('never throws, loops or allocates without measure: %s', (_name, target) => {
    fuzz(target, { seed: 20_260_101, runs: 1_500 });
  });
});

describe('the bounds a decoder is held to', () => {
  const run = (decode: FuzzTarget<number, unknown>['decode']): (() => void) => {
    const target = { name: 'broken', inputs: fc.nat(1_000), sizeOf: (input: number) => input, decode, check: () => undefined, allocationPerByte: 8 };
    return () => fuzz(target, { seed: 1, runs: 200 });
  };

  it('notice what throws, and show it shrunk', () => {
    const thrower = run((input) => {
      if (input > 500) throw new Error('too large');
    });
    expect(thrower).toThrow(/Counterexample: \[501\]/);
  });

  it('notice an allocation that a length in the input asks for', () => {
    expect(run((input) => new Uint8Array(input < 300 ? 0 : input * 1_000))).toThrow(/allocated 30\d{4} bytes for an input of 300/);
    expect(run((input) => Array.from({ length: input < 300 ? 0 : 10_000 }, (_, i) => ({ i })))).toThrow(/allocated \d+ bytes for an input of 300/);
    expect(run((input) => new Uint8Array(input * 4))).not.toThrow();
  });
});
