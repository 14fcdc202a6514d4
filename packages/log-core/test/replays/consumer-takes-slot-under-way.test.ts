/**
 * Two consumers committed for the first time together. While the first commit was on its way to the disk its slots counted as
 * free: the second consumer got them, and the first one's acknowledged position was gone.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 33496861 on simulated of 1048576 /
  together append 20 & commit b 0.3 & commit a 0.1
`;

it("replay: a consumer's slots are its own while its first commit is under way", () => expectReplayKept(history));
