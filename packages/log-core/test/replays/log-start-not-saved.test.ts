/**
 * The checkpoint could not be written while segments were deleted. Asked again on a well disk, deleteBefore found
 * nothing to do and answered without making the log start durable.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1 on simulated of 1048576 looks 0.5 with {"segmentMs":10} /
  append 200 200 /
  advance 50 /
  append 200 200 /
  advance 50 /
  append 200 200 /
  faults dsync-write@1 fail(io) /
  deleteBefore 0.5 /
  heal /
  deleteBefore 0 /
  crash none,none
`;

it("replay: a log start that could not be saved is saved when it is asked for again", () => expectReplayKept(history));
