/**
 * A process died between writing the checkpoint without the clean mark and its sync. The next one read the cleared
 * mark out of the page cache and appended; a power cut brought the mark back, over a log that had grown.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1504233593 on copy-on-write of 262144 looks 0.15 with {"segmentMs":1,"retention":{"segmentsMax":2}} /
  die 2 process during 9,4 /
  append 20+2*200 /
  append 20+1100w
`;

it("replay: the clean mark is cleared durably by the process that writes", () => expectReplayKept(history));
