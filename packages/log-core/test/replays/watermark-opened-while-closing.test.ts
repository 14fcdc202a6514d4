/**
 * A deletion ended while the log was being closed and had the watermark told: its file was opened after closing had given the
 * handle back.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3034789690 on copy-on-write of 16777216 /
  heal /
  together flush & deleteBefore 0.2 & reopen
`;

it('replay: closing waits for the watermark that is being told', () => expectReplayKept(history));
