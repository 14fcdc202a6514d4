/** Runs one history from an empty disk to a checked end, and prints one so that it can be pasted into a test. */
import { printPlan } from '../../src/testing/index.js';
import { HistoryRun, type RunObserver } from './history-run.js';
import { Violation } from './model.js';
import type { Operation, Setup } from './operations.js';

export interface RunOutcome {
  readonly violation: Violation | null;
  /** Index of the operation at which it came; the length of the history where its ending showed it. */
  readonly at: number;
  readonly trace: readonly string[];
}

export async function runHistory(setup: Setup, operations: readonly Operation[], observer: RunObserver = {}): Promise<RunOutcome> {
  const run = new HistoryRun(setup, observer);
  let at = 0;
  try {
    await run.begin();
    for (const operation of operations) {
      await run.step(operation);
      at += 1;
    }
    await run.end();
    return { violation: null, at, trace: [] };
  } catch (thrown) {
    const violation = thrown instanceof Violation ? thrown : new Violation('never-throws', thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    return { violation, at, trace: [...run.tracesBefore, ...run.disk.trace] };
  }
}

/** A history as text that can be pasted into a test. */
export function printHistory(setup: Setup, operations: readonly Operation[]): string {
  const plans = operations.flatMap((operation) => (operation.do === 'faults' ? [printPlan(operation.plan)] : []));
  const lines = operations.map((operation) => `  ${JSON.stringify(operation)},`);
  return [`setup: ${JSON.stringify(setup)}`, 'operations: [', ...lines, ']', ...(plans.length > 0 ? [`fault plans: ${plans.join(' | ')}`] : [])].join('\n');
}
