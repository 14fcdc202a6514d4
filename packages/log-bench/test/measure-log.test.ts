import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { measureAppends } from '../src/jobs/append-job.js';
import { readBack } from '../src/jobs/drive.js';
import { measureFollowing } from '../src/jobs/follow-job.js';
import type { MeasureJob } from '../src/jobs/job.js';
import { measureOffered } from '../src/jobs/offered-job.js';
import { measureCleanOpening } from '../src/jobs/open-job.js';
import { fillStore, makeSegments } from '../src/jobs/prepare-job.js';
import { measureRandomReads } from '../src/jobs/read-job.js';
import { RecordRing } from '../src/measure/record-ring.js';
import { chooseWorkloads } from '../src/model/catalogue.js';
import type { RunScale } from '../src/model/run-scale.js';
import { appendBytes, producersAtOnce, RECORD_100, recordOf, type AppendWork } from '../src/model/workload.js';
import { closeLog, openBrimlog, openLog } from '../src/stores/brimlog-store.js';

const MIB = 1024 * 1024;
const scale: RunScale = { rounds: 1, warmMs: 5, sliceMs: 30, floorMs: 6, offeredMs: 40, readBytes: MIB, fullMs: 20, straceMs: 5 };
const singles: AppendWork = { kind: 'append', ack: 'flushed', producers: 16, batchRecords: 1, size: RECORD_100, followed: false };

/** Whole jobs on a real disk, in this process and as short as they get: what they answer is checked, never how fast. */
describe('measuring the log', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'brimlog-bench-test-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  function jobOf(name: string): MeasureJob {
    const [workload] = chooseWorkloads({ patterns: [name], quick: true });
    return { kind: 'measure', workload: workload!, subject: 'brimlog', round: 0, dir, scale, peersFrom: dir, records: null, profileTo: null };
  }

  it('counts as many records as it reads back, and syncs no more often than it appends', async () => {
    const sample = await measureAppends(jobOf('durable-16'), singles, openBrimlog);
    expect(sample.checkedRecords).toBeGreaterThanOrEqual(sample.costs!.records);
    expect(sample.costs!.syncs).toBeGreaterThan(0);
    expect(sample.costs!.syncs).toBeLessThanOrEqual(sample.costs!.appends);
    expect(Object.keys(sample.floors).sort()).toEqual(['group-growing', 'group-overwriting', 'growing', 'overwriting']);
    expect(sample.turns).toHaveLength(3);
  });

  it('lets a reader follow the producers, and waits until it has seen everything', async () => {
    const sample = await measureAppends(jobOf('mixed-256'), { ...singles, followed: true }, openBrimlog);
    expect(sample.checkedRecords).toBeGreaterThanOrEqual(sample.costs!.records);
  });

  it('lets producers wait for their turn where all their batches together are more than memory allows', async () => {
    const work = { ...singles, ack: 'written', size: recordOf(16 * 1024), producers: 4096 } as const;
    expect(producersAtOnce(work)).toBeLessThan(work.producers);
    const sample = await measureAppends({ ...jobOf('written-1'), scale: { ...scale, sliceMs: 1, warmMs: 1 } }, work, openBrimlog);
    expect(sample.checkedRecords).toBeGreaterThan(0);
    expect(sample.turns).toHaveLength(3);
  });

  it('offers a load and answers a latency for each of it', async () => {
    const sample = await measureOffered(jobOf('offered-1000'), { kind: 'offered', ack: 'flushed', perSecond: 1000, size: RECORD_100 }, openBrimlog);
    expect(sample.latency!.count).toBe(40);
    expect(sample.latency!.raw!.count).toBeGreaterThan(0);
    // Before them 5 ms at 10,000/s.
    expect(sample.checkedRecords).toBe(50 + 40);
  });

  it('tells when each record reached a follower in the same process', async () => {
    const sample = await measureFollowing(jobOf('follow-same'), { kind: 'follow', process: 'same', perSecond: 500, size: RECORD_100 });
    expect(sample.latency!.count).toBe(20);
    expect(sample.floors['loop-turn']).toBeGreaterThan(0);
  });

  it('reads records at random places and compares each', async () => {
    const home = join(dir, 'filled');
    mkdirSync(home);
    const { records } = await fillStore({ kind: 'fill', subject: 'brimlog', dir: home, bytes: MIB / 4, batchRecords: 16, peersFrom: dir }, openBrimlog);
    const sample = await measureRandomReads({ ...jobOf('read-random-16'), dir: home, records }, { kind: 'read-random', batchRecords: 16 }, openBrimlog);
    expect(sample.checkedRecords).toBe(records);
    expect(sample.costs!.records).toBeGreaterThan(0);
    expect(sample.floors['read-crc-random']).toBeGreaterThan(0);
  });

  it('makes a log of many segments and opens it without a scan', async () => {
    const home = join(dir, 'segments');
    mkdirSync(home);
    const { records } = await makeSegments({ kind: 'segments', dir: home, segments: 5 }, () => undefined);
    const sample = await measureCleanOpening({ ...jobOf('open-10000'), dir: home, records }, { kind: 'open-clean', segments: 5 });
    expect(sample.facts).toMatchObject({ segments: 5 });
  });

  it('writes floors of exactly the bytes the log writes for one append', async () => {
    const log = await openLog(dir);
    const ring = new RecordRing(RECORD_100, 1000);
    const appended = await log.append(ring.nextBatch());
    expect(appended.isOk()).toBe(true);
    expect(log.metrics().appendedBytes).toBe(appendBytes(RECORD_100, 1000));
    await closeLog(log);
  });

  it('notices a log that lost a record', async () => {
    const store = await openBrimlog(dir, { ack: 'written', appendBytes: appendBytes(RECORD_100, 1) });
    const ring = new RecordRing(RECORD_100, 1);
    let left = 3;
    await store.produce(() => (left-- > 0 ? ring.next() : null));
    ring.next();
    await expect(readBack(store, ring, ring.taken)).rejects.toThrow('4 records were appended, 3 came back');
    await store.close();
  });
});
