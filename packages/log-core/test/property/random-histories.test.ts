/**
 * Random histories of one log over any number of processes, held against the model after every step. What the model
 * checks is listed in its head and in each violation's name; here it is said what the histories are made of.
 */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { characters, expectKept, histories, setups, wellHistories } from './history-arbitrary.js';

const seed = 20_260_101;

describe('a log under random histories', () => {
  it.each(characters)('never loses an acknowledged record, whatever fails and however often the process ends, on %s', async (character) => {
    await fc.assert(
      fc.asyncProperty(setups, histories(24), (setup, operations) => expectKept({ ...setup, character }, operations)),
      { seed, numRuns: 120 },
    );
  });

  it.each(characters)('never fails for a power cut on a disk that is well, nor loses or invents a record, on %s', async (character) => {
    await fc.assert(
      fc.asyncProperty(setups, wellHistories(20), (setup, operations) => expectKept({ ...setup, character }, operations)),
      { seed, numRuns: 100 },
    );
  });

  it('always gets back after short histories: every pair of operations in a row', async () => {
    await fc.assert(
      fc.asyncProperty(setups, histories(3), (setup, operations) => expectKept(setup, operations)),
      { seed, numRuns: 400 },
    );
  });

  it('always keeps its promises over long lives', async () => {
    await fc.assert(
      fc.asyncProperty(setups, histories(160), (setup, operations) => expectKept(setup, operations)),
      { seed, numRuns: 25 },
    );
  });
});
