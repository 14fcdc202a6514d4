/** Histories as fast-check generates and shrinks them: each operation by a seed of its own, so that any can be left out. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { fileSystemCharacters, seededRandom } from '../../src/testing/index.js';
import { randomOperation, randomSetup, type Operation, type Setup } from './operations.js';
import { printHistory, runHistory } from './run-history.js';

const seed = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));

export const setups: fc.Arbitrary<Setup> = seed.map((number) => randomSetup(seededRandom(number)));

/** Histories in which anything may happen to the disk. */
export const histories = (length: number): fc.Arbitrary<Operation[]> =>
  fc.array(seed.map((number) => randomOperation(seededRandom(number))), { minLength: 1, maxLength: length });

/** Histories on a disk that is well: crashes only. */
export const wellHistories = (length: number): fc.Arbitrary<Operation[]> =>
  fc.array(seed.map((number) => randomOperation(seededRandom(number), false)), { minLength: 1, maxLength: length });

/** Every kind of file system the simulated disk can be. */
export const characters = Object.keys(fileSystemCharacters) as readonly Setup['character'][];

/** Fails with the history, so that it can be pasted into a test, where a promise of the model is broken. */
export async function expectKept(setup: Setup, operations: readonly Operation[]): Promise<void> {
  const { violation, trace } = await runHistory(setup, operations, { wholeTrace: false });
  if (violation !== null) expect.fail(`${violation.message}\n${printHistory(setup, operations)}\nlast calls:\n${trace.slice(-40).join('\n')}`);
}
