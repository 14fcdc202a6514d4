/**
 * A process died between writing the checkpoint without the clean mark and its sync. The next one read the cleared
 * mark out of the page cache and appended; a power cut brought the mark back, over a log with a torn end.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3373012879 on simulated of 262144 with {"segmentMs":500,"handlesMax":16} /
  crash none,garbage /
  deleteBefore 0.4 /
  die 3 process during 3 /
  append 20 /
  append 200w /
  crash subset,ext4-like,garbage
`;

it("replay: the clean mark is cleared durably by the process that writes", () => expectReplayKept(history));
