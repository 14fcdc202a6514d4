/**
 * A new positions file had its name, the directory's sync failed for lack of room, and the commit went on in place: a second sync
 * of the directory was taken for proof of the name, and a power cut took it, with the position.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 7 on simulated of 1048576 /
  append 20 20 20 /
  commit a 0.5 /
  commit b 0.5 /
  append 300w /
  crash subset,posix-weak meeting sync-directory@3 fail-sync(drop,no-space) /
  commit a 1 /
  append 20
`;

it('replay: a name whose sync failed is not proven by a second one', () => expectReplayKept(history));
