/** Consumers' commits while there is no room: they go on as long as they can, and are a way back. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { crashCopy } from '../support/broken-log.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { expectSound } from '../support/log-content.js';
import { must, mustFail, openLog } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';
import { canMount, expectReturn, expectState, fillUp, MIB, SMALL_DISK, statesOf, takeAllBut, takeEverything, volumeOf } from './volumes.js';

const RECORD = 'x'.padEnd(9_000, '.');

describe('a commit that finds no room', () => {
  test('has the spare given up for it, which is low-space, and goes through', async () => {
    const disk = new FaultyDisk();
    const log = await openLog(scratchDirectory(), { ...SMALL_DISK, fileSystem: disk });
    const states = statesOf(log);
    must(await log.append([RECORD, RECORD]));
    await expect.poll(() => log.status().spare).not.toBeNull();
    disk.inject({ on: 'write', path: 'positions', symbol: 'no-space', times: 1 });
    must(await log.consumer('a').commit(1));
    expect(disk.met).toHaveLength(1);
    expect(must(await log.consumer('a').position())).toBe(1);
    expect(states[0]).toBe('low-space(disk-full)');
  });

  test('is refused as disk-full where there is no spare, and leaves the position as it was, also after a crash', async () => {
    const dir = scratchDirectory();
    const disk = new FaultyDisk();
    const log = await openLog(dir, { ...SMALL_DISK, fileSystem: disk });
    for (const name of ['a', 'b', 'c']) must(await log.consumer(name).commit(0));
    disk.inject({ on: 'write', path: 'spare', symbol: 'no-space' });
    must(await log.append([RECORD, RECORD, RECORD]));
    await expectState(log, 'low-space');
    // The first of two that share a round is in the file when the second is refused.
    disk.inject({ on: 'write', path: 'positions', symbol: 'quota', skip: 2, times: 1 });
    const [alone, first, second] = await Promise.all([log.consumer('c').commit(1), log.consumer('a').commit(3), log.consumer('b').commit(3)]);
    must(alone);
    expect(mustFail(first, 'disk-full').cause).toBe('quota');
    expect(mustFail(second, 'disk-full').cause).toBe('quota');
    expect(log.status().consumers.map(({ position }) => position)).toEqual([0, 0, 1]);
    must(await log.consumer('c').commit(2));
    const crashed = await openLog(crashCopy(dir, scratchDirectory()), SMALL_DISK);
    expect(crashed.status().consumers).toEqual([{ name: 'a', position: 0 }, { name: 'b', position: 0 }, { name: 'c', position: 2 }]);
    must(await log.consumer('a').commit(1));
    expect(log.status().consumers[0]).toEqual({ name: 'a', position: 1 });
  });
});

for (const kind of ['tmpfs', 'ext4', 'xfs'] as const) {
  describe.skipIf(!canMount(kind))(`commits on a full ${kind}`, () => {
    test('of known consumers go on, whoever new is refused', async () => {
      const volume = volumeOf(kind, kind === 'xfs' ? {} : { bytes: 16 * MIB });
      takeAllBut(volume, 4 * MIB);
      const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
      must(await log.consumer('known').commit(0));
      // On a full xfs no file can be created.
      writeFileSync(join(volume.path, 'the-rest'), '');
      await fillUp(log);
      takeEverything(volume, 'the-rest');
      let refused = 0;
      for (let i = 1; i <= 40; i += 1) {
        const fresh = await log.consumer(`new ${i}`).commit(i);
        if (fresh.isErr()) {
          expect(mustFail(fresh, 'disk-full').cause).toBe('space');
          refused += 1;
        }
        must(await log.consumer('known').commit(i));
      }
      // While one is written the others gather for the next round: there the new one must not drag the known one down.
      const gathered = [log.consumer('known').commit(1), log.consumer('known').commit(2), log.consumer('late').commit(3)] as const;
      const [first, known, late] = await Promise.all(gathered);
      must(first);
      must(known);
      mustFail(late, 'disk-full');
      expect(refused).toBeGreaterThan(0);
      expect(log.status()).toMatchObject({ state: 'read-only' });
      expect(log.status().consumers).toHaveLength(41 - refused);
      await expectSound(log, log.status().highWatermark);
    });
  });
}

describe.skipIf(!canMount('tmpfs'))('a commit as the way back', () => {
  test.each(['commit', 'forget'])('%s lets the oldest segments go: the log returns at once, however seldom it looks and however much is free', async (way) => {
    const volume = volumeOf('tmpfs', { bytes: 64 * MIB });
    const filler = takeAllBut(volume, 8 * MIB);
    const log = await openLog(join(volume.path, 'log'), {
      ...SMALL_DISK,
      onDiskFull: 'delete-oldest',
      retention: { keepUnconsumed: true },
      space: { reserveBytes: 3 * MIB, intervalMs: 120_000 },
    });
    must(await log.consumer('slow').commit(0));
    await fillUp(log);
    rmSync(filler);
    takeAllBut(volume, 2 * MIB);
    await log.waitUntilWritable({ signal: AbortSignal.timeout(200) }).then(() => undefined);
    expect(log.status()).toMatchObject({ state: 'read-only', logStartOffset: 0 });
    if (way === 'commit') must(await log.consumer('slow').commit(log.status().highWatermark));
    else must(await log.consumer('slow').forget());
    await expectReturn(log);
    must(await log.append(RECORD));
    expect(log.status().logStartOffset).toBeGreaterThan(0);
  });
});
