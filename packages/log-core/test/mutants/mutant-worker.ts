/**
 * One mutant's process: cases of the sweep and random histories take turns until a promise is broken, or the time is up;
 * then tells which promise, and what is left of the history that shows it.
 */
import { historyOfSeed } from '../property/fault-jobs.js';
import { printHistory, type History } from '../property/history-text.js';
import { runHistory } from '../property/run-history.js';
import { shrinkHistory } from '../property/shrink-history.js';
import { historyOfCase, sweepCases } from '../sweep/sweep-cases.js';

/** How a mutant was killed. */
export interface Kill {
  readonly property: string;
  readonly message: string;
  /** Where the history came from: a seed, or a case of the sweep. */
  readonly found: string;
  readonly operations: number;
  readonly plan: string;
}

/** A prime, so that each round of the sweep meets other calls, kinds of faults and endings. */
const SWEEP_STRIDE = 211;
const SHRINK_RUNS = 150;

interface Found {
  readonly name: string;
  readonly history: History;
}

/** Every so-many-th case of the sweep, then those beside them, and so on. */
async function* sweptHistories(): AsyncGenerator<Found> {
  for (let part = 0; part < SWEEP_STRIDE; part += 1) {
    let number = 0;
    for await (const at of sweepCases()) {
      if (number % SWEEP_STRIDE === part) yield { name: `case ${number} of the sweep`, history: historyOfCase(at) };
      number += 1;
    }
  }
}

/** Short ones and long ones, some with states looked at that a power cut could leave. */
function* randomHistories(): Generator<Found> {
  for (let seed = 1; ; seed += 1) yield { name: `seed ${seed}`, history: historyOfSeed(seed, [5, 12, 25][seed % 3] ?? 5, seed % 4 === 0 ? 0.15 : 0) };
}

async function hunt(untilMs: number): Promise<Kill | null> {
  const sources = [sweptHistories(), randomHistories()];
  for (let turn = 0; Date.now() < untilMs; turn += 1) {
    const next = await sources[turn % sources.length]!.next();
    if (next.done === true) continue;
    const { name, history } = next.value;
    const outcome = await runHistory(history.setup, history.operations);
    if (outcome.violation === null) continue;
    const shrunk = await shrinkHistory(history.setup, history.operations, outcome, {}, SHRINK_RUNS);
    const { property, message } = shrunk.outcome.violation ?? outcome.violation;
    return { property, message, found: name, operations: shrunk.operations.length, plan: printHistory({ setup: history.setup, operations: shrunk.operations }) };
  }
  return null;
}

function tell(kill: Kill | null): void {
  console.log(JSON.stringify(kill));
  process.exit(0);
}

process.on('unhandledRejection', (reason) => tell({ property: 'never-throws', message: `a promise was rejected and nobody heard: ${String(reason)}`, found: 'on the way', operations: 0, plan: '' }));
process.on('uncaughtException', (error) => tell({ property: 'never-throws', message: error.message, found: 'on the way', operations: 0, plan: '' }));
tell(await hunt(Number(process.argv[2])));
