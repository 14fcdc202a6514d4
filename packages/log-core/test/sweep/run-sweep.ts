/** Runs cases of the sweep, or every so-many-th of them, and counts them by scenario and fault kind. */
import { printHistory } from '../property/history-text.js';
import { runHistory } from '../property/run-history.js';
import type { Violation } from '../property/violation.js';
import { faultKinds } from './fault-kinds.js';
import { scenarios } from './scenarios.js';
import { historyOfCase, printCase, sweepCases, type SweepCase } from './sweep-cases.js';

export { printCase, sweepCases } from './sweep-cases.js';

/** A case that broke a promise, with the history that shows it. */
export interface FailedCase {
  readonly name: string;
  readonly message: string;
  readonly plan: string;
}

export interface SweepResult {
  /** Cases by scenario, then fault kind. */
  readonly counts: Record<string, Record<string, number>>;
  cases: number;
  readonly failed: FailedCase[];
}

export async function runCase(at: SweepCase): Promise<Violation | null> {
  const { setup, operations } = historyOfCase(at);
  return (await runHistory(setup, operations)).violation;
}

export function noResult(): SweepResult {
  return { counts: Object.fromEntries(scenarios.map(({ name }) => [name, {}])), cases: 0, failed: [] };
}

/** Runs every `every`-th case, beginning with number `part`. */
export async function runSweep({ every = 1, part = 0, onCase = () => undefined }: { readonly every?: number; readonly part?: number; readonly onCase?: (failed: FailedCase | null) => void } = {}): Promise<SweepResult> {
  const result = noResult();
  let number = 0;
  for await (const at of sweepCases()) {
    number += 1;
    if (number % every !== part) continue;
    count(result, at);
    const violation = await runCase(at);
    const failed = violation === null ? null : { name: printCase(at), message: violation.message, plan: printHistory(historyOfCase(at)) };
    if (failed !== null) result.failed.push(failed);
    onCase(failed);
  }
  return result;
}

function count(result: SweepResult, { scenario, kind }: SweepCase): void {
  result.cases += 1;
  const row = (result.counts[scenario.name] ??= {});
  row[kind.name] = (row[kind.name] ?? 0) + 1;
}

/** Adds what another process counted. */
export function addResult(to: SweepResult, from: SweepResult): void {
  to.cases += from.cases;
  to.failed.push(...from.failed);
  for (const [scenario, kinds] of Object.entries(from.counts)) {
    const row = (to.counts[scenario] ??= {});
    for (const [kind, count] of Object.entries(kinds)) row[kind] = (row[kind] ?? 0) + count;
  }
}

/** Scenario × fault kind, with the number of cases in each. */
export function printTable({ counts }: SweepResult): string {
  const names = faultKinds.map(({ name }) => name);
  const width = Math.max(...Object.keys(counts).map((name) => name.length));
  const cell = (value: number | string, i: number): string => String(value).padStart(Math.max(5, (names[i] ?? 'total').length));
  const line = (title: string, row: Readonly<Record<string, number>>): string => {
    const numbers = names.map((name) => row[name] ?? 0);
    return `${title.padEnd(width)}  ${[...numbers, numbers.reduce((sum, number) => sum + number, 0)].map(cell).join('  ')}`;
  };
  const total: Record<string, number> = {};
  for (const row of Object.values(counts)) for (const [kind, count] of Object.entries(row)) total[kind] = (total[kind] ?? 0) + count;
  return [
    `${''.padEnd(width)}  ${[...names, 'total'].map(cell).join('  ')}`,
    ...Object.entries(counts).map(([scenario, row]) => line(scenario, row)),
    line(`${String(Object.keys(counts).length)} scenarios`, total),
  ].join('\n');
}
