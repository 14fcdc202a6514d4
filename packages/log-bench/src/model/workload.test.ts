import { describe, expect, it } from 'vitest';
import { encodedBatchBytes } from './encoded-size.js';
import { appendBytes, chooseWorkloads, RECORD_100, WORKLOADS } from './workload.js';

describe('chooseWorkloads', () => {
  it('gives all where nothing was asked for', () => {
    expect(chooseWorkloads(null)).toBe(WORKLOADS);
  });

  it('keeps the order of the catalogue', () => {
    expect(chooseWorkloads(['read', 'durable-1']).map(({ name }) => name)).toEqual(['durable-1', 'read']);
  });

  it('refuses an unknown name and lists the known ones', () => {
    expect(() => chooseWorkloads(['durable-2'])).toThrow(/no workload is called durable-2; there are durable-1, /);
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
});

describe('encodedBatchBytes', () => {
  it('knows the smallest record: seven bytes behind the header', () => {
    expect(encodedBatchBytes(1, 0, 0)).toBe(61 + 7);
  });

  it('counts longer lengths and offsets', () => {
    expect(appendBytes(RECORD_100, 1)).toBe(170);
    expect(encodedBatchBytes(2, 16, 84) - encodedBatchBytes(1, 16, 84)).toBe(109);
    expect(encodedBatchBytes(65, 16, 84) - encodedBatchBytes(64, 16, 84)).toBe(110);
  });
});
