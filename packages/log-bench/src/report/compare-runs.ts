/**
 * Two runs against each other. What is compared is each turn's ratio to its own raw floor, since only that means the same on
 * two days; where a workload has no floor, or if asked, the figures themselves.
 */
import { isRate, MAIN_FLOORS, timesFloor, type RunFile, type Sample } from '../model/sample.js';
import { bootstrapRatio, type RatioInterval, type Rounds } from '../stats/bootstrap-interval.js';
import { seededRandom } from '../stats/seeded-random.js';
import { formatTimes } from './format-number.js';
import { machineDrift } from './machine-drift.js';
import type { TableModel } from './table-model.js';

/** `unclear`: it looks like a regression, but the machine moved as much by itself. */
export type Verdict = 'regression' | 'unclear' | 'slower' | 'same' | 'faster';

/** One workload of one subject in both runs. Ratios above 1: the second run is better. The interval has the machine's own drift in it. */
export interface Comparison extends RatioInterval {
  readonly workload: string;
  readonly subject: string;
  readonly basis: 'times floor' | 'figure';
  readonly rounds: readonly [number, number];
  /** The factor by which the machine moved by itself. */
  readonly drift: number;
  readonly verdict: Verdict;
}

/** How to compare. */
export interface CompareOptions {
  /** Below this ratio it is a regression, if nothing else explains it. */
  readonly threshold: number;
  readonly absolute: boolean;
}

const SEED = 20_261_121;
const CONFIDENCE = 0.95;

/** Compares everything that both runs measured. */
export function compareRuns(before: RunFile, after: RunFile, options: CompareOptions): Comparison[] {
  const comparisons: Comparison[] = [];
  for (const { name } of before.workloads) {
    const subjects = new Set(before.samples.filter(({ workload }) => workload === name).map(({ subject }) => subject));
    for (const subject of subjects) {
      const own = ({ samples }: RunFile): Sample[] => samples.filter((sample) => sample.workload === name && sample.subject === subject);
      const [old, young] = [own(before), own(after)];
      if (young.length > 0) comparisons.push(compareSamples(name, subject, old, young, options));
    }
  }
  return comparisons;
}

function compareSamples(workload: string, subject: string, old: readonly Sample[], young: readonly Sample[], { threshold, absolute }: CompareOptions): Comparison {
  const floor = absolute ? undefined : MAIN_FLOORS.find((name) => [...old, ...young].every(({ floors }) => floors[name] !== undefined));
  const goodness = (sample: Sample): number => {
    if (floor !== undefined) return timesFloor(sample.unit, sample.figure, sample.floors[floor] ?? NaN);
    return isRate(sample.unit) ? sample.figure : 1 / sample.figure;
  };
  const roundsOf = (samples: readonly Sample[]): Rounds =>
    samples.map((sample) => (floor !== undefined && sample.turns.length > 0 ? sample.turns.map((turn) => turn.figure / turn.floor) : [goodness(sample)]));
  const interval = bootstrapRatio(roundsOf(old), roundsOf(young), { random: seededRandom(SEED), confidence: CONFIDENCE });
  const drift = machineDrift(old, young);
  return {
    workload,
    subject,
    basis: floor === undefined ? 'figure' : 'times floor',
    rounds: [old.length, young.length],
    ratio: interval.ratio,
    low: interval.low / drift,
    high: interval.high * drift,
    drift,
    verdict: judge(interval, drift, threshold),
  };
}

/** A regression is past the threshold, not one unlucky round, and more than the machine moved by itself. */
function judge({ ratio, low, high }: RatioInterval, drift: number, threshold: number): Verdict {
  const isPast = ratio < threshold;
  if (high * drift < 1) return isPast ? 'regression' : 'slower';
  if (high < 1 && isPast) return 'unclear';
  return low / drift > 1 ? 'faster' : 'same';
}

/** The comparison as a table. */
export function comparisonTable(comparisons: readonly Comparison[], threshold: number): TableModel {
  const several = new Set(comparisons.map(({ subject }) => subject)).size > 1;
  return {
    title: 'Second run against the first: above 1 × is better',
    note: `Interval of ${CONFIDENCE * 100} % by resampling rounds, and turns within them, widened by machine = how far raw floors moved against each other, which no change of the log explains. Compared: each turn’s ratio to its own raw floor (times floor), or the figure itself. A regression is a ratio below ${threshold} × whose interval is below 1 ×; unclear is one that only the machine keeps from it.`,
    head: ['workload', ...(several ? ['store'] : []), 'ratio', 'from', 'to', 'of', 'rounds', 'machine', ''],
    rows: comparisons.map(({ workload, subject, ratio, low, high, basis, rounds, drift, verdict }) => [
      workload,
      ...(several ? [subject] : []),
      formatTimes(ratio),
      formatTimes(low),
      formatTimes(high),
      basis,
      rounds.join(' / '),
      `±${((drift - 1) * 100).toFixed(0)} %`,
      verdict === 'regression' ? 'REGRESSION' : verdict,
    ]),
  };
}
