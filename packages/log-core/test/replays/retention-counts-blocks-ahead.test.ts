/**
 * A crash left sealed segments whose ends nothing told but their size, blocks ahead included. Retention by bytes took these for
 * records, and let go what the policy keeps.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 104177663 on xfs of 1048576 free-after 8 looks 0.1 with {"segmentMs":1,"flushBytesMax":20000,"retention":{"bytes":8192},"onDiskFull":"reject"} /
  append 500 /
  append 8+1200+60 /
  crash all during 35,36 /
  append 200 /
  append 500+60+8 /
  crash none during 1,7 /
  crash subset during 8 /
  append 500 /
  advance 6000 /
  append 20
`;

it('replay: retention by bytes counts records, not the blocks written ahead of them', () => expectReplayKept(history));
