/** The checkpoint could not be opened once, and the log began where it had begun before a deletion that was answered. */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1469405254 on tmpfs of 1048576 with {} /
  append 9*8 /
  deleteBefore 0.9 /
  crash process meeting open@2 fail(io)
`;

it('replay: a checkpoint that could not be opened is opened once more', () => expectReplayKept(history));
