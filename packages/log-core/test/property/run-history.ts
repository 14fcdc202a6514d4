/** Runs one history from an empty disk to a checked end. */
import { HistoryRun, type RunObserver } from './history-run.js';
import type { Operation, Setup } from './operations.js';
import type { RunCounts } from './run-counts.js';
import { violationOf, type Violation } from './violation.js';

export interface RunOutcome {
  readonly violation: Violation | null;
  /** Index of the operation at which it came; the length of the history where its ending showed it. */
  readonly at: number;
  readonly trace: readonly string[];
  readonly counts: RunCounts;
}

export async function runHistory(setup: Setup, operations: readonly Operation[], observer: RunObserver = {}): Promise<RunOutcome> {
  const run = new HistoryRun(setup, observer);
  const outcome = (violation: Violation | null, at: number): RunOutcome => ({ violation, at, trace: run.host.trace, counts: run.host.counts });
  let at = 0;
  try {
    await run.begin();
    for (const operation of operations) {
      await run.step(operation);
      at += 1;
    }
    await run.end();
    return outcome(null, at);
  } catch (thrown) {
    run.host.finish();
    return outcome(violationOf(thrown), at);
  }
}
