/** Histories as fast-check generates and shrinks them: each operation by a seed of its own, so that any can be left out. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { fileSystemCharacters, seededRandom } from '../../src/testing/index.js';
import { parseHistory, printHistory } from './history-text.js';
import type { Operation, Setup } from './operations.js';
import { randomOperation, randomSetup } from './random-operations.js';
import { runHistory } from './run-history.js';

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

/** Fails with the history as text, which can be pasted into a test or given to `npm run faults -- --plan`. */
export async function expectKept(setup: Setup, operations: readonly Operation[]): Promise<void> {
  const { violation, trace } = await runHistory(setup, operations);
  if (violation !== null) expect.fail(`${violation.message}\n${printHistory({ setup, operations })}\nlast calls:\n${trace.slice(-40).join('\n')}`);
}

/** As above, for a history that was pasted. */
export function expectReplayKept(text: string): Promise<void> {
  const { setup, operations } = parseHistory(text);
  return expectKept(setup, operations);
}
