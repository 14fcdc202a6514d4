/**
 * The file of positions could not be read after the tail was re-homed: the opening failed, and kept the handles of
 * the new segment and the checkpoint.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2711642730 on btrfs-mixed of 262144 free-after 3 with {"segmentMs":1,"flushBytesMax":3000,"ack":"written","retention":{"segmentsMax":2}} /
  append 500 /
  fill 0 bytes /
  faults open(brimlog.positions)@1x3 fail(no-space) /
  reopen
`;

it('replay: an opening that fails late gives everything back', () => expectReplayKept(history));
