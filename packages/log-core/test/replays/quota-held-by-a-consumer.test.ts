/** A quota was used up and the oldest segment was held by a consumer: the log rightly stays read-only, and the harness had it return. */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1134371224 on btrfs-mixed of 1048576 looks 0.5 with {"space":{"reserveBytes":0,"intervalMs":100},"retention":{"segmentsMax":1,"keepUnconsumed":true},"onDiskFull":"delete-oldest","keepMsMin":3000,"quotaBytesMax":65536} /
  append 20+1800 /
  commit b 0.1 /
  append 3000 /
  crash subset,both-names /
  together append 9*8x & append 1100 8 500 1100w 1100w & append 500+20+60 /
  crash none /
  append 200+8+20
`;

it('replay: a log that a consumer keeps full need not come back by itself', () => expectReplayKept(history));
