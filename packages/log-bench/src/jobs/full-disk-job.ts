/**
 * One round of the outage the log was made for: producers fill a small volume, go on while it is full, another program
 * then gives space back, and the log is to return by itself. `job.dir` is that volume. Everything acknowledged is read back.
 */
import { mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { AppendFloors } from '../measure/append-floors.js';
import { Gauges } from '../measure/gauges.js';
import { RecordRing, RingCheck } from '../measure/record-ring.js';
import type { Sample } from '../model/sample.js';
import { recordOf } from '../model/workload.js';
import { summarizeLatencies } from '../stats/statistics.js';
import { closeLog, failure, openLog, readLog, type OpenedLog } from '../stores/brimlog-store.js';
import { costsOf } from './append-job.js';
import { TimelineRecorder } from './timeline-recorder.js';
import { sampleOf, type MeasureJob } from './job.js';

const MIB = 1024 * 1024;
const PRODUCERS = 16;
const SIZE = recordOf(1024);
/** What the other program holds until it gives it back. */
const OTHERS_BYTES = 24 * MIB;
const AFTER_MS = 300;
const PATIENCE_MS = 30_000;
const LOOK_MS = 2;

/** Measures it once. The figure is the time from the space coming back to the first acknowledged append. */
export async function measureFullDisk(job: MeasureJob): Promise<Sample> {
  const dir = join(job.dir, 'log');
  mkdirSync(dir);
  const others = join(job.dir, 'of-another-program');
  const rawPerSecond = rawRecordsPerSecond(job);
  writeFileSync(others, Buffer.alloc(OTHERS_BYTES, 0x5a), { flush: true });
  const log = await openLog(dir);
  const ring = new RecordRing(SIZE, 1);
  const load = new FullDiskLoad(log, ring);
  const gauges = new Gauges(job.profileTo);
  let readPerSecond = NaN;
  await gauges.during(async () => {
    const producing = load.run(PRODUCERS);
    await load.until(() => log.status().state === 'read-only');
    load.timeline.markFull();
    readPerSecond = await readRate(log);
    await sleep(Math.max(0, job.scale.fullMs - load.timeline.sinceFullMs));
    load.timeline.markFreed();
    unlinkSync(others);
    await load.until(() => load.timeline.isBack);
    await sleep(AFTER_MS);
    load.stop();
    await producing;
  });
  const timeline = load.timeline.finish();
  await closeLog(log);
  const checkedRecords = await checkAll(dir, ring, load.unknown);
  const refusals = summarizeLatencies(load.refusedUs);
  return sampleOf(job, {
    unit: 'ms',
    figure: timeline.backAtMs - timeline.freedAtMs,
    floors: {},
    costs: costsOf(gauges.reading, { batchRecords: 1, size: SIZE }, ring.taken, null),
    timeline,
    checkedRecords,
    facts: {
      'raw records/s': rawPerSecond,
      'records/s before': load.timeline.acknowledgedPerSecond(0, timeline.fullAtMs),
      'records/s after': load.timeline.acknowledgedPerSecond(timeline.backAtMs, timeline.backAtMs + AFTER_MS),
      'records/s read while full': readPerSecond,
      'refusals': load.refusedUs.length,
      'refusals/s': (load.refusedUs.length * 1000) / (timeline.backAtMs - timeline.fullAtMs),
      'refused p50 µs': refusals.p50,
      'refused p99 µs': refusals.p99,
      'outcome unknown': load.unknown,
    },
  });
}

/** The raw floor on this volume, which is another than that of the other workloads. */
function rawRecordsPerSecond(job: MeasureJob): number {
  const floors = new AppendFloors(job.dir, { ack: 'flushed', producers: 1, batchRecords: 1, size: SIZE });
  const perSecond = floors.run(job.scale.floorMs);
  floors.remove();
  return perSecond;
}

async function readRate(log: OpenedLog): Promise<number> {
  const startedAt = performance.now();
  let records = 0;
  await readLog(log, () => {
    records += 1;
  });
  return (records * 1000) / (performance.now() - startedAt);
}

async function checkAll(dir: string, ring: RecordRing, unknown: number): Promise<number> {
  const log = await openLog(dir);
  const check = new RingCheck(ring);
  await readLog(log, (key, value) => {
    check.see(key, value);
  });
  await closeLog(log);
  return check.finish(ring.taken, unknown);
}

/** Producers who offer a refused record again, in the next turn of the event loop, until it is taken. */
class FullDiskLoad {
  readonly timeline = new TimelineRecorder();
  readonly refusedUs: number[] = [];
  /** Appends of which the log could not say whether they will be there. */
  unknown = 0;
  readonly #log: OpenedLog;
  readonly #ring: RecordRing;
  #stopped = false;

  constructor(log: OpenedLog, ring: RecordRing) {
    this.#log = log;
    this.#ring = ring;
  }

  /** Runs until `stop`. */
  async run(producers: number): Promise<void> {
    this.timeline.begin();
    await Promise.all(Array.from({ length: producers }, () => this.#produce()));
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Looks again and again until `reached`; throws when it takes too long. */
  async until(reached: () => boolean): Promise<void> {
    const endsAt = performance.now() + PATIENCE_MS;
    while (!reached()) {
      if (performance.now() > endsAt) throw new Error(`a full disk: the log is ${this.#log.status().state} after ${PATIENCE_MS / 1000} s`);
      await sleep(LOOK_MS);
    }
  }

  async #produce(): Promise<void> {
    while (!this.#stopped) {
      const record = this.#ring.next();
      for (;;) {
        const begunAt = performance.now();
        const appended = await this.#log.append(record);
        if (appended.isOk()) break;
        if (appended.error.kind !== 'disk-full') throw failure('appending', appended.error);
        if (appended.error.outcome === 'unknown') this.unknown += 1;
        this.refusedUs.push((performance.now() - begunAt) * 1000);
        this.timeline.refused();
        await nextTurn();
      }
      this.timeline.acknowledged();
    }
  }
}
