/** The simulated disk beside real file systems, with more and longer sequences, and a new seed each time; a failure prints its seed. */
import { afterAll, describe, it } from 'vitest';
import { printTallies, runScenario, SCENARIOS, type Scenario, type Tally } from '../differential/differential-runs.js';
import { canMount } from '../disk-full/volumes.js';

const seed = Date.now() & 0x7fff_ffff;
const tallies = new Map<Scenario, Tally>();
const mountable = new Map([...new Set(SCENARIOS.map(({ kind }) => kind))].map((kind) => [kind, kind === null || canMount(kind)]));

describe(`the simulated disk and a real one, seed ${seed}`, () => {
  afterAll(() => {
    console.log(printTallies(tallies));
  });

  for (const scenario of SCENARIOS) {
    it.skipIf(mountable.get(scenario.kind) === false)(`always answer alike: ${scenario.kind ?? 'host'}, ${scenario.name}`, async () => {
      tallies.set(scenario, await runScenario(scenario, { seed, sequences: 400, lengthMax: 120 }));
    });
  }
});
