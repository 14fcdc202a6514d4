/**
 * One process of `npm run faults`: runs random histories by seed, each looking at states in between, and tells its
 * parent what it counted. The same seeds give the same totals, however many processes share them.
 */
import { seededRandom } from '../../src/testing/index.js';
import { randomHistory, randomSetup, type Operation, type Setup } from './operations.js';
import { printHistory, runHistory } from './run-history.js';
import { shrinkHistory } from './shrink-history.js';

/** What the parent asks for: every `stride`-th seed from `from` on, until `runs` are done or the time is up. */
export interface FaultJob {
  readonly from: number;
  readonly stride: number;
  readonly runs: number;
  readonly untilMs: number;
  readonly length: number;
  readonly lookShare: number;
}

/** What was counted since the last report. */
export interface FaultReport {
  histories: number;
  operations: number;
  states: number;
  insideRecovery: number;
  hashes: number[];
  rejections: number;
  violations: { readonly seed: number; readonly property: string; readonly text: string }[];
  done: boolean;
}

const REPORT_EVERY_MS = 250;
/** One of a kind is shrunk and shown; the others are only counted. */
const SHOWN_PER_PROPERTY = 2;

function emptyReport(): FaultReport {
  return { histories: 0, operations: 0, states: 0, insideRecovery: 0, hashes: [], rejections: 0, violations: [], done: false };
}

export function historyOfSeed(seed: number, length: number): { readonly setup: Setup; readonly operations: readonly Operation[] } {
  const random = seededRandom(seed);
  const setup = randomSetup(random);
  return { setup, operations: randomHistory(random, length) };
}

async function work(job: FaultJob, tell: (report: FaultReport) => void): Promise<void> {
  let report = emptyReport();
  let toldAt = Date.now();
  const shown = new Map<string, number>();
  process.on('unhandledRejection', () => {
    report.rejections += 1;
  });
  for (let run = 0; run < job.runs && Date.now() < job.untilMs; run += 1) {
    const seed = job.from + run * job.stride;
    const { setup, operations } = historyOfSeed(seed, job.length);
    const observer = {
      lookShare: job.lookShare,
      onCrashState: (image: { imageHash(): number }, insideRecovery: boolean): void => {
        report.states += 1;
        if (insideRecovery) report.insideRecovery += 1;
        report.hashes.push(image.imageHash());
      },
    };
    const outcome = await runHistory(setup, operations, observer);
    report.histories += 1;
    report.operations += operations.length;
    if (outcome.violation !== null) {
      const { property } = outcome.violation;
      const count = (shown.get(property) ?? 0) + 1;
      shown.set(property, count);
      const shrunk = count > SHOWN_PER_PROPERTY ? null : await shrinkHistory(setup, operations, outcome, { lookShare: job.lookShare });
      const text = shrunk === null ? outcome.violation.message : `${shrunk.outcome.violation?.message ?? ''}\n${printHistory(setup, shrunk.operations)}`;
      report.violations.push({ seed, property, text });
    }
    if (Date.now() - toldAt >= REPORT_EVERY_MS) {
      tell(report);
      report = emptyReport();
      toldAt = Date.now();
    }
  }
  tell({ ...report, done: true });
}

if (process.send !== undefined) process.once('message', (job: FaultJob) => {
  work(job, (report) => process.send?.(report)).then(
    () => process.disconnect(),
    (bug: unknown) => {
      console.error(bug);
      process.exit(1);
    },
  );
});
