/** What every implementation of the `Clock` port must do. Real time is short here: a few tens of milliseconds. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Milliseconds } from '../../model/units.js';
import type { Clock } from '../../ports/clock.js';
import type { ContractCheck } from './contract-check.js';

/** A clock, and a way to let at least `ms` of its time pass. @public */
export interface ClockEnvironment {
  readonly clock: Clock;
  readonly pass: (ms: Milliseconds) => Promise<void>;
}

/** The whole contract. @public */
export const clockContract: readonly ContractCheck<ClockEnvironment>[] = [
  {
    name: 'now and monotonic: wall time is whole milliseconds, steady time moves with time and never back',
    async run({ clock, pass }) {
      ok(Number.isSafeInteger(clock.now()) && clock.now() >= 0);
      const before = clock.monotonic();
      ok(clock.monotonic() >= before);
      await pass(20);
      ok(clock.monotonic() - before >= 19);
    },
  },
  {
    name: 'setTimer: runs once, after its delay, the shorter one first',
    async run({ clock, pass }) {
      const ran: string[] = [];
      const start = clock.monotonic();
      const note = (name: string, delay: number) => (): void => {
        ran.push(name);
        // A timer of the host may be early by the fraction of a millisecond it cannot count.
        ok(clock.monotonic() - start >= delay - 1);
      };
      clock.setTimer(25, note('long', 25), true);
      clock.setTimer(5, note('short', 5), true);
      clock.setTimer(0, note('none', 0), true);
      await pass(60);
      deepEqual(ran, ['none', 'short', 'long']);
    },
  },
  {
    name: 'setTimer: does not run after cancel, which may be called at any time',
    async run({ clock, pass }) {
      let ran = 0;
      const run = (): void => {
        ran += 1;
      };
      const cancelled = clock.setTimer(10, run);
      const kept = clock.setTimer(10, run, true);
      cancelled.cancel();
      cancelled.cancel();
      await pass(40);
      kept.cancel();
      await pass(10);
      equal(ran, 1);
    },
  },
  {
    name: 'defer: runs after the task and every promise reaction it set off, in the order asked',
    async run({ clock, pass }) {
      const order: string[] = [];
      clock.defer(() => order.push('first deferred'));
      clock.defer(() => order.push('second deferred'));
      const reactions = (async (): Promise<void> => {
        for (let step = 0; step < 20; step += 1) await Promise.resolve();
        order.push('reactions');
      })();
      order.push('task');
      await reactions;
      await pass(5);
      deepEqual(order, ['task', 'reactions', 'first deferred', 'second deferred']);
    },
  },
];
