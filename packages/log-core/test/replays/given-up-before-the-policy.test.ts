/**
 * One run deleted a segment that had been given up before, and others because the disk was full, and told of all that they had
 * been given up.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 7 on simulated of 1048576 free-after 12 with {"segmentMs":10,"onDiskFull":"delete-oldest"} /
  append 200 / advance 50 / append 200 / advance 50 / append 200 /
  die 18 none meeting unlink@1+ late(first) /
  fill 0 bytes /
  append 3000 3000 3000 3000 3000 3000 3000 3000 3000 3000 3000 3000 /
  append 3000 3000 3000 3000 3000 3000 3000 3000 3000 3000 3000 3000 /
  advance 500 /
  append 20
`;

it('replay: a deletion tells why it was made, not what had been given up before', () => expectReplayKept(history));
