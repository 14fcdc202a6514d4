/**
 * The records that are appended, and the check that they come back. A ring of prepared records is gone round, so that
 * making them costs nothing while it is measured; each carries its place in the ring in its key.
 * INVARIANT: record n of a log is ring record n mod size, so what was read back is compared byte for byte.
 */
import type { RecordSize } from '../model/workload.js';
import { seededRandom } from '../stats/seeded-random.js';

/** A record as every store takes it. */
export interface BenchRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

function makeRecord(index: number, size: RecordSize, random: () => number): BenchRecord {
  const key = new Uint8Array(size.keyBytes);
  const value = new Uint8Array(size.valueBytes);
  for (const bytes of [key, value]) {
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(random() * 256);
  }
  new DataView(key.buffer).setUint32(0, index);
  return { key, value };
}

/** So many bytes of records, or two batches: they stay in the processor's cache, as records stay that an application has just made. */
const RING_BYTES_MAX = 512 * 1024;
const BATCHES_MIN = 2;
const BATCHES_MAX = 1024;

/** Prepared records; `batchRecords` of them go into one append. */
export class RecordRing {
  readonly records: readonly BenchRecord[];
  readonly #batches: readonly (readonly BenchRecord[])[];
  readonly #batchRecords: number;
  #taken = 0;

  constructor(size: RecordSize, batchRecords: number) {
    const bytes = size.keyBytes + size.valueBytes;
    const batches = Math.max(BATCHES_MIN, Math.min(BATCHES_MAX, Math.floor(RING_BYTES_MAX / bytes / batchRecords)));
    const random = seededRandom(bytes);
    this.#batchRecords = batchRecords;
    this.records = Array.from({ length: batches * batchRecords }, (_, index) => makeRecord(index, size, random));
    this.#batches = Array.from({ length: batches }, (_, index) => this.records.slice(index * batchRecords, (index + 1) * batchRecords));
  }

  /** Records that were taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** The next record; for rings whose batches have one record. */
  next(): BenchRecord {
    const record = this.records[this.#taken % this.records.length] as BenchRecord;
    this.#taken += 1;
    return record;
  }

  /** The next batch of records. */
  nextBatch(): readonly BenchRecord[] {
    const batch = this.#batches[(this.#taken / this.#batchRecords) % this.#batches.length] as readonly BenchRecord[];
    this.#taken += this.#batchRecords;
    return batch;
  }
}

/** Compares what is read back with what was appended. Not in order: stores may give concurrent appends any order. */
export class RingCheck {
  readonly #records: readonly BenchRecord[];
  readonly #counts: Uint32Array;
  #count = 0;

  constructor(ring: RecordRing) {
    this.#records = ring.records;
    this.#counts = new Uint32Array(ring.records.length);
  }

  /** Takes one record that was read; throws where it is none of those appended. */
  see(key: Uint8Array | null, value: Uint8Array | null): void {
    const at = key === null || key.length < 4 ? -1 : ((key[0] ?? 0) * 2 ** 24 + (key[1] ?? 0) * 2 ** 16 + (key[2] ?? 0) * 2 ** 8 + (key[3] ?? 0));
    const expected = this.#records[at];
    const same = expected !== undefined && key !== null && value !== null && Buffer.compare(key, expected.key) === 0 && Buffer.compare(value, expected.value) === 0;
    if (!same) throw new Error(`record ${this.#count} that was read back is none that was appended`);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count += 1;
  }

  /**
   * Answers how many there were; throws where these are not the first `count` records of the ring, `null` for as many as were
   * seen. `twiceMax` may have come once more than they were acknowledged: appends of which nobody could tell.
   */
  finish(count: number | null, twiceMax = 0): number {
    const wanted = count ?? this.#count;
    if (this.#count < wanted || this.#count > wanted + twiceMax) throw new Error(`${wanted} records were appended, ${this.#count} came back`);
    const { length } = this.#counts;
    for (let at = 0; at < length; at += 1) {
      const times = Math.floor(wanted / length) + (at < wanted % length ? 1 : 0);
      const came = this.#counts[at] ?? 0;
      if (came < times || came > times + twiceMax) throw new Error(`ring record ${at} was appended ${times} times and came back ${came} times`);
    }
    return wanted;
  }
}
