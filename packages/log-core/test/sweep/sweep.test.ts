/** A part of the sweep, chosen evenly; `npm run faults -- --sweep` runs all of it. */
import { expect, it } from 'vitest';
import { printTable, runSweep } from './run-sweep.js';
import { scenarios } from './scenarios.js';
import { callsOf } from './sweep-cases.js';

it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('scenario %s: makes the calls it is named for', async (_name, scenario) => {
  const calls = await callsOf(scenario);
  expect(calls.length).toBeGreaterThan(2);
  const missing = scenario.makes.filter((call) => {
    const [operation, ending = ''] = call.split(' ');
    return !calls.some((made) => made.operation === operation && (made.path.endsWith(ending) || made.to?.endsWith(ending) === true));
  });
  expect(missing).toEqual([]);
});

it('always keeps its promises when a single call of a scenario fails, in any way, whatever comes after', { timeout: 120_000 }, async () => {
  const result = await runSweep({ every: 211 });
  console.info(printTable(result));
  expect(result.failed).toEqual([]);
});
