/**
 * The checkpoint could be read neither at once nor the second time, and told alone that a deletion ended amid a segment: the log
 * starts with that segment then, and this is no loss.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1469405254 on tmpfs of 1048576 looks 0.5 with {"space":{"reserveBytes":0,"intervalMs":5000},"retention":{"bytes":8192},"onDiskFull":"reject","quotaBytesMax":98304} /
  append 9*8 8+1100w 70000 /
  together deleteBefore 0.9 & append 8 8+500 & append 9*300 & append 9*30 /
  crash subset,posix-weak during 4 meeting close@1x40 fail(io); stat@2x2 fail(io)
`;

it('replay: a checkpoint that cannot be read is done without, and its log start with it', () => expectReplayKept(history));
