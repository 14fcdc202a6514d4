/** One mutant's process: random histories until a promise is broken, or the time is up; tells which, and how it shrank. */
import { historyOfSeed } from '../property/fault-worker.js';
import { runHistory } from '../property/run-history.js';
import { printCase, runCase, sweepCases } from '../sweep/run-sweep.js';
import { shrinkHistory } from '../property/shrink-history.js';

/** Every so-many-th case of the sweep comes first: it finds at once what random histories rarely meet. */
const SWEEP_EVERY = 61;

async function hunt(untilMs: number): Promise<void> {
  let number = 0;
  for await (const at of sweepCases()) {
    number += 1;
    if (number % SWEEP_EVERY !== 0) continue;
    const violation = await runCase(at);
    if (violation === null) continue;
    console.log(JSON.stringify({ seed: 'sweep', property: violation.property, message: printCase(at), length: at.scenario.before.length + at.scenario.steps.length }));
    return;
  }
  for (let seed = 1; Date.now() < untilMs; seed += 1) {
    const { setup, operations } = historyOfSeed(seed, 10);
    const observer = { lookShare: seed % 3 === 0 ? 0.15 : 0 };
    const outcome = await runHistory(setup, operations, observer);
    if (outcome.violation === null) continue;
    const shrunk = await shrinkHistory(setup, operations, outcome, observer, 150);
    const { property, message } = (shrunk.outcome.violation ?? outcome.violation);
    console.log(JSON.stringify({ seed, property, message: message.slice(0, 160), length: shrunk.operations.length }));
    return;
  }
  console.log('null');
}

process.on('unhandledRejection', () => {
  console.log(JSON.stringify({ seed: 0, property: 'unhandled-rejection', message: 'a promise was rejected and nobody heard', length: 0 }));
  process.exit(0);
});
await hunt(Number(process.argv[2]));
