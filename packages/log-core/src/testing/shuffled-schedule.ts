/**
 * An order of the disk's calls that comes from a seed: calls that are out together are carried out in any order, one
 * in each turn. INVARIANT: every call is carried out; the same seed and calls give the same order.
 */
import type { Clock } from '../ports/clock.js';
import type { Schedule } from './call-dispatcher.js';
import type { Random } from './random.js';

/**
 * A schedule for `SimulatedDiskOptions`, for runs by seed; a property of fast-check uses its own scheduler instead,
 * which shrinks. A simulated clock that settles waits for it. @public
 */
export function shuffledSchedule(clock: Pick<Clock, 'defer'>, random: Random): Schedule {
  const waiting: (() => void)[] = [];
  const next = (): void => {
    const [run] = waiting.splice(random.below(waiting.length), 1);
    run?.();
    if (waiting.length > 0) clock.defer(next);
  };
  return (_label, run) => {
    waiting.push(run);
    if (waiting.length === 1) clock.defer(next);
  };
}
