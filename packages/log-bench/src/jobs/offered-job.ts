/**
 * One round of a fixed offered load. The event loop is kept turning instead of sleeping between requests: a timer would
 * add up to a millisecond to every latency, which is several times what is measured.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppendFloors } from '../measure/append-floors.js';
import { watch } from '../measure/gauges.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Sample } from '../model/sample.js';
import type { Work } from '../model/workload.js';
import { OfferedLoad, wasSustained } from '../stats/offered-load.js';
import { summarizeLatencies } from '../stats/statistics.js';
import type { BenchStore, OpenStore } from '../stores/bench-store.js';
import { checkReopened, costsOf } from './append-job.js';
import type { MeasureJob } from './job.js';

type OfferedWork = Extract<Work, { readonly kind: 'offered' }>;

/** Measures `work` once. The figure is the 99th percentile; its floor that of raw writes, one after another. */
export async function measureOffered(job: MeasureJob, work: OfferedWork, openStore: OpenStore): Promise<Sample> {
  const { dir, scale } = job;
  const storeDir = join(dir, 'store');
  mkdirSync(storeDir);
  const shape = { ack: work.ack, producers: 1, batchRecords: 1, size: work.size };
  const ring = new RecordRing(work.size, 1);
  const store = await openStore(storeDir, work.ack);
  const floors = new AppendFloors(dir, shape);
  await offer(store, ring, new OfferedLoad(work.perSecond, loadCount(work, scale.warmMs)));
  await store.settle();

  floors.run(scale.floorMs);
  const before = { taken: ring.taken, counters: store.counters() };
  const load = new OfferedLoad(work.perSecond, loadCount(work, scale.offeredMs));
  let outcome: Offered = { latenciesUs: new Float64Array(0), endedAt: 0 };
  const gauges = await watch(async () => {
    outcome = await offer(store, ring, load);
  });
  const costs = costsOf(gauges, shape, ring.taken - before.taken, before.counters, store.counters());
  await store.settle();
  floors.run(scale.floorMs);

  const latency = { ...summarizeLatencies(outcome.latenciesUs), sustained: wasSustained(load, outcome.endedAt), raw: floors.latencies };
  floors.remove();
  await store.close();
  const checkedRecords = await checkReopened(openStore, storeDir, work, ring);
  return {
    workload: job.workload.name,
    subject: job.subject,
    round: job.round,
    unit: 'ms',
    figure: latency.p99 / 1000,
    floors: { growing: latency.raw.p99 / 1000 },
    costs,
    latency,
    checkedRecords,
    facts: {},
  };
}

function loadCount(work: OfferedWork, milliseconds: number): number {
  return Math.max(1, Math.round((work.perSecond * milliseconds) / 1000));
}

interface Offered {
  readonly latenciesUs: Float64Array;
  /** When the last answer came, in milliseconds since the start. */
  readonly endedAt: number;
}

/** Offers the whole load and waits for every answer. */
function offer(store: BenchStore, ring: RecordRing, load: OfferedLoad): Promise<Offered> {
  const latenciesUs = new Float64Array(load.count);
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let answered = 0;
    const begin = (index: number): void => {
      store.append(ring.next(), () => {
        const now = performance.now() - startedAt;
        latenciesUs[index] = load.latencyOf(index, now) * 1000;
        answered += 1;
        if (answered === load.count) resolve({ latenciesUs, endedAt: now });
      });
    };
    const turn = (): void => {
      const now = performance.now() - startedAt;
      for (let index = load.takeDue(now); index >= 0; index = load.takeDue(now)) begin(index);
      if (!load.isOver) setImmediate(turn);
    };
    turn();
  });
}
