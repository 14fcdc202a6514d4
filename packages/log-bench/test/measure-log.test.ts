import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { measureAppends } from '../src/jobs/append-job.js';
import { readBack } from '../src/jobs/drive.js';
import type { MeasureJob } from '../src/jobs/job.js';
import { measureOffered } from '../src/jobs/offered-job.js';
import { measureCleanOpening } from '../src/jobs/open-job.js';
import { makeSegments } from '../src/jobs/prepare-job.js';
import { RecordRing } from '../src/measure/record-ring.js';
import type { RunScale } from '../src/model/run-scale.js';
import { appendBytes, chooseWorkloads, RECORD_100 } from '../src/model/workload.js';
import { openBrimlog, openLog, closeLog } from '../src/stores/brimlog-store.js';

const MIB = 1024 * 1024;
const scale: RunScale = { rounds: 1, warmMs: 5, sliceMs: 30, floorMs: 6, offeredMs: 40, readBytes: MIB, uncleanBytes: MIB, segments: 5 };

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
    const [workload] = chooseWorkloads([name]);
    return { kind: 'measure', workload: workload!, subject: 'brimlog', round: 0, dir, scale, peersFrom: dir, records: null, profileTo: null };
  }

  it('counts as many records as it reads back, and syncs no more often than it appends', async () => {
    const work = { kind: 'append', ack: 'flushed', producers: 16, batchRecords: 1, size: RECORD_100 } as const;
    const sample = await measureAppends(jobOf('durable-16'), work, openBrimlog);
    expect(sample.checkedRecords).toBeGreaterThanOrEqual(sample.costs!.records);
    expect(sample.costs!.syncs).toBeGreaterThan(0);
    expect(sample.costs!.syncs).toBeLessThanOrEqual(sample.costs!.appends);
    expect(Object.keys(sample.floors).sort()).toEqual(['group-growing', 'group-overwriting', 'growing', 'overwriting']);
  });

  it('offers a load and answers a latency for each of it', async () => {
    const work = { kind: 'offered', ack: 'flushed', perSecond: 1000, size: RECORD_100 } as const;
    const sample = await measureOffered(jobOf('offered-1000'), work, openBrimlog);
    expect(sample.latency!.count).toBe(40);
    expect(sample.checkedRecords).toBe(45);
  });

  it('makes a log of many segments and opens it without a scan', async () => {
    const home = join(dir, 'segments');
    mkdirSync(home);
    const { records } = await makeSegments({ kind: 'segments', dir: home, segments: 5 }, () => undefined);
    const sample = await measureCleanOpening({ ...jobOf('open-clean'), dir: home, records });
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
    const store = await openBrimlog(dir, 'written');
    const ring = new RecordRing(RECORD_100, 1);
    let left = 3;
    await store.produce(() => (left-- > 0 ? ring.next() : null));
    ring.next();
    await expect(readBack(store, ring, ring.taken)).rejects.toThrow('4 records were appended, 3 came back');
    await store.close();
  });
});
