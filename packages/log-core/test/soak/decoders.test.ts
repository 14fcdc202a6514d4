/** Every decoder on random and on damaged bytes for longer, with a new seed each time; a failure prints its seed. */
import { describe, it } from 'vitest';
import { decoderTargets } from '../fuzz/decoder-targets.js';
import { fuzz } from '../fuzz/held-to-bounds.js';
import { sampleFiles } from '../fuzz/samples.js';

const seed = Date.now() & 0x7fff_ffff;

describe(`a decoder, seed ${seed}`, async () => {
  const targets = decoderTargets(await sampleFiles());
  it.each(targets.map((target) => [target.name, target] as const))('never throws, loops or allocates without measure: %s', (_name, target) => {
    fuzz(target, { seed, runs: 40_000 });
  });
});
