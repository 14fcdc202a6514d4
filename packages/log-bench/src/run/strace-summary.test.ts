import { describe, expect, it } from 'vitest';
import { parseStrace } from './strace-summary.js';

const TABLE = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.25    1.204113         142      8479           fdatasync
 20.10    0.395000          12     32005       210 futex
  0.00    0.000000           0         1           pwrite64
------ ----------- ----------- --------- --------- ----------------
100.00    1.966000          40     49000       217 total
`;

describe('parseStrace', () => {
  it('counts calls with and without errors, and leaves out the total', () => {
    expect(parseStrace(TABLE)).toEqual({ fdatasync: 8479, futex: 32005, pwrite64: 1 });
  });

  it('finds nothing in something else', () => {
    expect(parseStrace('strace: attach: Operation not permitted')).toEqual({});
  });
});
