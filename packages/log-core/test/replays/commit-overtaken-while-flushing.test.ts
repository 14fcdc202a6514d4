/**
 * The first of two commits had to wait for a flush, the second did not and overtook it: both were acknowledged, and the
 * first one stood.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2808474718 on ext4 of 1048576 /
  append 8w /
  together commit a 1 & commit a 0.2
`;

it('replay: the later of two commits stands, whichever needs a flush', () => expectReplayKept(history));
