/**
 * The read of the positions file showed one bit of the newest slot wrong: the consumer stood where it had stood before.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3 on simulated of 1048576 /
  append 1100 200 /
  commit a 0.5 /
  append 20 20 /
  commit a 0.9 /
  crash none meeting read(brimlog.positions)@1 flip(100)
`;

it('replay: one read that lies moves no consumer back', () => expectReplayKept(history));
