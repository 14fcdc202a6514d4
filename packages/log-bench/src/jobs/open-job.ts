/**
 * One opening, in a process that has just started: compiled code and caches of the process are as cold as a user's; the
 * system's page cache is warm, since emptying it is not every user's right.
 */
import { loadCrc32c } from '../measure/native-crc.js';
import { bytesRead } from '../measure/gauges.js';
import { listAndStat, readAndCheck, segmentFiles } from '../measure/raw-reads.js';
import { RecordRing } from '../measure/record-ring.js';
import type { Sample } from '../model/sample.js';
import { RECORD_100, type CleanOpeningWork, type UncleanOpeningWork } from '../model/workload.js';
import { closeLog, openBrimlog, openLog, type OpenedLog } from '../stores/brimlog-store.js';
import { readBack, settingsOf } from './drive.js';
import { sampleOf, type JobAnswers, type MeasureJob, type StraceJob } from './job.js';
import { verified } from './read-job.js';
import { FILL_BATCH_RECORDS } from './prepare-job.js';

/** Opens a log whose writer was killed; `job.records` were acknowledged at least. */
export async function measureUncleanOpening(job: MeasureJob, work: UncleanOpeningWork): Promise<Sample> {
  const crc32c = loadCrc32c();
  const files = segmentFiles(job.dir);
  const before = readAndCheck(files, crc32c);
  const { log, milliseconds, readBytes } = await openTimed(job.dir);
  if (log.recovery.clean) throw new Error('the log says it was closed cleanly, but its writer was killed');
  const { keptBytes } = log.recovery;
  const segments = log.status().segments;
  await closeLog(log);
  const after = readAndCheck(files, crc32c);

  // A copy of what an earlier round compared record by record has the same files: its checksums are enough.
  const isCopy = work.ack === 'flushed' && job.round > 0;
  const checkedRecords = await (isCopy ? verifiedRecords(job.dir) : comparedRecords(job.dir));
  if (checkedRecords < (job.records ?? 0)) throw new Error(`${String(job.records)} records were acknowledged before the kill, ${checkedRecords} are there`);
  const facts = { 'bytes read': readBytes, 'bytes of the log': before.bytes, 'bytes kept': keptBytes, segments };
  const floors = { 'read-crc': (before.milliseconds + after.milliseconds) / 2 };
  return sampleOf(job, { unit: 'ms', figure: milliseconds, floors, checkedRecords, facts });
}

/** The ring is that of the writer: what is there must be its first records. */
async function comparedRecords(dir: string): Promise<number> {
  const store = await openBrimlog(dir, settingsOf({ ack: 'written', size: RECORD_100, batchRecords: FILL_BATCH_RECORDS }));
  const checked = await readBack(store, new RecordRing(RECORD_100, FILL_BATCH_RECORDS), null);
  await store.close();
  return checked;
}

async function verifiedRecords(dir: string): Promise<number> {
  const log = await openLog(dir);
  const checked = await verified(log, null);
  await closeLog(log);
  return checked;
}

/** Opens a closed log of many small segments, `job.records` records in all. */
export async function measureCleanOpening(job: MeasureJob, work: CleanOpeningWork): Promise<Sample> {
  const before = listAndStat(job.dir);
  const { log, milliseconds, readBytes } = await openTimed(job.dir);
  const { clean } = log.recovery;
  const { segments, logEndOffset } = log.status();
  await closeLog(log);
  const after = listAndStat(job.dir);
  if (!clean) throw new Error('the log was closed, but says it was not');
  if (segments !== work.segments || logEndOffset !== job.records) {
    throw new Error(`${work.segments} segments of ${String(job.records)} records were made, the log has ${segments} of ${logEndOffset}`);
  }
  const facts = { 'bytes read': readBytes, files: before.files, segments };
  const floors = { 'list-stat': (before.milliseconds + after.milliseconds) / 2 };
  return sampleOf(job, { unit: 'ms', figure: milliseconds, floors, checkedRecords: logEndOffset, facts });
}

/** Opens and closes a log and nothing else, to be looked at from outside. */
export async function openForStrace(job: StraceJob): Promise<JobAnswers['strace']> {
  await closeLog(await openLog(job.dir));
  return { workload: job.workload.name, subject: job.subject, times: 1 };
}

async function openTimed(dir: string): Promise<{ readonly log: OpenedLog; readonly milliseconds: number; readonly readBytes: number }> {
  const before = bytesRead();
  const startedAt = performance.now();
  const log = await openLog(dir);
  const milliseconds = performance.now() - startedAt;
  return { log, milliseconds, readBytes: bytesRead() - before };
}
