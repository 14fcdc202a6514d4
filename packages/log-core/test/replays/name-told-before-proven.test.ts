/**
 * An opening could not make a segment's name durable and withheld it. A deletion then wrote a checkpoint that told of
 * that segment; the next opening took this for the proof, and a power cut took the name.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 7 on simulated of 1048576 with {"segmentMs":10,"retention":{"segmentsMax":2}} /
  append 20 /
  append 100w 100 100 /
  advance 50 /
  append 200w /
  flush /
  advance 1500 /
  die 5 process meeting sync-directory@1 fail(io) /
  append 20 /
  commit a 1 /
  retain /
  reopen /
  append 20
`;

it('replay: the checkpoint tells of a segment only after its name is durable', () => expectReplayKept(history));
