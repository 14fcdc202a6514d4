/**
 * The child process: carries out one job, given as JSON in its argument, and sends the answer to its parent. It ends
 * with its parent: nothing may go on writing when the directory is removed.
 */
import { appendForStrace, measureAppends } from './jobs/append-job.js';
import { measureDisk } from './jobs/disk-job.js';
import { measureFollowing } from './jobs/follow-job.js';
import { followForParent } from './jobs/followers.js';
import { measureFullDisk } from './jobs/full-disk-job.js';
import type { Job, JobAnswers, MeasureJob, Message } from './jobs/job.js';
import { measureOffered } from './jobs/offered-job.js';
import { measureCleanOpening, measureUncleanOpening, openForStrace } from './jobs/open-job.js';
import { fillStore, makeSegments, produceUntilKilled, recount, writeUntilKilled } from './jobs/prepare-job.js';
import { measureRandomReads, measureReading, measureVerify } from './jobs/read-job.js';
import { threadHopsPerSecond } from './measure/thread-hops.js';
import type { Sample } from './model/sample.js';
import type { AppendWork, Workload } from './model/workload.js';
import { storeOpener } from './stores/open-store.js';

/** Progress is told at most so often: telling costs the one who tells. */
const STEP_EVERY = 50;

function send(message: Message): void {
  process.send?.(message);
}

/** Sends the last message and lets go of the parent once it left. */
function sendLast(message: Message): void {
  process.removeListener('disconnect', leave);
  process.send?.(message, undefined, undefined, () => {
    process.disconnect();
  });
}

function leave(): void {
  process.exit(1);
}

function tellAcked(records: number): void {
  send({ type: 'acked', records });
}

async function carryOut(job: Job): Promise<JobAnswers[Job['kind']]> {
  switch (job.kind) {
    case 'measure':
      return measure(job);
    case 'strace':
      return strace(job);
    case 'fill':
      return fillStore(job, await storeOpener(job.subject, job.peersFrom));
    case 'segments':
      return makeSegments(job, (done) => {
        if (done % STEP_EVERY === 0) send({ type: 'step', done, of: job.segments });
      });
    case 'killed-writer':
      return writeUntilKilled(job, tellAcked);
    case 'killed-producer':
      return produceUntilKilled(job, appendWorkOf(job.workload), await storeOpener(job.subject, job.peersFrom), tellAcked);
    case 'recount':
      return recount(job, appendWorkOf(job.workload), await storeOpener(job.subject, job.peersFrom));
    case 'follower':
      return followForParent(job);
    case 'disk':
      return measureDisk(job, (done, of) => {
        send({ type: 'step', done, of });
      });
  }
}

/** How long the control is measured after everything else. */
const CONTROL_MS = 40;

async function measure(job: MeasureJob): Promise<Sample> {
  const sample = await measureWork(job);
  return { ...sample, floors: { ...sample.floors, 'thread-hop': await threadHopsPerSecond(CONTROL_MS) } };
}

async function measureWork(job: MeasureJob): Promise<Sample> {
  const { work } = job.workload;
  const openStore = await storeOpener(job.subject, job.peersFrom);
  switch (work.kind) {
    case 'append':
      return measureAppends(job, work, openStore);
    case 'offered':
      return measureOffered(job, work, openStore);
    case 'follow':
      return measureFollowing(job, work);
    case 'read':
      return measureReading(job, openStore);
    case 'read-random':
      return measureRandomReads(job, work, openStore);
    case 'verify':
      return measureVerify(job);
    case 'open-unclean':
      return measureUncleanOpening(job, work);
    case 'open-clean':
      return measureCleanOpening(job, work);
    case 'disk-full':
      return measureFullDisk(job);
  }
}

async function strace(job: Extract<Job, { readonly kind: 'strace' }>): Promise<JobAnswers['strace']> {
  if (job.workload.work.kind === 'open-clean') return openForStrace(job);
  return appendForStrace(job, appendWorkOf(job.workload), await storeOpener(job.subject, job.peersFrom));
}

function appendWorkOf({ name, work }: Workload): AppendWork {
  if (work.kind !== 'append') throw new Error(`${name} appends nothing`);
  return work;
}

process.on('disconnect', leave);
// Ctrl-C reaches the whole group of a terminal: the parent decides what it means.
process.on('SIGINT', () => undefined);

try {
  const value = await carryOut(JSON.parse(process.argv[2] ?? '') as Job);
  sendLast({ type: 'result', value });
} catch (thrown) {
  sendLast({ type: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) });
}
