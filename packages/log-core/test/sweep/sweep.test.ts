/** A part of the sweep, chosen evenly; `npm run faults -- --sweep` runs all of it. */
import { expect, it } from 'vitest';
import { printCase, printTable, runSweep } from './run-sweep.js';

it('always keeps its promises when a single call of a scenario fails, in any way, whatever comes after', { timeout: 120_000 }, async () => {
  const { counts, violations } = await runSweep({ every: 89 });
  console.info(printTable(counts));
  expect(violations.map(({ at, violation }) => `${printCase(at)}: ${violation.message}`)).toEqual([]);
});
