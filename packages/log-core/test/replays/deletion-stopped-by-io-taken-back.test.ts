/**
 * A deletion could make neither the log start nor the removal durable, and said that it was stopped by `io`. Openings
 * showed it all the same, out of the cache; after a clean close a power cut took it back, which the model called wrong.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 832820294 on btrfs of 1048576 whole-writes shuffled looks 0.5 with {"segmentMs":500,"flushBytesMax":1,"retention":{"segmentsMax":2},"quotaBytesMax":196608} /
  append 8 /
  append 500 70000 /
  crash subset,garbage during 10 /
  reopen /
  faults sync|dsync-write|sync-directory@2 fail-sync(drop,io); *>0@6 read-only; sync|dsync-write|sync-directory>1@1+ fail(read-only-fs) /
  deleteBefore 0.8 /
  damage .index=garbage
`;

it('replay: a deletion that was stopped by a failure may be taken back by a power cut', () => expectReplayKept(history));
