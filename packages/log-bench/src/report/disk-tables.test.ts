import { describe, expect, it } from 'vitest';
import { diskTables } from './disk-tables.js';

describe('diskTables', () => {
  it('makes a table per group and relates its rows to the first', () => {
    const tables = diskTables([
      { group: 'writing 1 record', title: 'growing', bytes: 170, perSecond: [900, 1000, 1100], p50Us: [1000, 1100, 900] },
      { group: 'writing 1 record', title: 'blocks', bytes: 170, perSecond: [2000], p50Us: [500] },
      { group: 'memory', title: 'copy', bytes: 1_048_576, perSecond: [1000], p50Us: [] },
      { group: 'memory', title: 'CRC', bytes: 65_536, perSecond: [1000], p50Us: [] },
    ]);
    expect(tables.map(({ title }) => title)).toEqual(['writing 1 record (170 B)', 'memory']);
    expect(tables[0]?.rows[1]).toEqual(['blocks', '2,000', '±0 %', '0.34', '500', '2.00 ×']);
    expect(tables[1]?.rows[0]).toEqual(['copy', '1,000', '±0 %', '1,050', '–']);
  });
});
