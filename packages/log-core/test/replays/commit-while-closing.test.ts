/**
 * Closing waited for the commit that was being written and not for the one behind it, whose handle was closed under it, or left
 * open.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2703818762 on simulated of 262144 /
  together commit b 0.1 & commit a 0.3 & retain & flush & reopen
`;

it('replay: commits on their way are finished before closing gives their file back', () => expectReplayKept(history));
