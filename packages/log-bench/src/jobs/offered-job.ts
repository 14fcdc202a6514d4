/** One round of a fixed offered load: requests begin at their own times, whatever became of those before. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppendFloors } from '../measure/append-floors.js';
import { Gauges } from '../measure/gauges.js';
import { offer, type Offered } from '../measure/offer.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Sample } from '../model/sample.js';
import type { OfferedWork } from '../model/workload.js';
import { OfferedLoad, wasSustained } from '../stats/offered-load.js';
import { describeLatencies, summarizeLatencies } from '../stats/statistics.js';
import type { OpenStore } from '../stores/bench-store.js';
import { checkReopened, costsOf } from './append-job.js';
import { CountedTurns, settingsOf } from './drive.js';
import { sampleOf, type MeasureJob } from './job.js';

/** How fast requests begin while warming up: the code is compiled in full only after some thousands of them. */
const WARM_PER_SECOND = 10_000;

/** Measures `work` once. The figure is the 99th percentile; its floor that of raw writes, one after another. */
export async function measureOffered(job: MeasureJob, work: OfferedWork, openStore: OpenStore): Promise<Sample> {
  const { dir, scale } = job;
  const storeDir = join(dir, 'store');
  mkdirSync(storeDir);
  const shape = { ack: work.ack, producers: 1, batchRecords: 1, size: work.size };
  const ring = new RecordRing(work.size, 1);
  const store = await openStore(storeDir, settingsOf(shape));
  const floors = new AppendFloors(dir, shape);
  const request = (answered: () => void): void => {
    store.append(ring.next(), answered);
  };
  await offer(loadFor({ perSecond: WARM_PER_SECOND }, scale.warmMs), request);
  await store.settle();

  floors.run(scale.floorMs / 2);
  const takenBefore = ring.taken;
  const load = loadFor(work, scale.offeredMs);
  const gauges = new Gauges(job.profileTo);
  const counted = new CountedTurns(store);
  let outcome: Offered | null = null;
  await counted.during(() =>
    gauges.during(async () => {
      outcome = await offer(load, request);
    }),
  );
  const costs = costsOf(gauges.reading, shape, ring.taken - takenBefore, counted.calls);
  await store.settle();
  floors.run(scale.floorMs / 2);

  const { latenciesUs, lateStartsUs, endedAt } = outcome as unknown as Offered;
  const raw = floors.latencies;
  const latency = { ...describeLatencies(latenciesUs), sustained: wasSustained(load, endedAt), raw };
  floors.remove();
  await store.close();
  const checkedRecords = await checkReopened(openStore, storeDir, settingsOf(shape), ring);
  const facts = { 'begun late p99 µs': summarizeLatencies(lateStartsUs).p99 };
  return sampleOf(job, { unit: 'ms', figure: latency.p99 / 1000, floors: { growing: raw.p99 / 1000 }, costs, latency, checkedRecords, facts });
}

/** As many requests as belong into so long, at least one. */
export function loadFor({ perSecond }: { readonly perSecond: number }, milliseconds: number): OfferedLoad {
  return new OfferedLoad(perSecond, Math.max(1, Math.round((perSecond * milliseconds) / 1000)));
}
