/** Leaves out of a failing history whatever can be left out, as long as the same promise stays broken. */
import type { RunObserver } from './history-run.js';
import type { Operation, Setup } from './operations.js';
import { runHistory, type RunOutcome } from './run-history.js';

export interface Shrunk {
  readonly operations: readonly Operation[];
  readonly outcome: RunOutcome;
}

/** At most `runsMax` further runs. */
export async function shrinkHistory(
  setup: Setup,
  failing: readonly Operation[],
  first: RunOutcome,
  observer: RunObserver,
  runsMax = 400,
): Promise<Shrunk> {
  const property = first.violation?.property;
  let best: Shrunk = { operations: failing.slice(0, first.at + 1), outcome: first };
  let runs = 0;
  const without = async (at: number, count: number): Promise<boolean> => {
    const operations = [...best.operations.slice(0, at), ...best.operations.slice(at + count)];
    runs += 1;
    const outcome = await runHistory(setup, operations, observer);
    if (outcome.violation?.property !== property) return false;
    best = { operations, outcome };
    return true;
  };
  for (let count = Math.ceil(best.operations.length / 2); count >= 1; count = count === 1 ? 0 : Math.ceil(count / 2)) {
    for (let at = 0; at < best.operations.length && runs < runsMax; ) if (!(await without(at, count))) at += count;
  }
  return best;
}
