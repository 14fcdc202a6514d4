/**
 * A checkpoint without the clean mark took the place of the marked one, and the directory could not be synced; the process
 * died. The next one found the disk too full for another file, synced the directory once more, which said that all was well,
 * and appended. A power cut brought the marked checkpoint back, over a log that had grown: it could not be opened.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2290118381 on simulated of 262144 looks 0.5 /
  append 8+20 /
  reopen /
  faults sync|dsync-write|sync-directory@2+ fail-sync(drop,io) /
  append 1100+60+8 /
  crash process meeting open@2 fail(permission) /
  commit b 0.7 /
  fill 0 bytes /
  together commit b 0.1 & retain & append 70000 & append 1800+8w & commit b 0.4
`;

it('replay: the clean mark is cleared in a file that the process has named itself', () => expectReplayKept(history));
