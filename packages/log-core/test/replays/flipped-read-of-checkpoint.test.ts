/**
 * The read of the checkpoint showed one bit of the newest slot wrong: the log began where it had begun before a deletion that was
 * answered.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3 on simulated of 1048576 with {"segmentMs":10} /
  append 1100 200 /
  advance 50 /
  append 20 /
  deleteBefore 0.7 /
  append 20 20 /
  deleteBefore 0.5 /
  crash process meeting read@1 flip(0)
`;

it('replay: one read that lies moves no log start back', () => expectReplayKept(history));
