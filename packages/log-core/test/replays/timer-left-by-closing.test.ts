/**
 * A log was closed with appends still on their way that ask for no flush. Writing them set the timer of the next flush, behind the
 * point where closing takes timers back.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 698330367 on simulated of 1048576 /
  together append 3000w & append 8w & reopen
`;

it('replay: closing leaves no timer, also with written appends on their way', () => expectReplayKept(history));
