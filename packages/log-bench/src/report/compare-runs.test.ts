import { describe, expect, it } from 'vitest';
import type { RunFile, Sample } from '../model/sample.js';
import { madeRun, madeSample } from '../../test/made-runs.js';
import { compareRuns, comparisonTable, type Comparison } from './compare-runs.js';

const options = { threshold: 0.9, absolute: false };

function runOf(figures: readonly number[], floors: Sample['floors'], unit: Sample['unit'] = 'records/s', name = 'durable-1'): RunFile {
  return madeRun(figures.map((figure, round) => madeSample(name, figure, { round, unit, floors })));
}

const compared = (before: RunFile, after: RunFile, changed = {}): Comparison | undefined => compareRuns(before, after, { ...options, ...changed })[0];
const verdictOf = (before: RunFile, after: RunFile, changed = {}): string | undefined => compared(before, after, changed)?.verdict;

describe('compareRuns', () => {
  it('takes a slower disk out: half the figure on half the floor is the same', () => {
    expect(compared(runOf([100, 101, 99], { growing: 200 }), runOf([50, 50.5, 49.5], { growing: 100 }))).toMatchObject({ ratio: 1, basis: 'times floor', verdict: 'same', rounds: [3, 3] });
  });

  it('compares the figures if asked to, or where there is no floor', () => {
    expect(verdictOf(runOf([100, 101, 99], { growing: 200 }), runOf([50, 50.5, 49.5], { growing: 100 }), { absolute: true })).toBe('regression');
    expect(verdictOf(runOf([100, 101, 99], {}), runOf([200, 202, 198], {}))).toBe('faster');
  });

  it('compares turn by turn where floors and log took turns', () => {
    const withTurns = (times: number): RunFile => madeRun([madeSample('durable-1', 1, { floors: { growing: 1 }, turns: [50, 100, 200].map((floor) => ({ figure: floor * times, floor })) })]);
    expect(compared(withTurns(0.5), withTurns(0.6))).toMatchObject({ ratio: 1.2, low: 1.2, high: 1.2 });
  });

  it('calls a small but certain loss slower, not a regression', () => {
    expect(verdictOf(runOf([100, 100, 100], { growing: 200 }), runOf([95, 95, 95], { growing: 200 }))).toBe('slower');
  });

  it('does not call a loss a regression that one unlucky round explains', () => {
    expect(verdictOf(runOf([60, 100, 140], { growing: 200 }), runOf([50, 80, 130], { growing: 200 }))).toBe('same');
  });

  it('does not call a loss a regression that is no larger than what raw floors moved against each other', () => {
    const before = runOf([100, 100, 100], { growing: 200, 'thread-hop': 1000 });
    const moved = (hops: number): RunFile => runOf([80, 80, 80], { growing: 200, 'thread-hop': hops });
    expect(compared(before, moved(700))).toMatchObject({ verdict: 'unclear' });
    expect(verdictOf(before, moved(990))).toBe('regression');
    expect(verdictOf(before, moved(1300))).toBe('unclear');
  });

  it('knows a slower disk from a slower log: it moves both raw floors alike', () => {
    const before = runOf([100, 100, 100], { growing: 200, overwriting: 300 });
    expect(verdictOf(before, runOf([40, 40, 40], { growing: 100, overwriting: 150 }))).toBe('regression');
  });

  it('takes less time for better', () => {
    expect(verdictOf(runOf([10, 10, 10], { 'list-stat': 5 }, 'ms', 'open-10000'), runOf([20, 20, 20], { 'list-stat': 5 }, 'ms', 'open-10000'))).toBe('regression');
  });

  it('leaves out what only one run measured', () => {
    expect(compareRuns(runOf([1], { growing: 1 }), runOf([1], { 'read-crc': 1 }, 'records/s', 'read'), options)).toEqual([]);
  });
});

describe('comparisonTable', () => {
  it('has as many cells in a row as in the head', () => {
    const table = comparisonTable(compareRuns(runOf([1, 2, 3], { growing: 1 }), runOf([1, 2, 3], { growing: 1 }), options), 0.9);
    expect(table.rows[0]).toHaveLength(table.head.length);
  });
});
