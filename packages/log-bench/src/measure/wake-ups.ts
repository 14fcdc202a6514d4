/** The floors under following: how long it takes to wake somebody, with nothing to tell. Microseconds, medians. */
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { median } from '../stats/statistics.js';

const TIMES = 200;

/** From one turn of this process's event loop to the next. */
export async function loopTurnUs(): Promise<number> {
  const turns: number[] = [];
  for (let i = 0; i < TIMES; i += 1) {
    const startedAt = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    turns.push((performance.now() - startedAt) * 1000);
  }
  return median(turns);
}

/** Half the way of a message to `child`, which sends it back, and back. */
export async function messageUs(child: ChildProcess): Promise<number> {
  const trips: number[] = [];
  for (let i = 0; i < TIMES; i += 1) {
    const startedAt = performance.now();
    const answered = once(child, 'message');
    child.send({ type: 'echo' });
    await answered;
    trips.push(((performance.now() - startedAt) * 1000) / 2);
  }
  return median(trips);
}
