import { describe, expect, it } from 'vitest';
import type { RunFile } from '../model/sample.js';
import { COSTS, madeRun, madeSample } from '../../test/made-runs.js';
import { targetTable } from './target-table.js';

function verdicts(run: RunFile): Record<string, string> {
  return Object.fromEntries(targetTable(run).rows.map((row) => [`${row[0] ?? ''} ${row[1] ?? ''}`.trim(), row.at(-1) ?? '']));
}

const durable = (times: number): RunFile => madeRun([madeSample('durable-1', times * 1000, { floors: { growing: 1000 } })]);

describe('targetTable', () => {
  it('tells the goal from the least, and both from a miss', () => {
    expect([1, 0.8, 0.79].map((times) => verdicts(durable(times))['durable, 1 producer × raw'])).toEqual(['goal reached', 'reached', 'MISSED']);
  });

  it('wants less where less is better', () => {
    const opening = (ms: number, read: number): RunFile => madeRun([madeSample('recover-1gib', ms, { unit: 'ms', facts: { 'bytes read': read } })]);
    const MIB = 1024 * 1024;
    expect(verdicts(opening(50, 16 * MIB))).toMatchObject({ 'unclean opening, 1 GiB: read': 'reached', 'unclean opening, 1 GiB ms': 'goal reached' });
    expect(verdicts(opening(51, 17 * MIB))).toMatchObject({ 'unclean opening, 1 GiB: read': 'MISSED', 'unclean opening, 1 GiB ms': 'goal missed' });
  });

  it('compares reading with the fastest other store, and says nothing where there is none', () => {
    const own = madeSample('read', 900, { floors: { 'read-crc': 3000 } });
    expect(verdicts(madeRun([own]))).toEqual({ 'sequential read by batches × raw read + CRC': 'goal reached' });
    const peers = [madeSample('read', 1000, { subject: 'lmdb' }), madeSample('read', 100, { subject: 'slow' })];
    expect(verdicts(madeRun([own, ...peers]))['sequential read by batches × fastest Node peer']).toBe('MISSED');
  });

  it('takes the most memory of any workload, and prints heap churn without a verdict', () => {
    const rss = (bytes: number): Partial<Parameters<typeof madeSample>[2]> => ({ costs: { ...COSTS, rssPeakBytes: bytes } });
    const run = madeRun([madeSample('durable-1', 1, rss(1)), madeSample('read', 1, rss(300 * 1024 * 1024))]);
    expect(verdicts(run)).toMatchObject({ 'resident memory, the most of any workload of 100 B records': 'MISSED', 'heap allocated per durable append, 1 producer B': '' });
  });

  it('has no rows where the run measured nothing of it', () => {
    expect(targetTable(madeRun([])).rows).toEqual([]);
  });
});
