/** Makes the logs that are read and opened: a filled one, one of many segments, and one whose writer will be killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RecordRing } from '../measure/record-ring.js';
import { appendBytes, RECORD_100 } from '../model/workload.js';
import type { OpenStore } from '../stores/bench-store.js';
import { closeLog, failure, openLog, type OpenedLog } from '../stores/brimlog-store.js';
import type { FillJob, JobAnswers, KilledWriterJob, SegmentsJob } from './job.js';

/** Logs that are read are made of batches of so many records. */
export const FILL_BATCH_RECORDS = 1000;

const BATCH_BYTES = appendBytes(RECORD_100, FILL_BATCH_RECORDS);

/** Fills a store and closes it. */
export async function fillStore(job: FillJob, openStore: OpenStore): Promise<JobAnswers['fill']> {
  const ring = new RecordRing(RECORD_100, FILL_BATCH_RECORDS);
  const batches = Math.ceil(job.bytes / BATCH_BYTES);
  const store = await openStore(job.dir, 'written');
  await store.produceBatches(() => (ring.taken < batches * FILL_BATCH_RECORDS ? ring.nextBatch() : null));
  await store.close();
  return { records: ring.taken };
}

/** Makes segments of a record or two: each is a millisecond old when the next comes. Small spares, or they would be most of the work. */
export async function makeSegments(job: SegmentsJob, onStep: (done: number) => void): Promise<JobAnswers['segments']> {
  const ring = new RecordRing(RECORD_100, 1);
  const log = await openLog(job.dir, { ack: 'written', segmentMs: 1, segmentBytesMax: 64 * 1024, batchBytesMax: 4096, space: { reserveBytes: 0 } });
  while (log.status().segments < job.segments || ring.taken === 0) {
    await append(log, [ring.next()]);
    onStep(ring.taken);
    await sleep(1);
  }
  await closeLog(log);
  return { records: ring.taken };
}

/** Fills a log fast, makes that durable, then appends durably until this process is killed. */
export async function writeUntilKilled(job: KilledWriterJob, onAcked: (records: number) => void): Promise<never> {
  const ring = new RecordRing(RECORD_100, FILL_BATCH_RECORDS);
  const log = await openLog(job.dir, { ack: 'written' });
  while (ring.taken < (job.bytes / BATCH_BYTES) * FILL_BATCH_RECORDS) await append(log, ring.nextBatch());
  const flushed = await log.flush();
  if (flushed.isErr()) throw failure('flushing', flushed.error);
  for (;;) {
    await append(log, ring.nextBatch(), 'flushed');
    onAcked(ring.taken);
  }
}

async function append(log: OpenedLog, records: Parameters<OpenedLog['append']>[0], ack?: 'flushed'): Promise<void> {
  const appended = await log.append(records, ack === undefined ? undefined : { ack });
  if (appended.isErr()) throw failure('appending', appended.error);
}
