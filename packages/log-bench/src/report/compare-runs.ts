/**
 * Two runs against each other. What is compared is each round's ratio to its own raw floor, since only that means the
 * same on two days; where a workload has no floor, or if asked, the figures themselves.
 */
import { isRate, timesFloor, type FloorName, type RunFile, type Sample } from '../model/sample.js';
import { bootstrapRatio, type RatioInterval } from '../stats/bootstrap-interval.js';
import { seededRandom } from '../stats/seeded-random.js';
import { formatTimes } from './format-number.js';
import type { TableModel } from './table-model.js';

/** One workload of one subject in both runs. Ratios above 1: the second run is better. */
export interface Comparison extends RatioInterval {
  readonly workload: string;
  readonly subject: string;
  readonly basis: 'times floor' | 'figure';
  readonly rounds: readonly [number, number];
  readonly verdict: 'regression' | 'slower' | 'same' | 'faster';
}

/** How to compare. */
export interface CompareOptions {
  /** Below this ratio it is a regression, if the whole interval is below 1 too. */
  readonly threshold: number;
  readonly absolute: boolean;
}

const MAIN_FLOORS: readonly FloorName[] = ['growing', 'unsynced', 'read-crc', 'list-stat'];
const SEED = 20_261_121;

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
  const interval = bootstrapRatio(old.map(goodness), young.map(goodness), { random: seededRandom(SEED) });
  return {
    workload,
    subject,
    basis: floor === undefined ? 'figure' : 'times floor',
    rounds: [old.length, young.length],
    ...interval,
    verdict: judge(interval, threshold),
  };
}

/** A regression is both past the threshold and beyond doubt: not one unlucky round. */
function judge({ ratio, low, high }: RatioInterval, threshold: number): Comparison['verdict'] {
  if (high < 1) return ratio < threshold ? 'regression' : 'slower';
  return low > 1 ? 'faster' : 'same';
}

/** The comparison as a table. */
export function comparisonTable(comparisons: readonly Comparison[], threshold: number): TableModel {
  const several = new Set(comparisons.map(({ subject }) => subject)).size > 1;
  return {
    title: 'Second run against the first: above 1 × is better',
    note: `95 % interval by resampling; a regression is a ratio below ${threshold} × whose whole interval is below 1 ×. Compared: each round’s ratio to its own raw floor (times floor), or the figure itself.`,
    head: ['workload', ...(several ? ['store'] : []), 'ratio', 'from', 'to', 'of', 'rounds', ''],
    rows: comparisons.map(({ workload, subject, ratio, low, high, basis, rounds, verdict }) => [
      workload,
      ...(several ? [subject] : []),
      formatTimes(ratio),
      formatTimes(low),
      formatTimes(high),
      basis,
      rounds.join(' / '),
      verdict === 'regression' ? 'REGRESSION' : verdict,
    ]),
  };
}
