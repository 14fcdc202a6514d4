/**
 * After an opening on a full disk a new consumer took the slots of a forgotten one. What had been read was written once
 * more before it was overwritten, and under the new name: torn, it left the slot before, and the forgotten one was back.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3810149513 on btrfs-mixed of 1048576 looks 0.5 with {"segmentMs":500,"flushBytesMax":20000,"retention":{"segmentsMax":1,"keepUnconsumed":true}} /
  append 60+500+20w 8+60 500+8+1200 20+8 1100 9*30 /
  commit b 0.6 /
  append 8 /
  append 60w /
  faults lock(.tmp)@2 fail(io); read@1x3 fail(io) /
  forget b /
  reopen /
  crash subset during 1,34,3 /
  crash subset,journaling during 2 /
  faults sync@1+ fail(no-inodes) ending none /
  commit a 0.4
`;

it('replay: slots change hands only once what was read of them is durable', () => expectReplayKept(history));
