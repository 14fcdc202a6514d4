/**
 * The same operations on a real disk and on the simulated one. The real one leads: where it rightly answers otherwise, as
 * the table of differences says, the simulated one is made to answer the same, so that what follows can be compared on.
 */
import type { IoOperation, IoSymbol } from '../../src/model/io-failure.js';
import type { FaultEffect } from '../../src/testing/fault-plan.js';
import type { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import type { Difference, Meeting } from './differences.js';
import { eventsAfter, type DiskEvent, type DiskOperation } from './disk-operations.js';
import { DiskRun, type Outcome, type TriedDisk } from './disk-run.js';

/** The simulated disk, fresh for every attempt, with a way to give it room whatever happened to it. */
export interface SimulatedTrial extends TriedDisk {
  readonly disk: SimulatedDisk;
  /** Carries `work` out with room for everything; what it takes is taken for good. */
  readonly withRoom: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What was compared, and where the two part without a right to. */
export interface Comparison {
  /** What the real disk answered. */
  readonly expected: readonly Outcome[];
  readonly met: readonly Difference[];
  readonly mismatch: { readonly at: number; readonly real: Outcome; readonly simulated: Outcome } | null;
}

/** Runs the operations on both and compares every outcome. `kind` names the real file system, for the table. */
export async function compareDisks(
  kind: string,
  real: TriedDisk,
  simulated: () => Promise<SimulatedTrial>,
  operations: readonly DiskOperation[],
  differences: readonly Difference[],
): Promise<Comparison> {
  const expected = await outcomesOn(real, operations);
  const events = eventsBefore(operations);
  const met: Difference[] = [];
  const told = new Set<number>();
  for (;;) {
    const at = await firstDifference(await simulated(), operations, expected, told);
    if (at === null) return { expected, met, mismatch: null };
    const meeting: Meeting = { kind, operation: operations[at.at]!, events: events[at.at]!, real: at.real, simulated: at.simulated };
    const difference = told.has(at.at) ? undefined : differences.find((each) => each.covers(meeting));
    if (difference === undefined) return { expected, met, mismatch: at };
    met.push(difference);
    if (difference.ends === true) return { expected, met, mismatch: null };
    told.add(at.at);
  }
}

async function outcomesOn(disk: TriedDisk, operations: readonly DiskOperation[]): Promise<Outcome[]> {
  const run = new DiskRun(disk);
  const outcomes: Outcome[] = [];
  for (const operation of operations) outcomes.push(await run.step(operation));
  await run.end();
  return outcomes;
}

/** The events in force before each operation. */
function eventsBefore(operations: readonly DiskOperation[]): ReadonlySet<DiskEvent>[] {
  let current: ReadonlySet<DiskEvent> = new Set();
  return operations.map((operation) => {
    const before = current;
    if (operation.do === 'event') current = eventsAfter(current, operation.event);
    return before;
  });
}

type Parting = NonNullable<Comparison['mismatch']>;

async function firstDifference(trial: SimulatedTrial, operations: readonly DiskOperation[], expected: readonly Outcome[], told: ReadonlySet<number>): Promise<Parting | null> {
  const run = new DiskRun(trial);
  for (const [at, operation] of operations.entries()) {
    const real = expected[at]!;
    const simulated = told.has(at) ? await stepAs(real, trial, run, operation) : await run.step(operation);
    if (simulated !== real && !(told.has(at) && sameSymbol(simulated, real))) return { at, real, simulated };
  }
  await run.end();
  if (trial.disk.openHandles > 0) throw new Error(`the simulated disk has ${trial.disk.openHandles} handles left`);
  return null;
}

/** A failure that has no symbol comes with whatever errno it has. */
function sameSymbol(one: Outcome, other: Outcome): boolean {
  return !one.startsWith('ok') && one.split(' ')[0] === other.split(' ')[0];
}

/** Makes the simulated disk answer as the real one did. */
async function stepAs(real: Outcome, trial: SimulatedTrial, run: DiskRun, operation: DiskOperation): Promise<Outcome> {
  const effect = effectFor(real);
  if (effect !== null) trial.disk.setFaults([{ on: CALLS[operation.do] ?? [], effect }]);
  const outcome = await trial.withRoom(() => run.step(operation));
  trial.disk.setFaults([]);
  return outcome;
}

function effectFor(real: Outcome): FaultEffect | null {
  const [first = '', second = ''] = real.split(' ');
  if (first !== 'ok') return { kind: 'fail', symbol: first as IoSymbol };
  return /^\d+$/.test(second) ? { kind: 'short', bytes: Number(second) } : null;
}

const CALLS: Partial<Record<DiskOperation['do'], readonly IoOperation[]>> = {
  open: ['open', 'create'],
  write: ['write', 'dsync-write'],
  truncate: ['truncate'],
  sync: ['sync', 'sync-directory'],
  unlink: ['unlink'],
  mkdir: ['mkdir'],
  rename: ['rename'],
};

/** The operations one to a line, with what came of those up to the parting. */
export function printParting(operations: readonly DiskOperation[], mismatch: Parting): string {
  const lines = operations.slice(0, mismatch.at + 1).map((operation) => `  ${JSON.stringify(operation)}`);
  return [`the two disks part at operation ${mismatch.at}: really ${mismatch.real}, simulated ${mismatch.simulated}`, ...lines].join('\n');
}
