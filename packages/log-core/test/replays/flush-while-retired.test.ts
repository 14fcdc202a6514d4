/**
 * A write failed, its file was retired with records in it that were only written. A flush found no active file and
 * answered as if everything were durable.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 2490786660 on xfs of 262144 with {"retention":{"bytes":8192}} /
  faults stat@6+ fail(io); write@2+ short(2211,file-too-large) /
  append 9*30w /
  append 20+500 /
  flush
`;

it('replay: flush re-homes what a retired file holds unflushed', () => expectReplayKept(history));
