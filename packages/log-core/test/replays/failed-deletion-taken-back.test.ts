/**
 * A deletion failed at the directory's sync. The next opening began where it would have begun behind it, and after a power cut the
 * log began where it had begun before: both are right, for nothing was promised.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 832820294 on btrfs of 1048576 whole-writes shuffled looks 0.5 with {"segmentMs":500,"flushBytesMax":1,"retention":{"segmentsMax":2},"quotaBytesMax":196608} /
  append 9*8w /
  reopen /
  faults sync|dsync-write|sync-directory@2 fail-sync(drop,io); *>0@6 read-only; sync|dsync-write|sync-directory>1@1+ fail(read-only-fs) /
  deleteBefore 0.8
`;

it('replay: a deletion that failed may be seen, and be taken back', () => expectReplayKept(history));
