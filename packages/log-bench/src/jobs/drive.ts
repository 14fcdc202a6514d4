/** Runs the callers of a workload for a while, and reads back what they appended. */
import { Semaphore } from 'async-mutex';
import { RingCheck, type BenchRecord, type RecordRing } from '../measure/record-ring.js';
import type { BenchStore, StoreSettings } from '../stores/bench-store.js';
import { appendBytes, producersAtOnce, type AppendWork } from '../model/workload.js';

/** How a store is opened for `work`. */
export function settingsOf(work: Pick<AppendWork, 'ack' | 'size' | 'batchRecords'>): StoreSettings {
  return { ack: work.ack, appendBytes: appendBytes(work.size, work.batchRecords) };
}

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
  const atOnce = producersAtOnce(work);
  const isOver = deadlineIn(milliseconds, atOnce > CALLERS_ASKING_ALWAYS_MAX ? ASK_EVERY : 1);
  const turnstile = atOnce < work.producers ? new Semaphore(atOnce) : null;
  const next = (): BenchRecord | null => (isOver() ? null : ring.next());
  const nextBatch = (): readonly BenchRecord[] | null => (isOver() ? null : ring.nextBatch());
  const caller = (): Promise<void> => {
    if (turnstile !== null) return produceInTurns(store, turnstile, work, nextBatch);
    return work.batchRecords > 1 ? store.produceBatches(nextBatch) : store.produce(next);
  };
  await Promise.all(Array.from({ length: work.producers }, caller));
}

/** One caller who waits for its turn before each append: no more of them append at a time than memory allows. */
async function produceInTurns(store: BenchStore, turnstile: Semaphore, work: AppendWork, nextBatch: () => readonly BenchRecord[] | null): Promise<void> {
  /** Appends once; answers whether there was something left to append. */
  const turn = async (): Promise<boolean> => {
    const batch = nextBatch();
    if (batch === null) return false;
    await (work.batchRecords > 1 ? store.produceBatches(once(batch)) : store.produce(once(batch[0] ?? null)));
    return true;
  };
  while (await turnstile.runExclusive(turn));
}

/** Gives `value`, then null. */
function once<T>(value: T | null): () => T | null {
  let left = value;
  return () => {
    const given = left;
    left = null;
    return given;
  };
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

  /** Counts while `turn` runs, and answers what it answers. */
  async during<T>(turn: () => Promise<T>): Promise<T> {
    const before = this.#store.counters();
    const answer = await turn();
    const after = this.#store.counters();
    if (before !== null && after !== null) {
      const { syncs, writes } = this.#calls ?? { syncs: 0, writes: 0 };
      this.#calls = { syncs: syncs + after.syncs - before.syncs, writes: writes + after.writes - before.writes };
    }
    return answer;
  }
}
