/**
 * One round of reading a prepared log, with the raw floor before and after: the same files read and their checksums taken.
 * The first pass also compares every record; the measured ones only touch each key and value.
 */
import { loadCrc32c } from '../measure/native-crc.js';
import { Gauges } from '../measure/gauges.js';
import { readAndCheck, readAndCheckAtRandom, segmentFiles } from '../measure/raw-reads.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Costs, FloorName, Sample } from '../model/sample.js';
import { appendBytes, RECORD_100, type RandomReadWork } from '../model/workload.js';
import { seededRandom } from '../stats/seeded-random.js';
import { closeLog, failure, openLog, type OpenedLog } from '../stores/brimlog-store.js';
import type { OpenStore } from '../stores/bench-store.js';
import { deadlineIn, readBack, settingsOf } from './drive.js';
import { FILL_BATCH_RECORDS } from './prepare-job.js';
import { sampleOf, type MeasureJob } from './job.js';

/** Measures reading by batches. */
export async function measureReading(job: MeasureJob, openStore: OpenStore): Promise<Sample> {
  const ring = new RecordRing(RECORD_100, FILL_BATCH_RECORDS);
  const store = await openStore(job.dir, readSettings(FILL_BATCH_RECORDS));
  const checkedRecords = await readBack(store, ring, job.records);
  const expected = await store.touchAll();
  const pass = async (): Promise<number> => {
    const touched = await store.touchAll();
    if (touched !== expected) throw new Error(`reading twice gave two answers: ${expected} and ${touched}`);
    return checkedRecords;
  };
  return measurePasses(job, { checkedRecords, floor: wholeFiles(job.dir, checkedRecords), pass }).finally(() => store.close());
}

/** Measures `verify`. */
export async function measureVerify(job: MeasureJob): Promise<Sample> {
  const log = await openLog(job.dir);
  const checkedRecords = await verified(log, job.records);
  const pass = (): Promise<number> => verified(log, checkedRecords);
  return measurePasses(job, { checkedRecords, floor: wholeFiles(job.dir, checkedRecords), pass }).finally(() => closeLog(log));
}

/** Measures single records at random places, each compared with what was appended there. */
export async function measureRandomReads(job: MeasureJob, work: RandomReadWork, openStore: OpenStore): Promise<Sample> {
  const ring = new RecordRing(RECORD_100, work.batchRecords);
  const store = await openStore(job.dir, readSettings(work.batchRecords));
  const checkedRecords = await readBack(store, ring, job.records);
  const random = seededRandom(job.round + 1);
  const pass = async (): Promise<number> => {
    const isOver = deadlineIn(job.scale.sliceMs, 1);
    let place = 0;
    let count = 0;
    const next = (): number | null => {
      place = Math.floor(random() * checkedRecords);
      return isOver() ? null : place;
    };
    await store.readPlaces(next, (key, value) => {
      const expected = ring.records[place % ring.records.length];
      if (expected === undefined || Buffer.compare(key, expected.key) !== 0 || Buffer.compare(value, expected.value) !== 0) {
        throw new Error(`record ${place} is not what was appended there`);
      }
      count += 1;
    });
    return count;
  };
  const files = segmentFiles(job.dir);
  const crc32c = loadCrc32c();
  const bytes = appendBytes(RECORD_100, work.batchRecords);
  const floor = files.length === 0 ? null : { name: 'read-crc-random' as const, perSecond: () => readAndCheckAtRandom(files, bytes, job.scale.floorMs / 2, random, crc32c) };
  return measurePasses(job, { checkedRecords, floor, pass }).finally(() => store.close());
}

function readSettings(batchRecords: number): ReturnType<typeof settingsOf> {
  return settingsOf({ ack: 'written', size: RECORD_100, batchRecords });
}

/** Verifies a whole log; answers its records, and throws where there is a problem, or where there are not `records`, null for any. */
export async function verified(log: OpenedLog, records: number | null): Promise<number> {
  const report = await log.verify();
  if (report.isErr()) throw failure('verifying', report.error);
  if (report.value.problems.length > 0) throw new Error(`verify found ${report.value.problems.length} problems`);
  if (records !== null && report.value.records !== records) throw new Error(`verify counted ${report.value.records} records of ${records}`);
  return report.value.records;
}

/** What reading is held against. */
interface ReadFloor {
  readonly name: FloorName;
  /** Records per second. */
  readonly perSecond: () => number;
}

/** The log's own files; null for other stores. */
function wholeFiles(dir: string, records: number): ReadFloor | null {
  const files = segmentFiles(dir);
  const crc32c = loadCrc32c();
  return files.length === 0 ? null : { name: 'read-crc', perSecond: () => (records * 1000) / readAndCheck(files, crc32c).milliseconds };
}

interface Passes {
  readonly checkedRecords: number;
  readonly floor: ReadFloor | null;
  /** Reads for a while, or everything once; answers how many records. */
  readonly pass: () => Promise<number>;
}

/** Repeats passes for about a slice, with the floor on both sides. */
async function measurePasses(job: MeasureJob, { checkedRecords, floor, pass }: Passes): Promise<Sample> {
  const floorBefore = floor?.perSecond() ?? NaN;
  let passes = 0;
  let records = 0;
  const gauges = new Gauges(job.profileTo);
  await gauges.during(async () => {
    const endsAt = performance.now() + job.scale.sliceMs;
    do {
      records += await pass();
      passes += 1;
    } while (performance.now() < endsAt);
  });
  const floorAfter = floor?.perSecond() ?? NaN;
  const reading = gauges.reading;
  const costs: Costs = {
    ...reading,
    records,
    appends: passes,
    bytes: records * (RECORD_100.keyBytes + RECORD_100.valueBytes),
    syncs: null,
    writes: null,
  };
  const floors = floor === null ? {} : { [floor.name]: (floorBefore + floorAfter) / 2 };
  return sampleOf(job, { unit: 'records/s', figure: records / reading.seconds, floors, costs, checkedRecords });
}
