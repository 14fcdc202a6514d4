/**
 * A part of a refused write was cut off, and that failed though it was done, in the cache alone. The next process found nothing behind the end
 * and marked the log clean; a power cut brought the bytes back: a corruption where nothing had been lost.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1316776317 on simulated of 1048576 looks 0.5 with {"space":{"reserveBytes":0,"intervalMs":1000},"segmentMs":2000,"handlesMax":16,"retention":{"ms":5000},"onDiskFull":"reject"} /
  faults write@1 short(200,permission); truncate@1 done-then-fail(permission) /
  append 9*300 /
  reopen /
  reopen
`;

it('replay: the end that is marked clean is on the disk', () => expectReplayKept(history));
