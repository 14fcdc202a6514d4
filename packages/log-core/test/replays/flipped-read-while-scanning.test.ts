/**
 * The read of the tail after an unclean stop showed one bit wrong: what was acknowledged and durable was cut as a torn write.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3970379458 on simulated of 1048576 /
  append 1100 200 /
  crash process meeting read@2 flip(1590)
`;

it('replay: one read that lies while the tail is scanned takes nothing away', () => expectReplayKept(history));
