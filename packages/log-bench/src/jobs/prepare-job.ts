/** Makes the logs that are read and opened: a filled one, one of many segments, and those whose writers will be killed. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RecordRing } from '../measure/record-ring.js';
import { appendBytes, RECORD_100, type AppendWork } from '../model/workload.js';
import type { OpenStore } from '../stores/bench-store.js';
import { closeLog, failure, openLog, type OpenedLog } from '../stores/brimlog-store.js';
import type { FillJob, JobAnswers, KilledProducerJob, KilledWriterJob, RecountJob, SegmentsJob } from './job.js';
import { readBack, settingsOf } from './drive.js';

/** Logs that are read and opened are made of batches of so many records. */
export const FILL_BATCH_RECORDS = 1000;

const BATCH_BYTES = appendBytes(RECORD_100, FILL_BATCH_RECORDS);

/** Fills a store and closes it. */
export async function fillStore(job: FillJob, openStore: OpenStore): Promise<JobAnswers['fill']> {
  const { batchRecords } = job;
  const ring = new RecordRing(RECORD_100, batchRecords);
  const wanted = Math.ceil(job.bytes / appendBytes(RECORD_100, batchRecords)) * batchRecords;
  const store = await openStore(job.dir, settingsOf({ ack: 'written', size: RECORD_100, batchRecords }));
  await store.produceBatches(() => (ring.taken < wanted ? ring.nextBatch() : null));
  await store.close();
  return { records: ring.taken };
}

/** Makes segments of a record or two: each is a millisecond old when the next comes. Small spares, or they would be most of the work. */
export async function makeSegments(job: SegmentsJob, onStep: (done: number) => void): Promise<JobAnswers['segments']> {
  const ring = new RecordRing(RECORD_100, 1);
  const log = await openLog(job.dir, { ack: 'written', segmentMs: 1, segmentBytesMax: 64 * 1024, batchBytesMax: 4096, space: { reserveBytes: 0 } });
  while (log.status().segments < job.segments || ring.taken === 0) {
    const madeAt = Date.now();
    await append(log, [ring.next()]);
    onStep(ring.taken);
    while (Date.now() === madeAt) await nextTurn();
  }
  await closeLog(log);
  return { records: ring.taken };
}

/** Fills a log fast, makes that durable, then goes on appending as `ack` says until this process is killed. */
export async function writeUntilKilled(job: KilledWriterJob, onAcked: (records: number) => void): Promise<never> {
  const ring = new RecordRing(RECORD_100, FILL_BATCH_RECORDS);
  const log = await openLog(job.dir, { ack: 'written' });
  while (ring.taken < (job.bytes / BATCH_BYTES) * FILL_BATCH_RECORDS) await append(log, ring.nextBatch());
  const flushed = await log.flush();
  if (flushed.isErr()) throw failure('flushing', flushed.error);
  for (;;) {
    await append(log, ring.nextBatch(), job.ack);
    onAcked(ring.taken);
  }
}

async function append(log: OpenedLog, records: Parameters<OpenedLog['append']>[0], ack?: KilledWriterJob['ack']): Promise<void> {
  const appended = await log.append(records, ack === undefined ? undefined : { ack });
  if (appended.isErr()) throw failure('appending', appended.error);
}

/** Acknowledged single records are told so often: telling costs the one who tells. */
const TELL_EVERY = 64;

/** One producer appends as the workload says, until this process is killed. */
export async function produceUntilKilled(job: KilledProducerJob, work: AppendWork, openStore: OpenStore, onAcked: (records: number) => void): Promise<never> {
  const ring = new RecordRing(work.size, work.batchRecords);
  const store = await openStore(job.dir, settingsOf(work));
  // What is asked for is asked for once everything before it was acknowledged.
  const tell = (every: number): void => {
    if (ring.taken > 0 && ring.taken % every === 0) onAcked(ring.taken);
  };
  if (work.batchRecords > 1) {
    await store.produceBatches(() => {
      tell(1);
      return ring.nextBatch();
    });
  } else {
    await store.produce(() => {
      tell(TELL_EVERY);
      return ring.next();
    });
  }
  throw new Error('a producer without an end came to one');
}

/** Counts what a killed producer left: all of it the first records of the ring. */
export async function recount(job: RecountJob, work: AppendWork, openStore: OpenStore): Promise<JobAnswers['recount']> {
  const store = await openStore(job.dir, settingsOf(work));
  const found = await readBack(store, new RecordRing(work.size, work.batchRecords), null);
  await store.close();
  return { found };
}
