/**
 * A consumer's first commit failed in its sync and was in the file all the same. Forgetting the consumer found nothing to forget:
 * the next opening found it registered.
 */
import { it } from 'vitest';
import { expectReplayKept } from '../property/history-arbitrary.js';

const history = `
  seed 3894468998 on btrfs-mixed of 262144 /
  commit a 1 /
  faults sync|sync-directory|dsync-write@1+ fail-sync(drop,io) /
  commit b 1 /
  heal /
  forget b
`;

it('replay: forgetting counts for a commit that failed as well', () => expectReplayKept(history));
