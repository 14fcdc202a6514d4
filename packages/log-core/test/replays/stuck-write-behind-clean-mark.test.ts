/**
 * A write was stuck while the log was closed; its end was cut and marked clean, and then the write came through. After a power
 * cut there were bytes behind a clean end: a corruption where nothing had been lost.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 47876952 on ext4 of 1048576 whole-writes looks 0.5 with {"onDiskFull":"delete-oldest","keepBytesMin":4096,"keepMsMin":3000} /
  append 8 /
  faults *@1x2 late(last) ending all,journaling,both-names /
  together append 1100+8+1200w & append 200wx & forget a & verify & reopen
`;

it('replay: a log is not marked clean while a write is stuck', () => expectReplayKept(history));
