/**
 * The sweep: every scenario × every call of it × every fault kind × once or sticky × go on, crash before, crash after.
 * - go on: the fault meets the call, and life goes on. - crash after: the process ends at the call behind it.
 * - crash before: the process ends at the call, and the fault meets the first such call of the opening that follows.
 */
import type { IoOperation } from '../../src/index.js';
import type { CallFacts, FaultPlan, FaultRule } from '../../src/testing/index.js';
import { HistoryRun, LOG_DIR } from '../property/history-run.js';
import { Violation } from '../property/model.js';
import type { Ending, Operation } from '../property/operations.js';
import { faultKinds, type FaultKind } from './fault-kinds.js';
import { scenarios, setupOf, type Scenario } from './scenarios.js';

const aftermaths = ['go on', 'crash before', 'crash after'] as const;
type Aftermath = (typeof aftermaths)[number];

export interface SweepCase {
  readonly scenario: Scenario;
  readonly kind: FaultKind;
  readonly sticky: boolean;
  readonly aftermath: Aftermath;
  /** The call among all of the scenario's, and among those of its operation; both from 1. */
  readonly call: number;
  readonly operation: IoOperation;
  readonly nth: number;
  readonly how: Ending;
}

export interface SweepResult {
  /** Cases by scenario, then fault kind. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly cases: number;
  readonly violations: readonly { readonly at: SweepCase; readonly violation: Violation }[];
}

/** Ends that take turns, so that each call meets several. */
const endings: readonly Ending[] = ['process', { data: 'none' }, { data: 'subset' }, { data: 'all' }, { data: 'prefix', names: 'posix-weak' }];

/** The calls of a scenario, in their order, as a run without faults makes them. */
async function callsOf(scenario: Scenario): Promise<Pick<CallFacts, 'operation' | 'path'>[]> {
  const calls: Pick<CallFacts, 'operation' | 'path'>[] = [];
  const run = await prepared(scenario);
  const listen = (): void => {
    run.disk.beforeCall = ({ operation, path }) => {
      calls.push({ operation, path });
    };
  };
  listen();
  await carryOut(run, scenario, [], listen);
  return calls;
}

async function prepared(scenario: Scenario): Promise<HistoryRun> {
  const run = new HistoryRun(setupOf(scenario, 7), {});
  if (scenario.fresh !== true) await run.begin();
  for (const operation of scenario.before) await run.step(operation);
  return run;
}

/** The swept part: with `recovery` the faults meet the opening after the crash. */
async function carryOut(run: HistoryRun, { steps, recovery }: Scenario, plan: FaultPlan, onNewDisk: () => void, how?: Ending): Promise<void> {
  if (recovery !== undefined) {
    run.onProcessStart = onNewDisk;
    await run.step({ do: 'crash', how: recovery, during: [], faults: plan });
  } else if (plan.length > 0) {
    await run.step({ do: 'faults', plan, ...(how !== undefined && { how }) });
  }
  for (const operation of steps) await run.step(operation);
}

function planOf({ kind, sticky, aftermath, operation, nth, call }: SweepCase): FaultPlan {
  const halt: FaultRule = { on: '*', effect: { kind: 'halt' } };
  if (aftermath === 'crash before') return [{ ...halt, nth: call }];
  const fault: FaultRule = { on: [operation], nth, ...(sticky && { times: 'sticky' as const }), effect: kind.effect };
  return aftermath === 'go on' ? [fault] : [{ ...halt, after: 1 }, fault];
}

export async function runCase(at: SweepCase): Promise<Violation | null> {
  const { scenario, kind, sticky, aftermath, operation, how } = at;
  const run = await prepared(scenario);
  try {
    if (aftermath === 'crash before') run.faultsAfterEnd = [{ on: [operation], ...(sticky && { times: 'sticky' as const }), effect: kind.effect }];
    await carryOut(run, scenario, planOf(at), () => undefined, how);
    await run.end();
    return null;
  } catch (thrown) {
    return thrown instanceof Violation ? thrown : new Violation('never-throws', thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  }
}

async function* casesOf(scenario: Scenario): AsyncGenerator<SweepCase> {
  const calls = await callsOf(scenario);
  const nths = new Map<IoOperation, number>();
  let turn = 0;
  for (const [i, { operation, path }] of calls.entries()) {
    const nth = (nths.get(operation) ?? 0) + 1;
    nths.set(operation, nth);
    for (const kind of faultKinds) {
      if (!kind.meets(operation)) continue;
      // Nothing can make a directory's own name durable any more once the sync of the one above it failed.
      // One that may not be opened cannot be synced by anybody.
      if (!path.startsWith(LOG_DIR) && (operation === 'sync-directory' || kind.name === 'EACCES')) continue;
      for (const sticky of [false, true]) {
        for (const aftermath of aftermaths) {
          turn += 1;
          yield { scenario, kind, sticky, aftermath, call: i + 1, operation, nth, how: endings[turn % endings.length] as Ending };
        }
      }
    }
  }
}

/** All cases, scenario by scenario. */
export async function* sweepCases(): AsyncGenerator<SweepCase> {
  for (const scenario of scenarios) yield* casesOf(scenario);
}

/** Runs every `every`-th case, the `part`-th of so many first. */
export async function runSweep({ every = 1, part = 0, onCase }: { readonly every?: number; readonly part?: number; readonly onCase?: () => void } = {}): Promise<SweepResult> {
  const counts = new Map<string, Map<string, number>>();
  const violations: { at: SweepCase; violation: Violation }[] = [];
  let number = 0;
  let cases = 0;
  for (const scenario of scenarios) {
    const row = new Map<string, number>();
    counts.set(scenario.name, row);
    for await (const at of casesOf(scenario)) {
      number += 1;
      if (number % every !== part) continue;
      cases += 1;
      row.set(at.kind.name, (row.get(at.kind.name) ?? 0) + 1);
      const violation = await runCase(at);
      if (violation !== null) violations.push({ at, violation });
      onCase?.();
    }
  }
  return { counts, cases, violations };
}

/** Scenario × fault kind, with the number of cases in each. */
export function printTable(counts: SweepResult['counts']): string {
  const names = faultKinds.map(({ name }) => name);
  const width = Math.max(...[...counts.keys()].map((name) => name.length));
  const cell = (value: number | string, i: number): string => String(value).padStart(Math.max(5, (names[i] ?? 'total').length));
  const lines = [`${''.padEnd(width)}  ${[...names, 'total'].map(cell).join('  ')}`];
  for (const [scenario, row] of counts) {
    const numbers = names.map((name) => row.get(name) ?? 0);
    lines.push(`${scenario.padEnd(width)}  ${[...numbers, numbers.reduce((sum, number) => sum + number, 0)].map(cell).join('  ')}`);
  }
  return lines.join('\n');
}

export function printCase({ scenario, kind, sticky, aftermath, call, operation, how }: SweepCase): string {
  return `${scenario.name}: ${kind.name} ${sticky ? 'from' : 'at'} call ${String(call)} (${operation}) ${sticky ? 'on' : 'once'}, ${aftermath}, ending ${JSON.stringify(how)}`;
}

/** The operations behind a case, for a replay. */
export function operationsOf({ scenario }: SweepCase): readonly Operation[] {
  return [...scenario.before, ...scenario.steps];
}
