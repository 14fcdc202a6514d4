import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeClock } from './node-clock.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('nodeClock', () => {
  const clock = nodeClock();

  it('defers past every promise reaction of the task, wherever it was asked', async () => {
    const order: string[] = [];
    const chain = async (name: string): Promise<void> => {
      for (let step = 0; step < 5; step += 1) await Promise.resolve();
      order.push(name);
    };
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        clock.defer(() => {
          order.push('deferred outside');
        });
        const first = chain('reactions of a task').then(() => {
          clock.defer(() => {
            order.push('deferred inside');
            resolve();
          });
          return chain('reactions of a reaction');
        });
        first.catch(() => undefined);
      });
    });
    expect(order).toEqual(['reactions of a task', 'reactions of a reaction', 'deferred outside', 'deferred inside']);
  });

  it('waits longer than setTimeout can count, and can be cancelled in any part of it', () => {
    vi.useFakeTimers();
    let fired = 0;
    const monthMs = 40 * 86_400_000;
    clock.setTimer(monthMs, () => (fired += 1));
    const cancelled = clock.setTimer(monthMs, () => (fired += 100));
    vi.advanceTimersByTime(monthMs - 1);
    expect(fired).toBe(0);
    cancelled.cancel();
    cancelled.cancel();
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never goes back in steady time', () => {
    const first = clock.monotonic();
    expect(clock.monotonic()).toBeGreaterThanOrEqual(first);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  });
});
