/**
 * One round of an append workload: warm up, then floors and log in short turns, and everything read back from a second
 * opening. With turns of a few tenths of a second a disk that slows down meanwhile slows both alike.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppendFloors } from '../measure/append-floors.js';
import { Gauges, type GaugeReading } from '../measure/gauges.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Costs, Sample } from '../model/sample.js';
import type { Work } from '../model/workload.js';
import type { OpenStore } from '../stores/bench-store.js';
import { CountedTurns, drive, readBack, type CountedCalls } from './drive.js';
import type { JobAnswers, MeasureJob, StraceJob } from './job.js';

type AppendWork = Extract<Work, { readonly kind: 'append' }>;

/** How often floors and log take turns within a round. */
const TURNS = 3;

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

  const takenBefore = ring.taken;
  const gauges = new Gauges(job.profileTo);
  const counted = new CountedTurns(store);
  for (let turn = 0; turn < TURNS; turn += 1) {
    floors.run(scale.floorMs / TURNS);
    await counted.during(() => gauges.during(() => drive(store, ring, work, scale.sliceMs / TURNS)));
    await store.settle();
  }
  floors.run(scale.floorMs / TURNS);
  const costs = costsOf(gauges.reading, work, ring.taken - takenBefore, counted.calls);

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
  return { workload: job.workload.name, subject: job.subject, times: ring.taken / work.batchRecords };
}

/** Opens the store again and compares everything in it with what was taken from the ring. */
export async function checkReopened(openStore: OpenStore, dir: string, work: { readonly ack: AppendWork['ack'] }, ring: RecordRing): Promise<number> {
  const store = await openStore(dir, work.ack);
  const checked = await readBack(store, ring, ring.taken);
  await store.close();
  return checked;
}

/** Puts together what the log counted and what the process cost. */
export function costsOf(
  gauges: GaugeReading,
  work: { readonly batchRecords: number; readonly size: AppendWork['size'] },
  records: number,
  calls: CountedCalls | null,
): Costs {
  return {
    ...gauges,
    records,
    appends: records / work.batchRecords,
    bytes: records * (work.size.keyBytes + work.size.valueBytes),
    syncs: calls?.syncs ?? null,
    writes: calls?.writes ?? null,
  };
}
