import { describe, expect, it } from 'vitest';
import { chooseWorkloads } from '../model/catalogue.js';
import { COSTS, madeRun, madeSample, wholeRun } from '../../test/made-runs.js';
import { bestOther, linesOf, timesOf } from './aggregate.js';
import { runTables } from './run-tables.js';

const durable1 = chooseWorkloads({ patterns: ['durable-1'], quick: true });

describe('timesOf', () => {
  it('is the median of the rounds’ own ratios, not the ratio of medians', () => {
    const samples = [madeSample('durable-1', 100, { floors: { growing: 100 } }), madeSample('durable-1', 300, { floors: { growing: 600 } }), madeSample('durable-1', 50, { floors: { growing: 25 } })];
    const [line] = linesOf(durable1, samples);
    expect(timesOf(line!, 'growing')).toBe(1);
    expect(timesOf(line!, 'list-stat')).toBeNaN();
  });
});

describe('bestOther', () => {
  const samples = [madeSample('durable-1', 100), madeSample('durable-1', 40, { subject: 'lmdb' }), madeSample('durable-1', 60, { subject: 'sqlite' })];

  it('is the fastest of the others', () => {
    const lines = linesOf(durable1, samples);
    expect(bestOther(lines[0]!, lines)?.subject).toBe('sqlite');
    expect(bestOther(lines[1]!, lines)?.subject).toBe('brimlog');
  });

  it('takes the shortest of times', () => {
    const lines = linesOf(durable1, samples.map((sample) => ({ ...sample, unit: 'ms' as const })));
    expect(bestOther(lines[0]!, lines)?.subject).toBe('lmdb');
  });
});

describe('runTables', () => {
  it('keeps durable and written appends apart, each beside its own floor', () => {
    const tables = runTables(
      madeRun([madeSample('durable-1', 5000, { costs: COSTS, floors: { growing: 10_000 } }), madeSample('written-batches', 1e6, { costs: COSTS, floors: { unsynced: 4e6 } })]),
    );
    const [durable, written, costs] = tables;
    expect(durable?.rows).toEqual([['1 producer', '5,000', '±0 %', '0.01', '10,000', '0.50 ×', '–', '–']]);
    expect(written?.rows).toEqual([['batches of 1,000', '1,000,000', '±0 %', '0.01', '4,000,000', '0.25 ×']]);
    expect(costs?.rows[0]).toEqual(['durable: 1 producer', '0.5', '0.5', '0.4', '2', '64 MiB', '2,000', '100']);
  });

  it('names the store and the best other where there are several', () => {
    const [table] = runTables(madeRun([madeSample('durable-1', 5000), madeSample('durable-1', 2000, { subject: 'lmdb' })]));
    expect(table?.head).toContain('store');
    expect(table?.rows.map((row) => row.at(-1))).toEqual(['2.50 × lmdb', '0.40 × brimlog']);
  });

  it('shows the syncs that strace counted for each append', () => {
    const strace = [{ workload: 'durable-1', subject: 'brimlog', times: 200, syncs: 210, filesRead: 0, filesStatted: 0, calls: {} }];
    const [table] = runTables(madeRun([madeSample('durable-1', 5000)], { strace }));
    expect(table?.rows[0]?.[table.head.indexOf('syncs/append')]).toBe('1.05');
  });

  it('says so where a kill lost what was acknowledged', () => {
    const kills = [
      { workload: 'written-1', subject: 'brimlog', acknowledged: 10, found: 11 },
      { workload: 'written-1', subject: 'lmdb', acknowledged: 10, found: 9 },
      { workload: 'written-1', subject: 'other', acknowledged: 10, found: null },
    ];
    const table = runTables(madeRun([madeSample('written-1', 1)], { kills })).find(({ title }) => title.includes('kill -9 of'));
    expect(table?.rows.map((row) => row.at(-1))).toEqual(['all there', 'LOST SOME', 'NOT TO BE READ']);
  });

  it('leaves out tables without rows', () => {
    expect(runTables(madeRun([]))).toEqual([]);
  });

  it('gives every row as many cells as the head has', () => {
    const tables = runTables(wholeRun());
    expect(tables.length).toBeGreaterThan(9);
    for (const { head, rows } of tables) for (const row of rows) expect(row).toHaveLength(head.length);
  });
});
