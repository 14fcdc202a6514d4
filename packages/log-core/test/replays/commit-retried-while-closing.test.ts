/**
 * The commit that was being written failed; the one behind it made the file anew after closing had given everything back.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 4008528841 on xfs of 262144 /
  faults sync-directory@1 fail(no-space) /
  together peek & commit a 0.6 & commit a 0.5 & reopen
`;

it('replay: a commit behind one that failed leaves no handle when the log is closed', () => expectReplayKept(history));
