/** What a full disk did to other systems, each as a test on a real small file system. */
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Ledger } from '../../../../scripts/disk-full/numbered-values.mjs';
import { limitedSubvolume } from '../../../../scripts/disk-full/small-volume.mjs';
import { MessageLog } from '../../src/index.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { expectSound } from '../support/log-content.js';
import { must, mustFail, openFails, openLog } from '../support/open-log.js';
import { MovableClock } from '../support/movable-clock.js';
import { scratchDirectory } from '../support/scratch-directory.js';
import { answers, canMount, expectReturn, expectState, fillUp, imprint, KIB, MIB, SMALL_DISK, statesOf, takeAllBut, volumeOf } from './volumes.js';

const hasTmpfs = canMount('tmpfs');

describe.skipIf(!hasTmpfs)('the failures of others, on tmpfs', () => {
  test('appends refused, so no roll, so no retention, so for ever full: retention needs no append', async () => {
    const clock = new MovableClock();
    const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, clock, retention: { ms: 30_000, intervalMs: 60_000 } });
    await fillUp(log);
    await expectState(log, 'read-only');
    clock.pass(60_000);
    await expectReturn(log);
    expect(log.status().logStartOffset).toBeGreaterThan(0);
    must(await log.append('again'));
    await expectSound(log, log.status().highWatermark - log.status().logStartOffset);
  });

  test('a persisted read-only flag: what an opening finds is the disk, not what an earlier life thought of it', async () => {
    const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
    const dir = join(volume.path, 'log');
    const log = await openLog(dir, SMALL_DISK);
    await fillUp(log);
    expect(log.status().state).toBe('read-only');
    // As a crash in read-only would leave it, on a disk with room.
    const roomy = volumeOf('tmpfs', { bytes: 16 * MIB });
    cpSync(dir, join(roomy.path, 'log'), { recursive: true });
    const crashed = await openLog(join(roomy.path, 'log'), SMALL_DISK);
    expect(crashed.status().state).toBe('writable');
    must(await crashed.append('at once'));
    must(await log.close());
    volume.remount(`size=${8 * MIB}`);
    const again = await openLog(dir, SMALL_DISK);
    expect(again.status()).toMatchObject({ state: 'writable', reason: null });
    must(await again.append('at once'));
  });

  test('thresholds computed once while the volume grew: both marks follow its size', async () => {
    const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, space: { ...SMALL_DISK.space, lowPercent: 20, highPercent: 30 } });
    for (let i = 0; log.status().state === 'writable'; i += 1) must(await log.append(`${i}`.padEnd(30_000, '.')));
    expect(log.status()).toMatchObject({ state: 'low-space', space: { totalBytes: 4 * MIB } });
    volume.remount(`size=${64 * MIB}`);
    await expectState(log, 'writable');
    expect(log.status().space.totalBytes).toBe(64 * MIB);
    takeAllBut(volume, 8 * MIB);
    await expectState(log, 'low-space');
    must(await log.append('low space takes appends'));
  });

  test('a resume that leaves one inner flag set: after the return everything works at once', async () => {
    const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
    const filler = takeAllBut(volume, 2 * MIB);
    const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
    for (let round = 0; round < 3; round += 1) {
      await fillUp(log);
      rmSync(filler, { force: true });
      await expectReturn(log);
      for (const ack of ['flushed', 'written'] as const) {
        for (let i = 0; i < 8; i += 1) must(await log.append(`${ack} ${i}`.padEnd(20_000, '.'), { ack }));
      }
      must(await log.flush());
      must(await log.consumer('c').commit(log.status().highWatermark));
      must(await log.deleteBefore(log.status().highWatermark));
      must(await log.append('after'));
      await expectState(log, 'writable');
      await expect.poll(() => log.status().spare).not.toBeNull();
      takeAllBut(volume, 2 * MIB);
    }
    await expectSound(log, log.status().highWatermark - log.status().logStartOffset);
  });

  test('a fragment of a refused record that appears after space returns (1 MiB): what was refused never appears', async () => {
    const volume = volumeOf('tmpfs', { bytes: MIB });
    const dir = join(volume.path, 'log');
    const log = await openLog(dir, SMALL_DISK);
    const ledger = new Ledger();
    for (let round = 0; round < 12; round += 1) {
      const ack = round % 2 === 0 ? 'flushed' : 'written';
      // Several batches in one write: the whole ones before the torn one would be valid, and next in line.
      const wave = (): Promise<unknown[]> => Promise.all(Array.from({ length: 12 }, () => ledger.offer(log, ack)));
      while ((await wave()).every((error) => error === null));
      const copy = volumeOf('tmpfs', { bytes: 4 * MIB });
      cpSync(dir, join(copy.path, 'log'), { recursive: true });
      const crashed = await openLog(join(copy.path, 'log'), SMALL_DISK);
      expect(await ledger.compare(crashed)).toEqual([]);
      must(await crashed.close());
      must(await log.deleteBefore(log.status().logStartOffset + 2 + (round % 5)));
      // What is freed may be less than one record: more goes then.
      while (log.status().state === 'read-only' && log.status().logStartOffset < log.status().highWatermark) {
        must(await log.deleteBefore(Math.min(log.status().highWatermark, log.status().logStartOffset + 4)));
        await log.waitUntilWritable({ signal: AbortSignal.timeout(300) }).then(() => undefined);
      }
      await expectReturn(log);
      expect(await ledger.compare(log)).toEqual([]);
    }
    expect(ledger).toMatchObject({ unknown: 0 });
    expect(ledger.refused).toBeGreaterThanOrEqual(12);
    must(await log.close());
    expect(await ledger.compare(await openLog(dir, SMALL_DISK))).toEqual([]);
  });

  test('a full disk at start that crash-loops: a log opens, reads and closes as often as it is tried, and changes nothing', async () => {
    const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
    const dir = join(volume.path, 'log');
    const log = await openLog(dir, SMALL_DISK);
    for (let i = 0; i < 20; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.')));
    must(await log.close());
    const filler = takeAllBut(volume, 0);
    const before = imprint(dir);
    for (let i = 0; i < 5; i += 1) {
      const again = await openLog(dir, SMALL_DISK);
      expect(again.recovery.clean).toBe(true);
      await expectSound(again, 20);
      must(await again.close());
      expect(imprint(dir)).toEqual(before);
      // A log that does not exist yet cannot be made: that is an answer, not a crash.
      expect((await openFails(join(volume.path, 'new'), 'disk-full', SMALL_DISK)).cause).toBe('space');
    }
    rmSync(filler);
    must(await (await openLog(join(volume.path, 'new'), SMALL_DISK)).append('x'));
  });

  test('a full disk in the middle of recovery: whatever room there is, nothing acknowledged is lost', async () => {
    const source = volumeOf('tmpfs', { bytes: 8 * MIB });
    const log = await openLog(join(source.path, 'log'), SMALL_DISK);
    for (let i = 0; i < 25; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.'), { ack: i % 2 === 0 ? 'written' : 'flushed' }));
    for (const freeBytes of [0, 4 * KIB, 12 * KIB, 40 * KIB, 100 * KIB, 200 * KIB]) {
      const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
      const dir = join(volume.path, 'log');
      cpSync(join(source.path, 'log'), dir, { recursive: true });
      rmSync(join(dir, 'brimlog.spare'), { force: true });
      const filler = takeAllBut(volume, freeBytes);
      for (let i = 0; i < 3; i += 1) {
        const full = await openLog(dir, SMALL_DISK);
        const { withheld, highWatermark } = full.status();
        expect(withheld?.toOffset ?? highWatermark, `${freeBytes} bytes free`).toBe(25);
        await expectSound(full, highWatermark);
        await full[Symbol.asyncDispose]();
      }
      const waiting = await openLog(dir, SMALL_DISK);
      rmSync(filler);
      await expectReturn(waiting);
      expect(waiting.status()).toMatchObject({ withheld: null, highWatermark: 25 });
      must(await waiting.append('after'));
      await expectSound(waiting, 26);
      must(await waiting.close());
    }
  });

  test('consumers that drained everything while the disk stays full: their commits are enough for the return', async () => {
    const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, retention: { bytes: 256 * KIB, keepUnconsumed: true, intervalMs: 60_000 } });
    const consumer = log.consumer('drains');
    must(await consumer.commit(0));
    await fillUp(log);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(log.status()).toMatchObject({ state: 'read-only', logStartOffset: 0 });
    let next = 0;
    for await (const record of log.records({ from: 0 })) next = must(record).offset + 1;
    must(await consumer.commit(next));
    await expectReturn(log);
    must(await log.append('goes on'));
    expect(log.status().logStartOffset).toBeGreaterThan(0);
  });

  test('a flood of failing writes that fills the log of the host: one event for any number of refusals', async () => {
    const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
    const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
    const states = statesOf(log);
    let warnings = 0;
    log.on('warning', () => (warnings += 1));
    await fillUp(log);
    for (let i = 0; i < 20_000; i += 1) expect(mustFail(await log.append('x'), 'disk-full').outcome).toBe('not-appended');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(states).toEqual(['low-space(disk-full)', 'read-only(disk-full)']);
    expect(warnings).toBeLessThanOrEqual(3);
    expect(log.metrics().refusedAppends).toBeGreaterThanOrEqual(20_000);
  });

  test('a mutex left locked by an early return on an error path: after failed writes everything answers', async () => {
    const volume = volumeOf('tmpfs', { bytes: 4 * MIB });
    const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
    const wave = (): Promise<boolean[]> => Promise.all(Array.from({ length: 50 }, async () => (await log.append('w'.padEnd(9_000, '.'))).isErr()));
    while (!(await wave()).includes(true));
    expect(log.status().state).toBe('read-only');
    mustFail(await answers('flush', log.flush()), 'disk-full');
    must(await answers('read', log.read({ from: 0 })));
    must(await answers('verify', log.verify()));
    must(await answers('commit', log.consumer('c').commit(1)));
    must(await answers('runRetention', log.runRetention()));
    mustFail(await answers('append', log.append('x'.padEnd(60_000, '.'))), 'disk-full');
    expect(must(await answers('deleteBefore', log.deleteBefore(100))).segments).toBeGreaterThan(0);
    await expectReturn(log);
    must(await answers('append', log.append('x')));
    must(await answers('close', log.close()));
    expect(log.status().handles.open).toBe(0);
  });
});

describe('the failures of others, where unlinking is all that works', () => {
  test('cleanup that must first create, write, rename or cut a file: segments are deleted all the same', async () => {
    const disk = new FaultyDisk();
    const dir = scratchDirectory();
    const log = await openLog(dir, { ...SMALL_DISK, fileSystem: disk });
    for (let i = 0; i < 60; i += 1) must(await log.append('x'.padEnd(9_000, '.'), { ack: 'written' }));
    disk.inject({ on: ['create', 'write', 'dsync-write', 'rename', 'truncate'], symbol: 'no-space' });
    await fillUp(log);
    const { segments } = must(await log.deleteBefore(50));
    expect(segments).toBeGreaterThan(1);
    expect(log.status()).toMatchObject({ logStartOffset: 50 });
    expect(readdirSync(dir).filter((name) => name.endsWith('.log'))).toHaveLength(log.status().segments);
    disk.heal();
    await expectReturn(log);
    must(await log.append('x'));
    await expectSound(log, log.status().highWatermark - 50);
  });
});

describe.skipIf(!canMount('xfs'))('the failures of others, on xfs', () => {
  test('cleanup that must first create a file: where none can be created, segments are deleted all the same', async () => {
    const volume = volumeOf('xfs');
    takeAllBut(volume, 4 * MIB);
    const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
    await fillUp(log);
    // xfs makes inodes as it goes, 64 at a time: when the last of these are used up no file can be created.
    const createMany = (): void => {
      for (let i = 0; i < 10_000; i += 1) writeFileSync(join(volume.path, `file-${i}`), i < 200 ? 'x'.repeat(4_096) : '');
    };
    expect(createMany).toThrow('ENOSPC');
    expect(must(await log.deleteBefore(20))).toMatchObject({ reason: 'delete-before' });
    expect(log.status().logStartOffset).toBe(20);
    expect(must(await log.deleteBefore(log.status().highWatermark - 5)).segments).toBeGreaterThan(0);
    await expectReturn(log);
    must(await log.append('x'));
    await expectSound(log, log.status().highWatermark - log.status().logStartOffset);
  });
});

describe.skipIf(!canMount('btrfs'))('the failures of others, on btrfs', () => {
  test('a quota whose error has no known code: EDQUOT is told from a full disk by its number, and left the same way', async () => {
    const volume = volumeOf('btrfs');
    const log = await openLog(join(limitedSubvolume(volume, 6 * MIB), 'log'), SMALL_DISK);
    const states = statesOf(log);
    const refused = await fillUp(log, 30_000);
    // Cutting the refused one off may be refused by the quota as well: then the answer is that it is unknown.
    expect(refused).toMatchObject({ kind: 'disk-full', cause: 'quota', errno: -122 });
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'quota' });
    expect(states.at(-1)).toBe('read-only(quota)');
    must(await log.deleteBefore(log.status().highWatermark - 10));
    await expectReturn(log);
    must(await log.append('x'));
    await expectSound(log, log.status().highWatermark - log.status().logStartOffset);
    must(await log.close());
    expect((await MessageLog.open(join(volume.path, 'limited', 'log'), SMALL_DISK).map((again) => again.close())).isOk()).toBe(true);
  });
});
