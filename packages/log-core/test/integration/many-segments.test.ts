/** Opening a log of many segments: what is asked of the disk, and that a segment that was cut is noticed all the same. */
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MessageLog, type LogOptions } from '../../src/index.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { salvage, valuesOf } from '../support/log-content.js';
import { MovableClock } from '../support/movable-clock.js';
import { must, mustFail, openLog, SMALL } from '../support/open-log.js';
import { memoryDirectory } from '../support/scratch-directory.js';

const SEGMENTS = 300;
/** The newest whose sizes are asked for, and the active one. */
const ASKED = 65;
const OPTIONS: LogOptions = { ...SMALL, retention: { intervalMs: 3_600_000 } };
const numbers = Array.from({ length: SEGMENTS }, (_, i) => `record ${String(i)}`);

/** A log of one record a segment. */
async function makeLog(dir: string): Promise<MessageLog> {
  const clock = new MovableClock();
  const log = await openLog(dir, { ...OPTIONS, segmentMs: 1_000, clock });
  for (const value of numbers) {
    clock.pass(1_000);
    must(await log.append(value, { ack: 'written' }));
  }
  return log;
}

const segmentFile = (n: number): string => `${String(n).padStart(20, '0')}.log`;
const statsOf = (disk: FaultyDisk): number => disk.calls.filter((call) => /^stat \d{20}\.log$/.test(call)).length;

describe('opening a log of 300 segments', () => {
  test('closed cleanly, asks for the sizes of the newest 64 sealed ones and of the active one, and serves all', async () => {
    const dir = memoryDirectory();
    must(await (await makeLog(dir)).close());
    const disk = new FaultyDisk();
    const log = await openLog(dir, { ...OPTIONS, fileSystem: disk });
    expect(log.recovery).toMatchObject({ clean: true, keptToOffset: SEGMENTS });
    expect(log.status().segments).toBe(SEGMENTS);
    expect(statsOf(disk)).toBe(ASKED);
    expect(await valuesOf(log)).toEqual(numbers);
    expect(must(await log.verify())).toMatchObject({ records: SEGMENTS, problems: [] });
  });

  test('closed cleanly, refuses where one of those was cut; an older one is corruption when it is read or verified', async () => {
    const dir = memoryDirectory();
    must(await (await makeLog(dir)).close());
    truncateSync(join(dir, segmentFile(7)), 20);
    const log = await openLog(dir, OPTIONS);
    const lost = { file: join(dir, segmentFile(7)), fromOffset: 7, nextOffset: 8 };
    const { records, errors } = await salvage(log);
    expect(errors).toMatchObject([{ kind: 'corruption', ...lost }]);
    expect(records).toHaveLength(SEGMENTS - 1);
    expect(must(await log.verify()).problems).toMatchObject([{ file: lost.file, offset: 7 }]);
    must(await log.close());
    truncateSync(join(dir, segmentFile(SEGMENTS - ASKED)), 20);
    expect(mustFail(await MessageLog.open(dir, OPTIONS), 'corruption').fromOffset).toBe(SEGMENTS - ASKED);
  });

  test('closed cleanly, asks those too that the table does not tell of', async () => {
    const dir = memoryDirectory();
    must(await (await makeLog(dir)).close());
    truncateSync(join(dir, 'brimlog.segments'), 40 * 10);
    const disk = new FaultyDisk();
    const log = await openLog(dir, { ...OPTIONS, fileSystem: disk });
    expect(statsOf(disk)).toBe(SEGMENTS - 10);
    expect(await valuesOf(log)).toEqual(numbers);
  });
});
