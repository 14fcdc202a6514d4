/**
 * A process died between giving the checkpoint without the clean mark its name and the directory's sync. The next one read
 * the cleared mark out of the page cache and appended; a power cut brought the mark back, over a log that had grown.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1504233593 on copy-on-write of 1048576 looks 0.5 with {} /
  append 20 /
  reopen /
  die 5 process /
  append 20+2*200 /
  append 20+1100 /
  crash none,none
`;

it("replay: the clean mark is cleared durably by the process that writes", () => expectReplayKept(history));
