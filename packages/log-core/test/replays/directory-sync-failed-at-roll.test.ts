/**
 * The directory's sync failed behind the rename of a new segment. The next opening took the name for durable, told
 * of it in the checkpoint, and a power cut left a checkpoint that tells of a segment that is not there.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1467190218 on simulated of 262144 with {"segmentMs":1,"retention":{"segmentsMax":2},"onDiskFull":"delete-oldest","quotaBytesMax":196608} /
  faults sync-directory@1x3 fail(io) /
  append 9*30 /
  wait /
  append 9*300w 8 8 8w 8w 9*30 /
  reopen
`;

it("replay: a name whose directory's sync failed is made again at the next opening", () => expectReplayKept(history));
