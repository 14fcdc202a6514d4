/**
 * A reader opened by a checkpoint that was ahead of the watermark; its next look took the watermark alone, and records it had
 * told of were not there.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3629424649 on simulated of 1048576 with {"retention":{"segmentsMax":1,"keepUnconsumed":true},"onDiskFull":"delete-oldest"} /
  append 200+1100+1200 /
  wait /
  append 20 /
  append 8+200 /
  deleteBefore 0.5 /
  peek
`;

it("replay: a reader's high watermark does not go back behind the checkpoint", () => expectReplayKept(history));
