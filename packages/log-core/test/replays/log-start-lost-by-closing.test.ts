/**
 * Closing wrote the checkpoint between a deletion's saving of the new log start and its publishing: the old one came back, though
 * the deletion was answered.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2986546258 on ext4 of 262144 shuffled with {"segmentMs":2000,"flushBytesMax":3000} /
  append 1100+2*8 /
  fill 0 quota /
  together retain & deleteBefore 0.5 & reopen
`;

it('replay: a log start that is saved is not overwritten by an older one', () => expectReplayKept(history));
