/**
 * A read showed one bit wrong while the tail was copied. The copy ended there, became the segment, and with it went
 * records that the scan had found whole a moment before.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2649233266 on simulated of 262144 whole-writes /
  die 19 subset,ext4-like during 10,2,8 /
  append 1200+500+8 /
  append 1100 /
  append 9*8 /
  append 20+500w /
  fill 4096 bytes /
  append 60 /
  crash prefix,posix-weak during 12 /
  faults read@1x3 flip(2693); write|dsync-write|create|truncate|rename@2 done-then-fail(read-only-fs) /
  deleteBefore 0.9
`;

it("replay: a read that lies while the tail is re-homed takes nothing away", () => expectReplayKept(history));
