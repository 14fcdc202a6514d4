/**
 * One round of reading a prepared log: the raw floor reads the same files and takes a checksum of every byte, before
 * and after. The first pass also compares every record; the measured ones only touch each key and value.
 */
import { loadCrc32c } from '../measure/native-crc.js';
import { Gauges } from '../measure/gauges.js';
import { readAndCheck, segmentFiles } from '../measure/raw-reads.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Costs, Sample } from '../model/sample.js';
import { RECORD_100 } from '../model/workload.js';
import { closeLog, failure, openLog, type OpenedLog } from '../stores/brimlog-store.js';
import type { BenchStore, OpenStore } from '../stores/bench-store.js';
import { readBack } from './drive.js';
import { FILL_BATCH_RECORDS } from './prepare-job.js';
import type { MeasureJob } from './job.js';

/** Measures reading by batches. */
export async function measureReading(job: MeasureJob, openStore: OpenStore): Promise<Sample> {
  const ring = new RecordRing(RECORD_100, FILL_BATCH_RECORDS);
  const store = await openStore(job.dir, 'written');
  const checkedRecords = await readBack(store, ring, job.records);
  const expected = await touchAll(store);
  return measurePasses(job, checkedRecords, async () => {
    const touched = await touchAll(store);
    if (touched !== expected) throw new Error(`reading twice gave two answers: ${expected} and ${touched}`);
  }).finally(() => store.close());
}

/** Measures `verify`. */
export async function measureVerify(job: MeasureJob): Promise<Sample> {
  const log = await openLog(job.dir);
  const checkedRecords = await verified(log, job.records);
  return measurePasses(job, checkedRecords, async () => {
    await verified(log, checkedRecords);
  }).finally(() => closeLog(log));
}

/** Goes over every record and adds up a byte of each key and value. */
async function touchAll(store: BenchStore): Promise<number> {
  let sum = 0;
  await store.readAll((key, value) => {
    sum += (key[key.length - 1] ?? 0) + (value[value.length - 1] ?? 0);
  });
  return sum;
}

async function verified(log: OpenedLog, records: number | null): Promise<number> {
  const report = await log.verify();
  if (report.isErr()) throw failure('verifying', report.error);
  if (report.value.problems.length > 0) throw new Error(`verify found ${report.value.problems.length} problems`);
  if (records !== null && report.value.records !== records) throw new Error(`verify counted ${report.value.records} records of ${records}`);
  return report.value.records;
}

/** Repeats whole passes for about a slice, with the floor on both sides. */
async function measurePasses(job: MeasureJob, records: number, pass: () => Promise<void>): Promise<Sample> {
  const crc32c = loadCrc32c();
  const files = segmentFiles(job.dir);
  const floorBefore = files.length === 0 ? null : readAndCheck(files, crc32c);
  let passes = 0;
  const gauges = new Gauges(job.profileTo);
  await gauges.during(async () => {
    const endsAt = performance.now() + job.scale.sliceMs;
    do {
      await pass();
      passes += 1;
    } while (performance.now() < endsAt);
  });
  const floorAfter = files.length === 0 ? null : readAndCheck(files, crc32c);
  const floorMs = ((floorBefore?.milliseconds ?? NaN) + (floorAfter?.milliseconds ?? NaN)) / 2;
  const read = records * passes;
  const reading = gauges.reading;
  const costs: Costs = {
    ...reading,
    records: read,
    appends: passes,
    bytes: read * (RECORD_100.keyBytes + RECORD_100.valueBytes),
    syncs: null,
    writes: null,
  };
  return {
    workload: job.workload.name,
    subject: job.subject,
    round: job.round,
    unit: 'records/s',
    figure: read / reading.seconds,
    floors: Number.isFinite(floorMs) ? { 'read-crc': (records * 1000) / floorMs } : {},
    costs,
    latency: null,
    checkedRecords: records,
    facts: { 'bytes in files': floorBefore?.bytes ?? 0 },
  };
}
