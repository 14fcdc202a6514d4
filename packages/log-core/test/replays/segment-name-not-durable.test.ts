/**
 * A process died between the rename of a new segment and the directory's sync. The next one found the name in the
 * page cache, appended to that file, synced the file alone, and acknowledged: a power cut took the name.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1952766353 on simulated of 262144 with {"space":{"reserveBytes":0,"intervalMs":100},"retention":{"ms":5000},"onDiskFull":"delete-oldest","keepBytesMin":4096} /
  append 8 /
  crash process during 28 /
  die 4 process during 37,12 /
  deleteBefore 1 /
  append 2*60 /
  crash none,garbage
`;

it("replay: an opening uses a segment only after its name is durable for certain", () => expectReplayKept(history));
