/**
 * The same random calls on the simulated disk and on real file systems, through the same port: results and failures must
 * agree, but for the differences that are named and printed. `npm run soak` compares longer sequences, and more of them.
 */
import { ok } from 'neverthrow';
import { afterAll, describe, expect, it } from 'vitest';
import type { FileSystem } from '../../src/ports/file-system.js';
import { canMount } from '../disk-full/volumes.js';
import type { SimulatedTrial } from './compare-disks.js';
import { printTallies, runScenario, SCENARIOS, type Scenario, type Tally } from './differential-runs.js';

const SEQUENCES = { seed: 20_260_101, sequences: 30, lengthMax: 60 };

const tallies = new Map<Scenario, Tally>();
const mountable = new Map([...new Set(SCENARIOS.map(({ kind }) => kind))].map((kind) => [kind, kind === null || canMount(kind)]));

/** The simulated disk with one thing wrong, to see the comparison notice it. */
const sabotages: Record<string, { readonly scenario: Pick<Scenario, 'kind' | 'name'>; readonly spoil: (trial: SimulatedTrial) => Partial<FileSystem> }> = {
  'a rename that leaves its target alone': {
    scenario: { kind: null, name: 'nothing happens' },
    spoil: ({ disk }) => ({ rename: async (from, to) => ((await disk.stat(to)).isOk() ? ok(undefined) : disk.rename(from, to)) }),
  },
  'a file that is gone once its name is': {
    scenario: { kind: null, name: 'nothing happens' },
    spoil: ({ disk }) => ({ unlink: async (path) => (disk.openPaths.includes(path) ? ok(undefined) : disk.unlink(path)) }),
  },
  'another symbol for a path that leads through a file': {
    scenario: { kind: null, name: 'nothing happens' },
    spoil: ({ disk }) => ({ stat: async (path) => (await disk.stat(path)).mapErr((failure) => ({ ...failure, symbol: 'not-found', errno: -2 })) }),
  },
  'a read-only disk that unlinks': {
    scenario: { kind: 'tmpfs', name: 'read-only and back' },
    spoil: ({ disk }) => ({
      unlink: async (path) => {
        disk.setReadOnly(false);
        return disk.unlink(path);
      },
    }),
  },
  'a small disk that takes one page more': {
    scenario: { kind: 'tmpfs', name: 'a small disk' },
    spoil: ({ disk }) => {
      disk.setCapacity(9 * 4_096);
      return {};
    },
  },
};

describe('the comparison', () => {
  for (const [name, { scenario: wanted, spoil }] of Object.entries(sabotages)) {
    it.skipIf(mountable.get(wanted.kind) === false)(`notices ${name}`, async () => {
      const scenario = SCENARIOS.find(({ kind, name: given }) => kind === wanted.kind && given === wanted.name)!;
      const spoiled = (trial: SimulatedTrial): SimulatedTrial => ({ ...trial, fileSystem: withMethods(trial.disk, spoil(trial)) });
      await expect(runScenario(scenario, SEQUENCES, spoiled)).rejects.toThrow(/the two disks part at operation/);
    });
  }
});

describe('the simulated disk and a real one', () => {
  afterAll(() => {
    console.log(printTallies(tallies));
  });

  for (const scenario of SCENARIOS) {
    it.skipIf(mountable.get(scenario.kind) === false)(`always answer alike: ${scenario.kind ?? 'host'}, ${scenario.name}`, async () => {
      tallies.set(scenario, await runScenario(scenario, SEQUENCES));
    });
  }
});

/** The disk, some of its methods replaced. */
function withMethods(disk: FileSystem, replaced: Partial<FileSystem>): FileSystem {
  return new Proxy(disk, {
    get(target, key) {
      const value: unknown = Reflect.get(replaced, key) ?? Reflect.get(target, key);
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}
