/** One round of a fixed offered load: requests begin at their own times, whatever became of those before. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppendFloors } from '../measure/append-floors.js';
import { Gauges } from '../measure/gauges.js';
import { startPacemaker } from '../measure/pacemaker.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Sample } from '../model/sample.js';
import type { Work } from '../model/workload.js';
import { OfferedLoad, wasSustained } from '../stats/offered-load.js';
import { summarizeLatencies } from '../stats/statistics.js';
import type { BenchStore, OpenStore } from '../stores/bench-store.js';
import { checkReopened, costsOf } from './append-job.js';
import { CountedTurns } from './drive.js';
import type { MeasureJob } from './job.js';

type OfferedWork = Extract<Work, { readonly kind: 'offered' }>;

/** Ticks come no more often than that; at higher rates several requests begin at one. */
const TICK_MS_MIN = 0.2;

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
  const takenBefore = ring.taken;
  const load = new OfferedLoad(work.perSecond, loadCount(work, scale.offeredMs));
  const gauges = new Gauges(job.profileTo);
  const counted = new CountedTurns(store);
  let outcome: Offered | null = null;
  await counted.during(() =>
    gauges.during(async () => {
      outcome = await offer(store, ring, load);
    }),
  );
  const costs = costsOf(gauges.reading, shape, ring.taken - takenBefore, counted.calls);
  await store.settle();
  floors.run(scale.floorMs);

  const { latenciesUs, lateStartsUs, endedAt } = outcome as unknown as Offered;
  const latency = { ...summarizeLatencies(latenciesUs), sustained: wasSustained(load, endedAt), raw: floors.latencies };
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
    facts: { 'begun late p99 µs': summarizeLatencies(lateStartsUs).p99 },
  };
}

function loadCount(work: OfferedWork, milliseconds: number): number {
  return Math.max(1, Math.round((work.perSecond * milliseconds) / 1000));
}

interface Offered {
  readonly latenciesUs: Float64Array;
  /** How late each request began: a busy event loop's doing, which the latency includes. */
  readonly lateStartsUs: Float64Array;
  /** When the last answer came, in milliseconds since the start. */
  readonly endedAt: number;
}

/** Offers the whole load and waits for every answer. */
async function offer(store: BenchStore, ring: RecordRing, load: OfferedLoad): Promise<Offered> {
  const latenciesUs = new Float64Array(load.count);
  const lateStartsUs = new Float64Array(load.count);
  let answered = 0;
  let startedAt = 0;
  let onEnd: (now: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    onEnd = resolve;
  });
  const begin = (index: number, now: number): void => {
    lateStartsUs[index] = load.latencyOf(index, now) * 1000;
    store.append(ring.next(), () => {
      const answeredAt = performance.now() - startedAt;
      latenciesUs[index] = load.latencyOf(index, answeredAt) * 1000;
      answered += 1;
      if (answered === load.count) onEnd(answeredAt);
    });
  };
  const onTick = (): void => {
    // The first tick is the load's beginning, so that ticks and requests fall together.
    if (startedAt === 0) startedAt = performance.now();
    const now = performance.now() - startedAt;
    for (let index = load.takeDue(now); index >= 0; index = load.takeDue(now)) begin(index, now);
  };
  const pacemaker = await startPacemaker(Math.max(TICK_MS_MIN, 1000 / load.perSecond), onTick);
  const endedAt = await ended;
  await pacemaker.stop();
  return { latenciesUs, lateStartsUs, endedAt };
}
