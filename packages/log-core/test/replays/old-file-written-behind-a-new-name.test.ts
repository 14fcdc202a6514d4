/**
 * The directory's sync failed, for want of space, behind the rename of a new segment. The log came back and wrote on in
 * the old file, whose end the new name had fixed: acknowledged records were out of reach after the next opening.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3403617795 on btrfs of 16777216 with {"retention":{"segmentsMax":1,"keepUnconsumed":true}} /
  append 8 8 500 3000w 1800+8 /
  faults truncate@3 late(first); sync-directory@1x3 fail-sync(poison,no-inodes) /
  deleteBefore 1
`;

it('replay: nothing goes into a file whose successor may be named', () => expectReplayKept(history));
