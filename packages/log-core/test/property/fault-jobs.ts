/**
 * The work of `npm run faults`: random histories by seed, and what is counted of them. Seeds share nothing, so that the same
 * seeds give the same totals however many processes share them.
 */
import { seededRandom } from '../../src/testing/index.js';
import { printHistory, type History } from './history-text.js';
import { randomHistory, randomSetup } from './random-operations.js';
import { addFaults, noCounts, type RunCounts } from './run-counts.js';
import { runHistory } from './run-history.js';
import { shrinkHistory } from './shrink-history.js';

/** Every `stride`-th seed from `from` on, until `runs` are done or the time is up. */
export interface FaultJob {
  readonly from: number;
  readonly stride: number;
  readonly runs: number;
  readonly untilMs: number;
  /** Mean number of operations. */
  readonly length: number;
  readonly looks: number;
}

export interface FoundViolation {
  readonly seed: number;
  readonly property: string;
  readonly message: string;
  /** The history that shows it, for `--plan`; shrunk where it is one of the first of its kind. */
  readonly plan: string;
}

/** What was counted since the last report. */
export interface FaultReport {
  histories: number;
  operations: number;
  readonly counts: RunCounts;
  readonly violations: FoundViolation[];
  /** Rejections that nobody handled. */
  rejections: number;
}

const REPORT_EVERY_MS = 250;
/** So many of a kind are shrunk; the others are shown as they are. */
const SHRUNK_PER_PROPERTY = 2;

export function noReport(): FaultReport {
  return { histories: 0, operations: 0, counts: noCounts(), violations: [], rejections: 0 };
}

/** Adds one report to another; hashes are kept apart by whoever counts the distinct ones. */
export function addReport(to: FaultReport, { histories, operations, counts, violations, rejections }: FaultReport): void {
  to.histories += histories;
  to.operations += operations;
  to.rejections += rejections;
  to.violations.push(...violations);
  addCounts(to.counts, counts);
}

function addCounts(to: RunCounts, from: RunCounts): void {
  to.calls += from.calls;
  to.plans += from.plans;
  to.states += from.states;
  to.insideRecovery += from.insideRecovery;
  to.known += from.known;
  addFaults(to.faults, from.faults);
}

/** The history that belongs to a seed. */
export function historyOfSeed(seed: number, length: number, looks?: number): History {
  const random = seededRandom(seed);
  const setup = { ...randomSetup(random), ...(looks !== undefined && looks > 0 && { looks }) };
  return { setup, operations: randomHistory(random, length) };
}

/** Runs a job; `tell` gets what was counted, now and then and at the end. */
export async function runFaults(job: FaultJob, tell: (report: FaultReport) => void): Promise<void> {
  let report = noReport();
  let toldAt = Date.now();
  const shrunk = new Map<string, number>();
  const onRejection = (): void => {
    report.rejections += 1;
  };
  process.on('unhandledRejection', onRejection);
  for (let run = 0; run < job.runs && Date.now() < job.untilMs; run += 1) {
    const seed = job.from + run * job.stride;
    await runSeed(seed, job, report, shrunk);
    if (Date.now() - toldAt < REPORT_EVERY_MS) continue;
    tell(report);
    report = noReport();
    toldAt = Date.now();
  }
  process.off('unhandledRejection', onRejection);
  tell(report);
}

async function runSeed(seed: number, { length, looks }: FaultJob, report: FaultReport, shrunk: Map<string, number>): Promise<void> {
  const history = historyOfSeed(seed, length, looks);
  const outcome = await runHistory(history.setup, history.operations);
  report.histories += 1;
  report.operations += history.operations.length;
  addCounts(report.counts, outcome.counts);
  for (const hash of outcome.counts.hashes) report.counts.hashes.push(hash);
  if (outcome.violation === null) return;
  const { property, message } = outcome.violation;
  const count = (shrunk.get(property) ?? 0) + 1;
  shrunk.set(property, count);
  const operations = count > SHRUNK_PER_PROPERTY ? history.operations : (await shrinkHistory(history.setup, history.operations, outcome, {})).operations;
  report.violations.push({ seed, property, message, plan: printHistory({ setup: history.setup, operations }) });
}
