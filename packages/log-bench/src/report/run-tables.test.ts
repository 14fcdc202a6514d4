import { describe, expect, it } from 'vitest';
import { QUICK } from '../model/run-scale.js';
import type { Costs, RunFile, Sample } from '../model/sample.js';
import { chooseWorkloads } from '../model/workload.js';
import { bestPeer, linesOf, timesOf } from './aggregate.js';
import { runTables } from './run-tables.js';

const costs: Costs = {
  seconds: 1,
  appends: 100,
  records: 100,
  bytes: 10_000,
  syncs: 50,
  writes: 50,
  loopDelayP99Ms: 0.4,
  loopDelayMaxMs: 2,
  cpuMs: 10,
  rssPeakBytes: 64 * 1024 * 1024,
  heapBytes: 200_000,
};

function sample(workload: string, round: number, figure: number, floors: Sample['floors'], subject = 'brimlog'): Sample {
  return { workload, subject, round, unit: 'records/s', figure, floors, costs, latency: null, checkedRecords: 100, facts: {} };
}

function runOf(names: readonly string[], samples: readonly Sample[]): RunFile {
  return {
    format: 'brimlog-bench-run',
    formatVersion: 1,
    startedAt: '2026-11-21T05:00:00.000Z',
    seconds: 1,
    quick: true,
    scale: QUICK,
    machine: {
      hostname: 'h',
      cpu: 'c',
      cores: 2,
      memoryBytes: 1,
      kernel: 'k',
      loadAverage: [],
      idleLoopDelayMs: 0.2,
      directory: '/tmp',
      fileSystem: { type: 'ext4', device: 'd', options: '', freeBytes: 1 },
      versions: {},
      environment: {},
    },
    workloads: chooseWorkloads(names),
    samples,
    strace: [],
  };
}

describe('timesOf', () => {
  it('is the median of the rounds’ own ratios, not the ratio of medians', () => {
    const samples = [sample('durable-1', 0, 100, { growing: 100 }), sample('durable-1', 1, 300, { growing: 600 }), sample('durable-1', 2, 50, { growing: 25 })];
    const [line] = linesOf(chooseWorkloads(['durable-1']), samples);
    expect(timesOf(line!, 'growing')).toBe(1);
    expect(timesOf(line!, 'list-stat')).toBeNaN();
  });
});

describe('bestPeer', () => {
  it('is the fastest of the others', () => {
    const samples = [sample('durable-1', 0, 100, {}), sample('durable-1', 0, 40, {}, 'lmdb'), sample('durable-1', 0, 60, {}, 'sqlite')];
    const lines = linesOf(chooseWorkloads(['durable-1']), samples);
    expect(bestPeer(lines[0]!, lines)?.subject).toBe('sqlite');
    expect(bestPeer(lines[1]!, lines)?.subject).toBe('brimlog');
  });
});

describe('runTables', () => {
  it('keeps durable and written appends apart, and puts the costs last', () => {
    const run = runOf(['durable-1', 'written-batches'], [sample('durable-1', 0, 5000, { growing: 10_000 }), sample('written-batches', 0, 1e6, { unsynced: 4e6 })]);
    const tables = runTables(run);
    expect(tables.map(({ rows }) => rows.length)).toEqual([1, 1, 2]);
    expect(tables[0]?.rows[0]).toEqual(['1 producer', '5,000', '±0 %', '0.01', '10,000', '0.50 ×', '–', '–']);
    expect(tables[1]?.rows[0]).toContain('0.25 ×');
    expect(tables[2]?.rows[0]).toEqual(['durable: 1 producer', '0.5', '0.5', '0.4', '2', '64 MiB', '2,000', '100']);
  });

  it('names the store and the best other where there are several', () => {
    const run = runOf(['durable-1'], [sample('durable-1', 0, 5000, {}), sample('durable-1', 0, 2000, {}, 'lmdb')]);
    const [table] = runTables(run);
    expect(table?.head).toContain('store');
    expect(table?.rows.map((row) => row.at(-1))).toEqual(['2.50 ×', '0.40 ×']);
  });

  it('leaves out tables without rows', () => {
    expect(runTables(runOf(['read'], []))).toEqual([]);
  });

  it('gives every row as many cells as the head has', () => {
    const run = runOf(['durable-1', 'read'], [sample('durable-1', 0, 1, {}), sample('read', 0, 1, { 'read-crc': 2 })]);
    for (const { head, rows } of runTables(run)) for (const row of rows) expect(row).toHaveLength(head.length);
  });
});
