/**
 * A store under test, as the workloads see it. It runs the callers' loops itself, in its own words, so that no wrapper per
 * record is measured with it. Every method throws what goes wrong: a benchmark has nothing to recover.
 */
import type { BenchRecord } from '../measure/record-ring.js';
import type { Ack } from '../model/workload.js';

/** Takes one record that was read. */
export type Visit = (key: Uint8Array, value: Uint8Array) => void;

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
  readAll(visit: Visit): Promise<void>;
  /** The same with nothing in between: touches each key and value, and answers the sum of their last bytes. */
  touchAll(): Promise<number>;
  /** Reads single records by their place, from 0, one after another, until `next` gives null. */
  readPlaces(next: () => number | null, visit: Visit): Promise<void>;
  /** Gives every record as it comes, from the first on, until `signal` aborts; null where the store cannot. */
  readonly follow: ((visit: Visit, signal: AbortSignal) => Promise<void>) | null;
  close(): Promise<void>;
}

/** How a store is opened: what an acknowledgement means, and the most bytes one append holds. */
export interface StoreSettings {
  readonly ack: Ack;
  readonly appendBytes: number;
}

/** Opens a store in `dir`, which exists. */
export type OpenStore = (dir: string, settings: StoreSettings) => Promise<BenchStore>;
