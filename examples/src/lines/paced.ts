/** Holds lines back, so that no more than so many leave in a second. */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long one batch may stand for: short, so that lines leave evenly. */
const SLICE_MS = 5;

/** The same lines in the same order, at most about `linesPerSecond`; it ends at once when `signal` is aborted. */
export async function* paced(batches: AsyncIterable<Uint8Array[]>, linesPerSecond: number, signal: AbortSignal): AsyncGenerator<Uint8Array[]> {
  const sliceLines = Math.max(1, Math.ceil((linesPerSecond * SLICE_MS) / 1_000));
  let dueAt = performance.now();
  for await (const batch of batches) {
    for (let from = 0; from < batch.length; from += sliceLines) {
      const slice = batch.slice(from, from + sliceLines);
      const early = dueAt - performance.now();
      if (early > 1) await sleep(early, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // What was late stays late: a pause is not made up for by a flood.
      dueAt = Math.max(dueAt, performance.now() - SLICE_MS) + (slice.length * 1_000) / linesPerSecond;
      yield slice;
    }
  }
}
