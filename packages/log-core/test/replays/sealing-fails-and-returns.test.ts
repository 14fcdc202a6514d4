/**
 * A segment could not be sealed for retention, because names could not be changed; the probe, which changes none, let the log
 * return at once, and retention ran again at once: without end.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 7 on simulated of 1048576 with {"retention":{"ms":1000}} /
  append 200 200 /
  faults rename@1+ fail(read-only-fs) ending none /
  advance 1500 /
  retain /
  append 20
`;

it('replay: retention that fails is not tried again at once', () => expectReplayKept(history));
