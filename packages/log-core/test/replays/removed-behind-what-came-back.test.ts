/**
 * A segment was removed, and neither that nor the log start could be made durable; the process died. The next one saved the
 * log start, later could not save a further one, and removed the next segment, durably. A power cut brought the first one
 * back: what lay between was a hole that no opening could read over.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 842940424 on xfs of 262144 whole-writes looks 0.5 with {"retention":{"segmentsMax":1,"keepUnconsumed":true},"quotaBytesMax":196608} /
  append 8+20 /
  append 9*8 /
  faults sync@1x2 fail(no-space) ending subset /
  append 20 /
  faults sync|dsync-write|sync-directory@5+ fail-sync(drop,io) /
  append 8+500+1100 500+8+1200 3000 1100 9*8 9*8 9*30 /
  follow 20w 1100wx /
  crash process /
  faults write@2+ fail(no-inodes); open@1x3 fail(permission) /
  append 1800+500
`;

it('replay: what a power cut brings back of removed segments is known to be given up', () => expectReplayKept(history));

const unsaved = `
  seed 1 on ext4 of 1048576 looks 1 with {"segmentMs":100} /
  append 8 /
  advance 200 /
  append 8 /
  advance 200 /
  append 8 /
  advance 200 /
  append 8 /
  reopen /
  faults *(checkpoint)@1+ fail(io); sync-directory@1+ fail-sync(drop,io) /
  deleteBefore 0.3 /
  crash process /
  faults *(checkpoint)@1+ fail(io) /
  deleteBefore 0.6 /
  crash none
`;

it('where no log start was ever saved, nothing is removed behind what an earlier process removed', () => expectReplayKept(unsaved));
