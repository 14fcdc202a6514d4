/**
 * The sync of the directory failed behind a new checkpoint's name; the clean mark was cleared in that file in place, and a second sync
 * of the directory taken for proof. A power cut brought the marked file back, and what was appended since passed for damage.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3788728076 on simulated of 1048576 looks 0.5 with {"segmentMs":2000,"flushBytesMax":20000,"ack":"written"} /
  append 8w 9*8w 8 8 2*8w /
  crash none,both-names /
  together append 1100 & append 60+8w & commit b 0.6 & reopen /
  faults sync-directory@1 fail(quota); truncate@1 hang ending process /
  append 200+60w
`;

it('replay: a checkpoint whose name is not proven clears no clean mark', () => expectReplayKept(history));
