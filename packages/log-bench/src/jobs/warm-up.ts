/**
 * What comes before a measurement: the way of an append through store and Node is compiled in full only after some
 * thousands of them, and a user's process has long made those.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { RecordRing } from '../measure/record-ring.js';
import type { AppendWork } from '../model/workload.js';
import type { OpenStore } from '../stores/bench-store.js';
import { drive, settingsOf } from './drive.js';

/** How long a store runs after that before it is measured: it has its spare, or what else it makes at first, then. */
export const RUN_IN_MS = 100;
/** Values are no larger while warming up. */
const VALUE_BYTES_MAX = 10_000;

/**
 * Appends to a store of its own, made in `dir` and removed. Its batches have a tenth of the records: many disks take only so
 * many bytes at full speed, and those are left for what is measured.
 */
export async function warmUp(dir: string, work: AppendWork, milliseconds: number, openStore: OpenStore): Promise<void> {
  mkdirSync(dir);
  const size = { ...work.size, valueBytes: Math.min(work.size.valueBytes, VALUE_BYTES_MAX) };
  const smaller = { ...work, size, batchRecords: Math.ceil(work.batchRecords / 10) };
  const store = await openStore(dir, settingsOf(smaller));
  await drive(store, new RecordRing(smaller.size, smaller.batchRecords), smaller, milliseconds);
  await store.close();
  rmSync(dir, { recursive: true });
}
