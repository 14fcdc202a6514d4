/**
 * A store under test, as the workloads see it. It runs the callers' loops itself, in its own words, so that no wrapper per
 * record is measured with it. Every method throws what goes wrong: a benchmark has nothing to recover.
 */
import type { BenchRecord } from '../measure/record-ring.js';
import type { Ack } from '../model/workload.js';

/** A store that is open. */
export interface BenchStore {
  /** One caller: appends what `next` gives, each after the one before was acknowledged, until it gives null. */
  produce(next: () => BenchRecord | null): Promise<void>;
  /** The same with several records at a time, all or nothing. */
  produceBatches(next: () => readonly BenchRecord[] | null): Promise<void>;
  /** One append whose acknowledgement is told. */
  append(record: BenchRecord, acknowledged: () => void): void;
  /** Syncs and writes so far; null where the store does not count. */
  counters(): { readonly syncs: number; readonly writes: number } | null;
  /** Resolves when nothing of an opening or of earlier appends goes on in the background. */
  settle(): Promise<void>;
  /** Gives every record, oldest first. */
  readAll(visit: (key: Uint8Array, value: Uint8Array) => void): Promise<void>;
  close(): Promise<void>;
}

/** Opens a store in `dir`, which exists. */
export type OpenStore = (dir: string, ack: Ack) => Promise<BenchStore>;
