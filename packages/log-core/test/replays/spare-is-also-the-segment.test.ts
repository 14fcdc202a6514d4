/**
 * A crash amid the renaming of the spare left both names of the file, and the spare was taken for another file than the segment:
 * re-homing wrote the segment's end over its beginning.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 401234307 on simulated of 16777216 looks 0.5 /
  append 1100+20 /
  crash all,both-names,garbage during 25 /
  append 9*30
`;

it('replay: a spare that is another name of a segment is not spent', () => expectReplayKept(history));
