/**
 * The checkpoint could not be read while opening, once: it was taken for missing, and with it the log start was forgotten.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2447040826 on copy-on-write of 1048576 whole-writes looks 0.5 /
  append 2*20+8 /
  deleteBefore 0.9 /
  crash subset,garbage during 5,4 /
  faults stat@3 fail(io) /
  reopen
`;

it('replay: a checkpoint that cannot be read is read once more', () => expectReplayKept(history));
