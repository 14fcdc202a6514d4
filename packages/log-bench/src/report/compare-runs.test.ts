import { describe, expect, it } from 'vitest';
import type { RunFile, Sample } from '../model/sample.js';
import { chooseWorkloads } from '../model/workload.js';
import { compareRuns, comparisonTable } from './compare-runs.js';

const options = { threshold: 0.9, absolute: false };

function runOf(figures: readonly number[], floor: number | null, unit: Sample['unit'] = 'records/s', name = 'durable-1'): RunFile {
  const samples = figures.map(
    (figure, round): Sample => ({
      workload: name,
      subject: 'brimlog',
      round,
      unit,
      figure,
      floors: floor === null ? {} : { growing: floor },
      costs: null,
      latency: null,
      checkedRecords: 1,
      facts: {},
    }),
  );
  return { workloads: chooseWorkloads([name]), samples } as unknown as RunFile;
}

const verdictOf = (before: RunFile, after: RunFile, changed = {}): string | undefined => compareRuns(before, after, { ...options, ...changed })[0]?.verdict;

describe('compareRuns', () => {
  it('takes a slower disk out: half the figure on half the floor is the same', () => {
    const [comparison] = compareRuns(runOf([100, 101, 99], 200), runOf([50, 50.5, 49.5], 100), options);
    expect(comparison).toMatchObject({ ratio: 1, basis: 'times floor', verdict: 'same', rounds: [3, 3] });
  });

  it('compares the figures if asked to, or where there is no floor', () => {
    expect(verdictOf(runOf([100, 101, 99], 200), runOf([50, 50.5, 49.5], 100), { absolute: true })).toBe('regression');
    expect(verdictOf(runOf([100, 101, 99], null), runOf([200, 202, 198], null))).toBe('faster');
  });

  it('calls a small but certain loss slower, not a regression', () => {
    expect(verdictOf(runOf([100, 100, 100], 200), runOf([95, 95, 95], 200))).toBe('slower');
  });

  it('does not call a loss a regression that one unlucky round explains', () => {
    expect(verdictOf(runOf([60, 100, 140], 200), runOf([50, 80, 130], 200))).toBe('same');
  });

  it('takes less time for better', () => {
    expect(verdictOf(runOf([10, 10, 10], 5, 'ms', 'open-clean'), runOf([20, 20, 20], 5, 'ms', 'open-clean'))).toBe('regression');
  });

  it('leaves out what only one run measured', () => {
    expect(compareRuns(runOf([1], 1), runOf([1], 1, 'records/s', 'read'), options)).toEqual([]);
  });
});

describe('comparisonTable', () => {
  it('has as many cells in a row as in the head', () => {
    const table = comparisonTable(compareRuns(runOf([1, 2, 3], 1), runOf([1, 2, 3], 1), options), 0.9);
    expect(table.rows[0]).toHaveLength(table.head.length);
  });
});
