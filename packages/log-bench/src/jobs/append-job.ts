/**
 * One round of an append workload: warm up, floors, the log, floors again, and everything read back from a second
 * opening. The floors lie on both sides of the log, so that a disk that slows down meanwhile slows both.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppendFloors } from '../measure/append-floors.js';
import { watch, type GaugeReading } from '../measure/gauges.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Costs, Sample } from '../model/sample.js';
import type { Work } from '../model/workload.js';
import type { BenchStore, OpenStore } from '../stores/bench-store.js';
import { drive, readBack } from './drive.js';
import type { JobAnswers, MeasureJob, StraceJob } from './job.js';

type AppendWork = Extract<Work, { readonly kind: 'append' }>;

/** Measures `work` once. */
export async function measureAppends(job: MeasureJob, work: AppendWork, openStore: OpenStore): Promise<Sample> {
  const { dir, scale } = job;
  const storeDir = join(dir, 'store');
  mkdirSync(storeDir);
  const ring = new RecordRing(work.size, work.batchRecords);
  const store = await openStore(storeDir, work.ack);
  const floors = new AppendFloors(dir, work);
  await drive(store, ring, work, scale.warmMs);
  await store.settle();

  floors.run(scale.floorMs);
  const before = { taken: ring.taken, counters: store.counters() };
  const gauges = await watch(() => drive(store, ring, work, scale.sliceMs));
  const costs = costsOf(gauges, work, ring.taken - before.taken, before.counters, store.counters());
  await store.settle();
  floors.run(scale.floorMs);

  floors.remove();
  await store.close();
  const checkedRecords = await checkReopened(openStore, storeDir, work, ring);
  return {
    workload: job.workload.name,
    subject: job.subject,
    round: job.round,
    unit: 'records/s',
    figure: costs.records / costs.seconds,
    floors: floors.perSecond,
    costs,
    latency: null,
    checkedRecords,
    facts: {},
  };
}

/** Appends for a while and nothing else, to be looked at from outside. */
export async function appendForStrace(job: StraceJob, work: AppendWork, openStore: OpenStore): Promise<JobAnswers['strace']> {
  const ring = new RecordRing(work.size, work.batchRecords);
  const store = await openStore(job.dir, work.ack);
  await drive(store, ring, work, job.scale.sliceMs);
  await store.close();
  return { workload: job.workload.name, appends: ring.taken / work.batchRecords };
}

/** Opens the store again and compares everything in it with what was taken from the ring. */
export async function checkReopened(openStore: OpenStore, dir: string, work: { readonly ack: AppendWork['ack'] }, ring: RecordRing): Promise<number> {
  const store = await openStore(dir, work.ack);
  const checked = await readBack(store, ring, ring.taken);
  await store.close();
  return checked;
}

type Counters = ReturnType<BenchStore['counters']>;

/** Puts together what the log counted and what the process cost. */
export function costsOf(
  gauges: GaugeReading,
  work: { readonly batchRecords: number; readonly size: AppendWork['size'] },
  records: number,
  before: Counters,
  after: Counters,
): Costs {
  const counted = before !== null && after !== null;
  return {
    ...gauges,
    records,
    appends: records / work.batchRecords,
    bytes: records * (work.size.keyBytes + work.size.valueBytes),
    syncs: counted ? after.syncs - before.syncs : null,
    writes: counted ? after.writes - before.writes : null,
  };
}
