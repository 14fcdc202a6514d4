/**
 * A deletion could neither save its log start nor unlink anything. Closing answered that all was well, and the next opening began
 * where the log had begun before.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2086707959 on copy-on-write of 1048576 free-after 9 with {"flushBytesMax":3000} /
  append 20 /
  follow 3000 500 /
  crash process during 7,7 /
  reopen /
  fill 0 bytes /
  deleteBefore 0.8 /
  reopen
`;

it('replay: closing saves a log start that could not be saved before, or says that it cannot', () => expectReplayKept(history));
