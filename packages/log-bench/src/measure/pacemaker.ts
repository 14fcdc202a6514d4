/**
 * A tick at exact times. Node's timers know whole milliseconds only, and a loop that turns without pause takes the
 * processor from the disk's threads; a thread that sleeps on a futex is exact to some tens of microseconds and costs little.
 */
import { Worker } from 'node:worker_threads';

/** Sleeps until the next tick, tells it, and so on until it is terminated. */
const SLEEPER = `
const { parentPort, workerData } = require('node:worker_threads');
const never = new Int32Array(new SharedArrayBuffer(4));
let next = performance.now();
for (;;) {
  next += workerData;
  const wait = next - performance.now();
  if (wait > 0) Atomics.wait(never, 0, 0, wait);
  parentPort.postMessage(0);
}`;

/** Ticks until it is stopped. */
export interface Pacemaker {
  readonly stop: () => Promise<void>;
}

/** Calls `onTick` every `periodMs`, which need not be whole, from the first tick on; resolves when ticks come. */
export async function startPacemaker(periodMs: number, onTick: () => void): Promise<Pacemaker> {
  const worker = new Worker(SLEEPER, { eval: true, workerData: periodMs });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => {
      resolve();
    });
    worker.once('error', reject);
  });
  worker.on('message', onTick);
  return {
    stop: async () => {
      worker.off('message', onTick);
      await worker.terminate();
    },
  };
}
