/**
 * The log start could not be saved, so files went one at a time; the removal of the first was not made durable, and the next one
 * went all the same. After a power cut the first was back and the next was gone: a hole where nothing had been lost.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3600399772 on copy-on-write of 262144 whole-writes looks 0.5 with {"ack":"written","onDiskFull":"reject"} /
  append 200w /
  append 1100w 200 500 500w 2*1100w /
  append 9*30 8 8 /
  crash subset during 14 /
  together append 60 & append 8w & append 20 60w 1100w 8 /
  faults sync|dsync-write|sync-directory@3+ fail-sync(drop,io) ending all,journaling /
  deleteBefore 1
`;

it('replay: nothing is removed behind a file whose removal is not durable', () => expectReplayKept(history));
