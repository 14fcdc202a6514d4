/**
 * A batch was refused and cut, durably; a power cut then shows, in the block that the next region got, what was in it before:
 * the refused batch, whole and in its place. See ADR 8.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3191678839 on simulated of 1048576 looks 0.5 with {"handlesMax":16,"retention":{"segmentsMax":2},"onDiskFull":"reject"} /
  commit a 0.8 /
  append 500w /
  together deleteBefore 0 & append 2*1800 & flush & append 2*8+500 1100 2*8 & deleteBefore 0 /
  faults write@1x40 done-then-fail(file-too-large); write|dsync-write|create|truncate|rename@8x40 fail(no-inodes) /
  commit a 0.5 /
  append 500+60+8w /
  together append 8 9*8 8 20w 1100 & append 9*300 & append 500 & commit a 0.4 & deleteBefore 0.1 & reopen
`;

it('replay: a refused record does not appear out of a block of an earlier life', () => expectReplayKept(history));
