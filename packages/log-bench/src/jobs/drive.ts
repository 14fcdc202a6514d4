/** Runs the callers of a workload for a while, and reads back what they appended. */
import { RingCheck, type RecordRing } from '../measure/record-ring.js';
import type { BenchStore } from '../stores/bench-store.js';
import type { Work } from '../model/workload.js';

type AppendWork = Extract<Work, { readonly kind: 'append' }>;

/** Above so many callers the clock is not asked for every record. */
const CALLERS_ASKING_ALWAYS_MAX = 64;
const ASK_EVERY = 16;

/** Says when the time is up. Stores that block the event loop let no timer fire, so the clock is asked. */
export function deadlineIn(milliseconds: number, askEvery: number): () => boolean {
  const endsAt = performance.now() + milliseconds;
  let calls = 0;
  let isOver = false;
  return () => {
    calls += 1;
    if (!isOver && calls % askEvery === 0) isOver = performance.now() >= endsAt;
    return isOver;
  };
}

/** Lets all callers append until the time is up, and waits for their last acknowledgements. */
export async function drive(store: BenchStore, ring: RecordRing, work: AppendWork, milliseconds: number): Promise<void> {
  const isOver = deadlineIn(milliseconds, work.producers > CALLERS_ASKING_ALWAYS_MAX ? ASK_EVERY : 1);
  const caller = (): Promise<void> =>
    work.batchRecords > 1
      ? store.produceBatches(() => (isOver() ? null : ring.nextBatch()))
      : store.produce(() => (isOver() ? null : ring.next()));
  await Promise.all(Array.from({ length: work.producers }, caller));
}

/**
 * Reads everything back and compares it byte by byte with the first `count` records of the ring; null for as many as there
 * are. Answers how many there were and throws where one is missing, changed or not one of them.
 */
export async function readBack(store: BenchStore, ring: RecordRing, count: number | null): Promise<number> {
  const check = new RingCheck(ring);
  await store.readAll((key, value) => {
    check.see(key, value);
  });
  return check.finish(count);
}

/** Calls of the disk that a store counted. */
export type CountedCalls = NonNullable<ReturnType<BenchStore['counters']>>;

/** Adds up what a store counts during some turns, and leaves out what it does between them. */
export class CountedTurns {
  readonly #store: BenchStore;
  #calls: CountedCalls | null = null;

  constructor(store: BenchStore) {
    this.#store = store;
  }

  /** All turns together; null where the store does not count. */
  get calls(): CountedCalls | null {
    return this.#calls;
  }

  async during(turn: () => Promise<void>): Promise<void> {
    const before = this.#store.counters();
    await turn();
    const after = this.#store.counters();
    if (before === null || after === null) return;
    const { syncs, writes } = this.#calls ?? { syncs: 0, writes: 0 };
    this.#calls = { syncs: syncs + after.syncs - before.syncs, writes: writes + after.writes - before.writes };
  }
}
