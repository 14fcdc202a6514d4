/**
 * A process died between the rename of the positions file and the directory's sync. The next one committed into the file
 * it found in the page cache, synced the file alone, and answered: a power cut took the name, and with it the position.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 972343632 on ext4 of 16777216 with {"segmentMs":2000,"retention":{"bytes":8192},"quotaBytesMax":65536} /
  die 5 process during 28 /
  commit a 0.4 /
  commit a 0.3
`;

it('replay: a position is durable before it counts, also in a file that was only read', () => expectReplayKept(history));
