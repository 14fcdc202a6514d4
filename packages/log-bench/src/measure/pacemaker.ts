/**
 * A tick at exact times. Node's timers know whole milliseconds only, and a loop that turns without pause takes the
 * processor from the disk's threads; a thread that sleeps on a futex is exact to some tens of microseconds and costs little.
 */
import { Worker } from 'node:worker_threads';

/** Sleeps until the next tick, tells when it was meant to be, and so on until it is terminated. */
const SLEEPER = `
const { parentPort, workerData } = require('node:worker_threads');
const never = new Int32Array(new SharedArrayBuffer(4));
const nowUs = () => Number(process.hrtime.bigint()) / 1000;
let next = nowUs();
for (;;) {
  next += workerData * 1000;
  const waitUs = next - nowUs();
  if (waitUs > 0) Atomics.wait(never, 0, 0, waitUs / 1000);
  parentPort.postMessage(next);
}`;

/** Ticks until it is stopped. */
export interface Pacemaker {
  readonly stop: () => Promise<void>;
}

/**
 * Calls `onTick` every `periodMs`, which need not be whole, with the moment that the tick was meant for (as `sharedNowUs`
 * tells it): the message comes some tens of microseconds later, the first ones more. Resolves when ticks come.
 */
export async function startPacemaker(periodMs: number, onTick: (meantAtUs: number) => void): Promise<Pacemaker> {
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
