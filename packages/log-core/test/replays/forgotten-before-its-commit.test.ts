/**
 * A consumer was forgotten while its first commit was on its way to the disk. There was nothing to forget yet, so nothing was
 * written; then the commit came through, and the forgotten consumer held retention back for ever.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2111303880 on simulated of 1048576 /
  together commit a 0.5 & append 20 & forget a
`;

it('replay: forgetting a consumer comes behind the commit before it', () => expectReplayKept(history));
