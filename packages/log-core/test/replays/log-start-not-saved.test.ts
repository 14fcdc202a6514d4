/**
 * The checkpoint could not be written while segments were deleted. Asked again on a well disk, deleteBefore found
 * nothing to do and answered without making the log start durable.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 4217101078 on tmpfs of 262144 with {"segmentMs":2000,"retention":{"segmentsMax":2},"onDiskFull":"delete-oldest","keepBytesMin":4096,"quotaBytesMax":98304} /
  append 60 /
  crash prefix during 12 /
  die 4 subset,all during 15,1 /
  append 500w 9*30 /
  faults write@1x2 fail(io) /
  deleteBefore 0.3 /
  heal /
  deleteBefore 0 /
  crash prefix,ext4-like during 2,11,2
`;

it("replay: a log start that could not be saved is saved when it is asked for again", () => expectReplayKept(history));
