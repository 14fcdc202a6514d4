/**
 * A consumer's first commit was refused though its slot had been written. Forgetting it found nothing to forget, and after
 * a clean close the position was there.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2762536815 on xfs of 16777216 looks 0.5 with {"flushBytesMax":20000,"retention":{"bytes":8192}} /
  commit a 0.3 /
  faults write@1x3 done-then-fail(no-inodes) /
  commit b 0.9 /
  forget b
`;

it('replay: a position whose write failed is written anew before anything is told of it', () => expectReplayKept(history));
