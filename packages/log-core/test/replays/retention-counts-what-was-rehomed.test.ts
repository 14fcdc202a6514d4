/**
 * The tail was re-homed, and the cut that took it out of its old file was lost in a power cut. Retention counted both copies,
 * as the disk does; the model counted records once and called the deletion wrong.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3657257224 on ext4 of 1048576 looks 0.5 with {"segmentMs":2000,"flushBytesMax":1,"retention":{"bytes":8192}} /
  together deleteBefore 0.5 & append 9*30 & append 500 & append 3000w 2*8 9*30 20+2*8w 200+1100w 20 & commit a 0.1 /
  together append 200+1200+1100 & append 200+8 /
  crash none during 7 /
  append 500w /
  append 60+2*1200 /
  crash process during 9,2,17 /
  crash subset /
  retain
`;

it('replay: retention by bytes counts a copy that a lost cut left behind', () => expectReplayKept(history));
