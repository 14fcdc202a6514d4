/**
 * An opening failed, and the close of the segment it had read never answered: the opening was never answered either.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 4121873468 on btrfs-mixed of 16777216 shuffled /
  append 20 /
  crash subset during 9 meeting read(.log)@1 fail(io); *@12+ late(last)
`;

it('replay: an opening that fails is answered though a handle cannot be closed', () => expectReplayKept(history));
