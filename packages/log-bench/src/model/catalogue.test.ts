import { describe, expect, it } from 'vitest';
import { chooseWorkloads, WORKLOADS } from './catalogue.js';

const names = (patterns: readonly string[] | null, quick = false): string[] => chooseWorkloads({ patterns, quick }).map(({ name }) => name);

describe('chooseWorkloads', () => {
  it('gives all where nothing was asked for, and the main ones when it is to be quick', () => {
    expect(chooseWorkloads({ patterns: null, quick: false })).toBe(WORKLOADS);
    expect(names(null, true)).not.toContain('durable-16-64b');
  });

  it('keeps the order of the catalogue, and takes what is named though it is to be quick', () => {
    expect(names(['durable-16-64b', 'read', 'durable-1'], true)).toEqual(['durable-1', 'read', 'durable-16-64b']);
  });

  it('takes patterns, whole names only', () => {
    expect(names(['read*'])).toEqual(['read', 'read-random-1000', 'read-random-16']);
    expect(names(['*-1x1000-64b'])).toEqual(['durable-1x1000-64b', 'written-1x1000-64b']);
    expect(names(['durable-1'])).toEqual(['durable-1']);
  });

  it('refuses what fits no name, and says how to see the names', () => {
    expect(() => names(['durable-2'])).toThrow('no workload is called durable-2; brimlog-bench workloads lists them');
    expect(() => names(['durable.1'])).toThrow('durable.1');
  });
});

describe('WORKLOADS', () => {
  it('have names of their own', () => {
    expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
  });

  it('never put durable and written appends into one table', () => {
    for (const { table, work } of WORKLOADS) {
      if (work.kind === 'append') expect(table).toBe(work.ack === 'flushed' ? 'durable' : 'written');
    }
  });

  it('hold every combination of acknowledgement, producers, sizes and batches', () => {
    const had = new Set(WORKLOADS.flatMap(({ work }) => (work.kind === 'append' ? [`${work.ack} ${work.producers} ${work.size.keyBytes + work.size.valueBytes} ${work.batchRecords}`] : [])));
    for (const ack of ['flushed', 'written']) {
      for (const producers of [1, 16, 256, 4096]) {
        for (const bytes of [64, 256, 1024, 16 * 1024]) {
          for (const batchRecords of [1, 1000]) expect(had).toContain(`${ack} ${producers} ${bytes} ${batchRecords}`);
        }
      }
    }
  });
});
