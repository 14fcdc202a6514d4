/**
 * A crash left the file of a segment below the log start. Retention by bytes counted its bytes as kept, and let go
 * one segment more than the policy allows.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2376985304 on btrfs-mixed of 1048576 free-after 21 with {"retention":{"bytes":8192}} /
  append 8w 20 2*20 /
  append 1100 /
  crash subset /
  append 3000w 200+20 20+200 2*20+200w 500 8+200+8 /
  crash subset,posix-weak during 26,10 /
  append 3000 /
  fill 12288 quota /
  crash process during 35 /
  die 11 subset,journaling,garbage during 7,3 /
  deleteBefore 0.8 /
  append 1100w
`;

it("replay: retention does not count what deleteBefore gave up already", () => expectReplayKept(history));
