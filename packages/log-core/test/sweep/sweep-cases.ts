/**
 * The cases of the sweep: every scenario × every call of it × every fault kind × once or sticky × go on, crash before, crash after.
 * - go on: the fault meets the call, and life goes on. - crash after: the process ends at the call behind it.
 * - crash before: the process ends at the call, and the fault meets the first such call of the opening that follows.
 */
import type { IoOperation } from '../../src/index.js';
import type { CallFacts, FaultPlan, FaultRule } from '../../src/testing/index.js';
import { HistoryRun } from '../property/history-run.js';
import type { History } from '../property/history-text.js';
import type { Ending, Operation } from '../property/operations.js';
import { LOG_DIR } from '../property/simulated-host.js';
import { faultKinds, type FaultKind } from './fault-kinds.js';
import { scenarios, type Scenario } from './scenarios.js';

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

/** Ends that take turns, so that each call meets several. */
const endings: readonly Ending[] = ['process', { data: 'none' }, { data: 'subset' }, { data: 'all' }, { data: 'prefix', names: 'posix-weak' }];

export type SweptCall = Pick<CallFacts, 'operation' | 'path' | 'to'>;

/** The calls of a scenario, in their order, as a run without faults makes them. */
export async function callsOf(scenario: Scenario): Promise<SweptCall[]> {
  const calls: SweptCall[] = [];
  const run = new HistoryRun(scenario.setup, {});
  const listen = (): void => {
    run.host.disk.beforeCall = ({ operation, path, to }) => {
      calls.push({ operation, path, to });
    };
  };
  await run.begin();
  for (const operation of scenario.before) await run.step(operation);
  if (scenario.recovery === null) listen();
  else run.onProcessStart = listen;
  for (const operation of sweptOperations(scenario, [])) await run.step(operation);
  return calls;
}

/** The swept part; with `recovery` the plan meets the opening after the crash. */
function sweptOperations({ steps, recovery }: Scenario, plan: FaultPlan, then?: FaultPlan): Operation[] {
  if (recovery === null) return [...steps];
  return [{ do: 'crash', how: recovery, during: [], ...(plan.length > 0 && { faults: plan }), ...(then !== undefined && { then }) }, ...steps];
}

/** The history that a case is: it can be printed, replayed and shrunk as any other. */
export function historyOfCase({ scenario, kind, sticky, aftermath, operation, nth, call, how }: SweepCase): History {
  const times = sticky && { times: 'sticky' as const };
  const fault: FaultRule = { on: [operation], nth, ...times, effect: kind.effect };
  const halt: FaultRule = { on: '*', effect: { kind: 'halt' } };
  const after: FaultPlan = [{ on: [operation], ...times, effect: kind.effect }];
  const plan: FaultPlan = aftermath === 'crash before' ? [{ ...halt, nth: call }] : aftermath === 'go on' ? [fault] : [{ ...halt, after: 1 }, fault];
  const { setup, before, recovery } = scenario;
  if (recovery !== null) return { setup, operations: [...before, ...sweptOperations(scenario, plan, aftermath === 'crash before' ? after : undefined)] };
  const beginning: Operation = aftermath === 'crash before' ? { do: 'die', at: call, how, during: [], faults: after } : { do: 'faults', plan, how };
  return { setup, operations: [...before, beginning, ...sweptOperations(scenario, [])] };
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

export function printCase({ scenario, kind, sticky, aftermath, call, operation, how }: SweepCase): string {
  return `${scenario.name}: ${kind.name} ${sticky ? 'from' : 'at'} call ${String(call)} (${operation}) ${sticky ? 'on' : 'once'}, ${aftermath}, ending ${JSON.stringify(how)}`;
}
