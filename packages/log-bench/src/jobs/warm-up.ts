/**
 * What comes before a measurement: the way of an append through store and Node is compiled in full only after some
 * thousands of them, and a user's process has long made those.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { RecordRing } from '../measure/record-ring.js';
import type { AppendWork } from '../model/workload.js';
import type { OpenStore } from '../stores/bench-store.js';
import { drive, settingsOf } from './drive.js';

/** Code that is compiled for the first store alone is compiled again when a second one comes: the one that is measured must not be that. */
const STORES = 3;
/** How long a store runs after that before it is measured: it has its spare, or what else it makes at first, then. */
export const RUN_IN_MS = 100;
/** Values are no larger while warming up: large enough for the way that large records take. */
const VALUE_BYTES_MAX = 140_000;

/**
 * Appends for so long in all to some stores of its own, made in `dir` one after another, and removed. Batches have a tenth of the
 * records: many disks take only so many bytes at full speed, and those are left for what is measured.
 */
export async function warmUp(dir: string, work: AppendWork, milliseconds: number, openStore: OpenStore): Promise<void> {
  const size = { ...work.size, valueBytes: Math.min(work.size.valueBytes, VALUE_BYTES_MAX) };
  const smaller = { ...work, size, batchRecords: Math.ceil(work.batchRecords / 10) };
  for (let made = 0; made < STORES; made += 1) {
    mkdirSync(dir);
    const store = await openStore(dir, settingsOf(smaller));
    await drive(store, new RecordRing(smaller.size, smaller.batchRecords), smaller, milliseconds / STORES);
    await store.close();
    rmSync(dir, { recursive: true });
  }
}
