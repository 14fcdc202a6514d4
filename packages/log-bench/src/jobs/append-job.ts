/**
 * One round of an append workload: warm up, then the main floor and the log in turns, the other floors behind, and everything read
 * back from a second opening.
 * With turns of a few tenths of a second a disk that slows down meanwhile slows both alike.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppendFloors } from '../measure/append-floors.js';
import { Gauges, type GaugeReading } from '../measure/gauges.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Costs, Sample, Turn } from '../model/sample.js';
import type { RunScale } from '../model/run-scale.js';
import { appendBytes, type AppendWork, type RecordSize } from '../model/workload.js';
import type { OpenStore, StoreSettings } from '../stores/bench-store.js';
import { CountedTurns, drive, readBack, settingsOf, type CountedCalls } from './drive.js';
import { FollowingReader } from './following-reader.js';
import { sampleOf, type JobAnswers, type MeasureJob, type StraceJob } from './job.js';
import { RUN_IN_MS, warmUp } from './warm-up.js';

/** How often floors and log take turns within a round. */
const TURNS = 3;
/** From so many bytes in flight at once the disk is filled fast. */
const LARGE_BYTES_AT_ONCE = 64 * 1024;

/**
 * How long a floor is measured before and after each turn. A disk that takes only so many bytes at full speed must not be
 * asked for fewer of them by the floor: where the log fills it fast, both go on for equally long.
 */
function floorMsOf({ size, batchRecords, producers }: AppendWork, scale: RunScale): number {
  const isLarge = appendBytes(size, batchRecords) * producers >= LARGE_BYTES_AT_ONCE;
  return isLarge ? scale.sliceMs / TURNS : scale.floorMs / (TURNS + 1);
}

/** The rate of both together, had each gone on for as many records as the other. */
function meanRate(a: number, b: number): number {
  return 2 / (1 / a + 1 / b);
}

/** Measures `work` once. */
export async function measureAppends(job: MeasureJob, work: AppendWork, openStore: OpenStore): Promise<Sample> {
  const { dir, scale } = job;
  await warmUp(join(dir, 'warm'), work, scale.warmMs, openStore);
  const storeDir = join(dir, 'store');
  mkdirSync(storeDir);
  const ring = new RecordRing(work.size, work.batchRecords);
  const store = await openStore(storeDir, settingsOf(work));
  const floors = new AppendFloors(dir, work);
  const reader = work.followed ? new FollowingReader(store) : null;
  await drive(store, ring, work, RUN_IN_MS);
  await store.settle();

  const floorMs = floorMsOf(work, scale);
  const takenBefore = ring.taken;
  const gauges = new Gauges(job.profileTo);
  const counted = new CountedTurns(store);
  const turns: Turn[] = [];
  let floorBefore = floors.run(floorMs);
  for (let turn = 0; turn < TURNS; turn += 1) {
    const takenAtStart = ring.taken;
    const seconds = await counted.during(() =>
      gauges.during(async () => {
        await drive(store, ring, work, scale.sliceMs / TURNS);
        await reader?.seen(ring.taken);
      }),
    );
    await store.settle();
    const floorAfter = floors.run(floorMs);
    turns.push({ figure: (ring.taken - takenAtStart) / seconds, floor: meanRate(floorBefore, floorAfter) });
    floorBefore = floorAfter;
  }
  floors.runOthers(floorMs * TURNS);
  const costs = costsOf(gauges.reading, work, ring.taken - takenBefore, counted.calls);

  floors.remove();
  await reader?.stop();
  await store.close();
  const checkedRecords = await checkReopened(openStore, storeDir, settingsOf(work), ring);
  return sampleOf(job, { unit: 'records/s', figure: costs.records / costs.seconds, floors: floors.perSecond, turns, costs, checkedRecords });
}

/** Appends for a while and nothing else, to be looked at from outside. */
export async function appendForStrace(job: StraceJob, work: AppendWork, openStore: OpenStore): Promise<JobAnswers['strace']> {
  const ring = new RecordRing(work.size, work.batchRecords);
  const store = await openStore(job.dir, settingsOf(work));
  await drive(store, ring, work, job.scale.straceMs);
  await store.close();
  return { workload: job.workload.name, subject: job.subject, times: ring.taken / work.batchRecords };
}

/** Opens the store again and compares everything in it with what was taken from the ring. */
export async function checkReopened(openStore: OpenStore, dir: string, settings: StoreSettings, ring: RecordRing): Promise<number> {
  const store = await openStore(dir, settings);
  const checked = await readBack(store, ring, ring.taken);
  await store.close();
  return checked;
}

/** Puts together what the log counted and what the process cost. */
export function costsOf(
  gauges: GaugeReading,
  work: { readonly batchRecords: number; readonly size: RecordSize },
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
