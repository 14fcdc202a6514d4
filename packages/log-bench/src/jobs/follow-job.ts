/**
 * One round of following: durable records at a fixed rate, and a follower that waits for each. What counts is the time
 * from a record's acknowledgement to the record in the follower's hands; below zero where the follower was first.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Gauges } from '../measure/gauges.js';
import { offer, type Offered } from '../measure/offer.js';
import { RecordRing } from '../measure/record-ring.js';
import { sharedNowUs } from '../measure/shared-clock.js';
import type { Sample } from '../model/sample.js';
import type { FollowWork } from '../model/workload.js';
import { wasSustained } from '../stats/offered-load.js';
import { describeLatencies } from '../stats/statistics.js';
import { closeLog, failure, openBrimlog, openLog } from '../stores/brimlog-store.js';
import { checkReopened, costsOf } from './append-job.js';
import { settingsOf } from './drive.js';
import { followElsewhere, followHere } from './followers.js';
import { sampleOf, type MeasureJob } from './job.js';
import { loadFor } from './offered-job.js';

/** Measures `work` once. The figure is the 99th percentile. */
export async function measureFollowing(job: MeasureJob, work: FollowWork): Promise<Sample> {
  const { dir, scale } = job;
  const storeDir = join(dir, 'store');
  mkdirSync(storeDir);
  const ring = new RecordRing(work.size, 1);
  const log = await openLog(storeDir);
  const follower = work.process === 'same' ? followHere(log) : followElsewhere(storeDir);
  const acknowledgedAtUs: number[] = [];
  const request = (answered: () => void): void => {
    log.append(ring.next()).then(
      (appended) => {
        if (appended.isErr()) throw failure('appending', appended.error);
        acknowledgedAtUs[appended.value.baseOffset] = sharedNowUs();
        answered();
      },
      () => undefined,
    );
  };
  await offer(loadFor(work, scale.warmMs), request);
  const wakeUpBefore = await follower.wakeUpUs();

  const warmed = ring.taken;
  const load = loadFor(work, scale.offeredMs);
  const gauges = new Gauges(job.profileTo);
  let outcome: Offered | null = null;
  await gauges.during(async () => {
    outcome = await offer(load, request);
  });
  const costs = costsOf(gauges.reading, { batchRecords: 1, size: work.size }, ring.taken - warmed, null);
  const wakeUpAfter = await follower.wakeUpUs();
  const receivedAtUs = Array.from(await follower.receivedAtUs(ring.taken));
  await closeLog(log);

  const { endedAt } = outcome as unknown as Offered;
  const delaysUs = receivedAtUs.slice(warmed).map((received, index) => received - (acknowledgedAtUs[warmed + index] ?? NaN));
  const latency = { ...describeLatencies(delaysUs), sustained: wasSustained(load, endedAt), raw: null };
  const wakeUpMs = (wakeUpBefore + wakeUpAfter) / 2 / 1000;
  const checkedRecords = await checkReopened(openBrimlog, storeDir, settingsOf({ ack: 'flushed', batchRecords: 1, size: work.size }), ring);
  return sampleOf(job, {
    unit: 'ms',
    figure: latency.p99 / 1000,
    floors: work.process === 'same' ? { 'loop-turn': wakeUpMs } : { message: wakeUpMs },
    costs,
    latency,
    checkedRecords,
  });
}
