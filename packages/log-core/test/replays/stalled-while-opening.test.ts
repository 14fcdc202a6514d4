/**
 * Re-homing stalled inside an opening. Nobody waited for the late answer, and the log stayed read-only for ever.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 1747349755 on tmpfs of 262144 with {"segmentMs":500,"retention":{"ms":5000},"onDiskFull":"delete-oldest","keepBytesMin":4096} /
  append 8w /
  faults rename(.log)@1 done-then-fail(no-space); *(.tmp)@1+ late(first) /
  deleteBefore 1 /
  reopen
`;

it('replay: a log that stalled while it was opened comes back when the call answers', () => expectReplayKept(history));
