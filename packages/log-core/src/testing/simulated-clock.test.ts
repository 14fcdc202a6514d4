import { describe, expect, it } from 'vitest';
import type { Timer } from '../ports/clock.js';
import { SIMULATION_STARTS_AT, SimulatedClock } from './simulated-clock.js';

describe('SimulatedClock', () => {
  it('runs timers in the order they are due, those due together in the order they were set', async () => {
    const clock = new SimulatedClock();
    const ran: string[] = [];
    const note = (name: string) => () => ran.push(`${name} at ${clock.monotonic()}`);
    clock.setTimer(20, note('late'));
    clock.setTimer(10, note('first'));
    clock.setTimer(10, note('second'));
    clock.setTimer(-5, note('at once'));
    await clock.advance(19);
    expect(ran).toEqual(['at once at 0', 'first at 10', 'second at 10']);
    expect([clock.monotonic(), clock.pendingTimers, clock.nextTimerIn]).toEqual([19, 1, 1]);
    await clock.advance(1);
    expect(ran).toHaveLength(4);
    expect([clock.pendingTimers, clock.nextTimerIn]).toEqual([0, null]);
  });

  it('runs timers that timers and their reactions set, when they come due in the same span', async () => {
    const clock = new SimulatedClock();
    let ticks = 0;
    const again = (): void => {
      Promise.resolve()
        .then(() => {
          ticks += 1;
          if (ticks < 5) clock.setTimer(10, again);
        })
        .catch(() => undefined);
    };
    clock.setTimer(10, again);
    await clock.advance(35);
    expect(ticks).toBe(3);
    await clock.advance(15);
    expect(ticks).toBe(5);
  });

  it('never runs a cancelled timer, also when one due at the same time cancels it', async () => {
    const clock = new SimulatedClock();
    let ran = 0;
    const timers: Timer[] = [];
    clock.setTimer(5, () => timers[0]?.cancel());
    timers.push(clock.setTimer(5, () => (ran += 1)));
    await clock.advance(10);
    expect(ran).toBe(0);
    timers[0]?.cancel();
    expect(clock.pendingTimers).toBe(0);
  });

  it('moves the wall clock apart from the steady one', async () => {
    const clock = new SimulatedClock();
    expect(clock.now()).toBe(SIMULATION_STARTS_AT);
    let ran = 0;
    clock.setTimer(100, () => (ran += 1));
    clock.jump(-3_600_000);
    await clock.advance(100.5);
    expect([clock.now(), clock.monotonic(), ran]).toEqual([SIMULATION_STARTS_AT - 3_600_000 + 100, 100.5, 1]);
    expect(new SimulatedClock({ startAt: 7 }).now()).toBe(7);
  });

  it('defers past every promise reaction, and settles only when nothing deferred is left', async () => {
    const clock = new SimulatedClock();
    const order: string[] = [];
    clock.defer(() => {
      order.push('deferred');
      clock.defer(() => order.push('deferred twice'));
    });
    const reactions = (async () => {
      for (let step = 0; step < 50; step += 1) await Promise.resolve();
      order.push('reactions');
    })();
    await clock.settle();
    await reactions;
    expect(order).toEqual(['reactions', 'deferred', 'deferred twice']);
  });

  it('passes on what a timer throws, and goes on afterwards', async () => {
    const clock = new SimulatedClock();
    clock.setTimer(1, () => {
      throw new Error('from a timer');
    });
    await expect(clock.advance(1)).rejects.toThrow('from a timer');
    await clock.advance(9);
    expect(clock.pendingTimers).toBe(0);
  });
});
