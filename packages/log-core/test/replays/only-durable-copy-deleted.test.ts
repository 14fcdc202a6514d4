/**
 * A segment was re-homed, and its name could not be made durable; it was read all the same. `deleteBefore` removed the segment
 * before it, the only one that was durable, before the copy was named again: a power cut left no segment at all.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 875017782 on btrfs of 1048576 looks 0.5 with {"flushBytesMax":3000,"ack":"written","retention":{"ms":5000},"onDiskFull":"delete-oldest"} /
  crash subset,garbage meeting sync-directory@12x2 fail-sync(poison,io) /
  append 200 /
  together peek & append 8 200+1100 20w 500+200 60+2*8 8 /
  faults sync-directory@1+ fail-sync(poison,quota); write|dsync-write|create|truncate|rename@1x3 done-then-fail(no-space) /
  reopen /
  damage .timeindex=flipped /
  heal /
  deleteBefore 1
`;

it('replay: the segment before an unproven name stays', () => expectReplayKept(history));
