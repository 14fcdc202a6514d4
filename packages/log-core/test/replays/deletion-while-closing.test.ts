/**
 * Deletions went on behind closing: the checkpoint was opened and written after its handle had been given back, and the lock too.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1111729647 on xfs of 1048576 shuffled with {"segmentMs":1,"retention":{"bytes":8192}} /
  append 60 /
  append 3*8 /
  append 3000 /
  reopen /
  together deleteBefore 0.5 & deleteBefore 0.6 & deleteBefore 0.4 & reopen
`;

it('replay: a deletion under way is finished before closing gives its files back', () => expectReplayKept(history));
