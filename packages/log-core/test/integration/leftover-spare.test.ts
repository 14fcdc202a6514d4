/** A spare that an earlier process left: it is used as it is only where it is blank. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LogOptions } from '../../src/index.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { valuesOf } from '../support/log-content.js';
import { MovableClock } from '../support/movable-clock.js';
import { must, mustFail, openLog, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';

const OPTIONS: LogOptions = { ...SMALL, segmentMs: 1_000, retention: { intervalMs: 3_600_000 } };

describe('a spare that was left behind', () => {
  test.each([0, 7])('filled with %i: nothing but zeros is behind the records of the segment that is made next', async (fill) => {
    const dir = scratchDirectory();
    must(await (await openLog(dir, OPTIONS)).close());
    writeFileSync(join(dir, 'brimlog.spare'), Buffer.alloc(64 * 1_024, fill));
    const clock = new MovableClock();
    const log = await openLog(dir, { ...OPTIONS, clock });
    must(await log.append('a'));
    clock.pass(1_000);
    must(await log.append('the second'));
    expect(log.status().segments).toBe(2);
    const segment = readFileSync(join(dir, `${'1'.padStart(20, '0')}.log`));
    expect(segment.subarray(segment.indexOf('the second') + 'the second'.length + 1).every((byte) => byte === 0)).toBe(true);
    expect(await valuesOf(log)).toEqual(['a', 'the second']);
  });

  test('a copy of what is not proven durable that is made out of it ends where the records end', async () => {
    const dir = scratchDirectory();
    must(await (await openLog(dir, OPTIONS)).close());
    writeFileSync(join(dir, 'brimlog.spare'), Buffer.alloc(64 * 1_024, 7));
    const fileSystem = new FaultyDisk();
    const log = await openLog(dir, { ...OPTIONS, fileSystem });
    must(await log.append('a', { ack: 'written' }));
    fileSystem.inject({ on: 'sync', path: '.log', symbol: 'io', times: 1 });
    mustFail(await log.flush(), 'sync-failed');
    must(await log.recover());
    expect(log.status()).toMatchObject({ spare: null, recoveryPoint: 1 });
    expect(statSync(join(dir, `${'0'.repeat(20)}.log`)).size).toBe(log.status().bytes);
    expect(await valuesOf(log)).toEqual(['a']);
  });
});
