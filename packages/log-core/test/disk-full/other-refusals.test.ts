/** Other ways in which a disk refuses: the log's own quota, no inodes, a read-only file system, no permission. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { FaultyDisk } from '../support/faulty-disk.js';
import { expectSound } from '../support/log-content.js';
import { must, mustFail, openLog } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';
import { canMount, expectReturn, expectState, fillUp, KIB, MIB, SMALL_DISK, statesOf, takeAllBut, takenBytes, volumeOf } from './volumes.js';

/** Immutable: not even root may create, rename or remove anything in it. */
function setImmutable(path: string, immutable: boolean): void {
  execFileSync('chattr', [immutable ? '+i' : '-i', path]);
}

describe('quotaBytesMax', () => {
  test('is a full disk with the reason quota, left as soon as deleteBefore makes room', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL_DISK, quotaBytesMax: 2 * MIB });
    const states = statesOf(log);
    const refused = await fillUp(log);
    expect(refused).toMatchObject({ kind: 'disk-full', cause: 'quota', outcome: 'not-appended' });
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'quota' });
    expect(log.status().bytes).toBeGreaterThan(MIB);
    expect(log.status().bytes).toBeLessThanOrEqual(2 * MIB);
    mustFail(await log.append('x'), 'disk-full');
    must(await log.deleteBefore(100));
    await expectReturn(log);
    must(await log.append('x'));
    await expectState(log, 'writable');
    expect(states).toContain('read-only(quota)');
    await expectSound(log, log.status().highWatermark - log.status().logStartOffset);
  });

  test('is announced by low-space, and the spare is given up before an append is refused, and made again when there is room', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL_DISK, segmentBytesMax: 512 * KIB, quotaBytesMax: 4 * MIB });
    const states = statesOf(log);
    let held = 0;
    for (let appended = await log.append('x'); appended.isOk(); appended = await log.append('x'.padEnd(9_000, '.'))) {
      await expect.poll(() => log.status().spare !== null || log.status().state === 'low-space').toBe(true);
      if (log.status().spare !== null) held = log.status().bytes;
    }
    expect(log.status()).toMatchObject({ state: 'read-only', spare: null });
    expect(log.status().bytes - held).toBeGreaterThan(32 * KIB);
    expect(states).toEqual(['low-space(quota)', 'read-only(quota)']);
    must(await log.deleteBefore(200));
    await expectReturn(log);
    await expectState(log, 'writable');
    expect(states).toEqual(['low-space(quota)', 'read-only(quota)', 'writable']);
    must(await log.append('x'));
    await expect.poll(() => log.status().spare).not.toBeNull();
    await expectSound(log, log.status().highWatermark - log.status().logStartOffset);
  });

  test('is never exceeded, not by a crowd of producers either, in whole blocks on the disk', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir, { ...SMALL_DISK, segmentBytesMax: 512 * KIB, queueBytesMax: 4 * MIB, quotaBytesMax: 4 * MIB });
    let refused = false;
    let takenMax = 0;
    while (!refused) {
      const wave = await Promise.all(Array.from({ length: 40 }, (_, i) => log.append(`${i}`.padEnd(30_000, '.'), { ack: 'written' })));
      takenMax = Math.max(takenMax, takenBytes(dir));
      refused = wave.some((appended) => appended.isErr());
    }
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'quota' });
    expect(log.status().bytes).toBeGreaterThan(3.5 * MIB);
    expect(takenMax).toBeLessThanOrEqual(4 * MIB);
    await expectSound(log, log.status().highWatermark);
  });

  test('is never exceeded where the files of deleted segments stay', async () => {
    const dir = scratchDirectory();
    const disk = new FaultyDisk();
    disk.inject({ on: 'unlink', path: '.log', symbol: 'io' });
    const log = await openLog(dir, { ...SMALL_DISK, segmentBytesMax: 512 * KIB, quotaBytesMax: 4 * MIB, onDiskFull: 'delete-oldest', fileSystem: disk });
    await fillUp(log, 30_000);
    expect(disk.met).toContain('unlink 00000000000000000000.log');
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'quota' });
    expect(takenBytes(dir)).toBeLessThanOrEqual(4 * MIB);
  });

  test.each([64, 80, 100, 256])("delete-oldest within %d KiB, less than a batch may take: no append is refused, and a third of it or more holds records", async (kib) => {
    const quotaBytesMax = kib * KIB;
    const log = await openLog(scratchDirectory(), { segmentBytesMax: 64 * KIB, quotaBytesMax, onDiskFull: 'delete-oldest', space: { intervalMs: 100 } });
    let most = 0;
    for (let i = 0; i < 600; i += 1) {
      must(await log.append('x'.repeat(1_000)));
      most = Math.max(most, log.status().bytes);
    }
    expect(log.status().logStartOffset).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(quotaBytesMax / 3);
    expect(most).toBeLessThanOrEqual(quotaBytesMax);
  });

  test('too small for a spare: announced all the same', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL_DISK, quotaBytesMax: 128 * KIB });
    const states = statesOf(log);
    await fillUp(log, 3_000);
    expect(states).toEqual(['low-space(quota)', 'read-only(quota)']);
    must(await log.deleteBefore(log.status().highWatermark));
    await expectReturn(log);
    must(await log.append('x'));
  });

  test('retention makes room before it is met', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL_DISK, quotaBytesMax: 2 * MIB, retention: { bytes: 512 * KIB, intervalMs: 3_600_000 } });
    for (let i = 0; i < 600; i += 1) must(await log.append('x'.padEnd(9_000, '.'), { ack: 'written' }));
    must(await log.runRetention());
    expect(log.status().logStartOffset).toBeGreaterThan(400);
    await expectSound(log, log.status().highWatermark - log.status().logStartOffset);
  });
});

describe.skipIf(!canMount('tmpfs'))('no inodes', () => {
  test('cause is inodes, bytes being free; deleting segments is the way back', async () => {
    const volume = volumeOf('tmpfs', { bytes: 64 * MIB, options: 'nr_inodes=40' });
    const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
    const refused = await fillUp(log);
    expect(refused).toMatchObject({ kind: 'disk-full', cause: 'inodes', outcome: 'not-appended' });
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'disk-full' });
    expect(volume.freeBytes).toBeGreaterThan(32 * MIB);
    expect(must(await log.deleteBefore(100)).segments).toBeGreaterThan(0);
    await expectReturn(log);
    for (let i = 0; i < 20; i += 1) must(await log.append('x'.padEnd(9_000, '.')));
    await expectSound(log, log.status().highWatermark - log.status().logStartOffset);
  });
});

for (const kind of ['tmpfs', 'ext4'] as const) {
  describe.skipIf(!canMount(kind))(`a read-only file system, ${kind}`, () => {
    test('opens clean without a byte written, reads, refuses by its name, and returns once it may be written', async () => {
      const volume = volumeOf(kind, { bytes: 16 * MIB });
      const dir = join(volume.path, 'log');
      const made = await openLog(dir, SMALL_DISK);
      for (let i = 0; i < 40; i += 1) must(await made.append('x'.padEnd(9_000, '.')));
      must(await made.close());
      volume.remount('ro');
      const log = await openLog(dir, SMALL_DISK);
      const states = statesOf(log);
      expect(log.recovery.clean).toBe(true);
      expect(log.status()).toMatchObject({ state: 'read-only', reason: 'read-only-fs', withheld: null, highWatermark: 40 });
      await expectSound(log, 40);
      expect(mustFail(await log.append('x'), 'read-only-fs').outcome).toBe('not-appended');
      mustFail(await log.flush(), 'read-only-fs');
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(log.status().state).toBe('read-only');
      volume.remount('rw');
      await expectReturn(log);
      must(await log.append('x'));
      expect(states[0]).toBe('writable');
      await expectSound(log, 41);
      must(await log.close());
    });
  });
}

describe.skipIf(!canMount('ext4'))('an open log on ext4', () => {
  test('whose file system turns read-only: reads go on, it is refused by its name, and reopening has all that was acknowledged', async () => {
    const volume = volumeOf('ext4', { bytes: 16 * MIB, options: 'errors=remount-ro' });
    const dir = join(volume.path, 'log');
    const log = await openLog(dir, SMALL_DISK);
    const states = statesOf(log);
    for (let i = 0; i < 40; i += 1) must(await log.append('x'.padEnd(9_000, '.')));
    volume.turnReadOnly();
    // What reached the file cannot be cut off again: whether it is there is not known.
    expect(mustFail(await log.append('y', { ack: 'written' }), 'read-only-fs')).toMatchObject({ outcome: 'unknown', errno: -30 });
    expect(mustFail(await log.append('z'), 'read-only-fs').outcome).toBe('not-appended');
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'read-only-fs', highWatermark: 40 });
    mustFail(await log.flush(), 'read-only-fs');
    mustFail(await log.consumer('c').commit(1), 'read-only-fs');
    await expectSound(log, 40);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(states).toEqual(['read-only(read-only-fs)']);
    await log[Symbol.asyncDispose]();
    expect(log.status().handles.open).toBe(0);
    volume.mountAgain();
    const again = await openLog(dir, SMALL_DISK);
    expect([40, 41]).toContain(again.status().highWatermark);
    must(await again.append('after'));
    await expectSound(again, again.status().highWatermark);
  });

  test('whose directory may not be changed any more (EPERM): read-only(permission), deletions told as failed, until it may', async () => {
    const volume = volumeOf('ext4', { bytes: 16 * MIB });
    const dir = join(volume.path, 'log');
    const log = await openLog(dir, SMALL_DISK);
    const states = statesOf(log);
    const warnings: string[] = [];
    log.on('warning', ({ during }) => warnings.push(during));
    for (let i = 0; i < 40; i += 1) must(await log.append('x'.padEnd(9_000, '.')));
    setImmutable(dir, true);
    expect(await fillUp(log)).toMatchObject({ kind: 'permission', outcome: 'not-appended', errno: -1 });
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'permission' });
    const { highWatermark } = log.status();
    expect(must(await log.deleteBefore(highWatermark - 1))).toMatchObject({ segments: 0, stoppedBy: 'io', reason: 'delete-before' });
    expect(warnings).toContain('deleting a segment');
    await expectSound(log, 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(states.filter((state) => state !== 'low-space(disk-full)')).toEqual(['read-only(permission)']);
    setImmutable(dir, false);
    await expectReturn(log);
    must(await log.append('after'));
    await expect.poll(() => readdirSync(dir).filter((name) => name.endsWith('.log')).length).toBe(log.status().segments);
    await expectSound(log, 2);
    must(await log.close());
  });
});

describe.skipIf(process.geteuid?.() !== 0)('no permission', () => {
  afterEach(() => process.seteuid?.(0));

  test('a directory that may not be written any more: read-only(permission) until the probe succeeds', async () => {
    const dir = scratchDirectory();
    chownSync(dir, 65_534, 65_534);
    process.seteuid?.(65_534);
    const log = await openLog(dir, SMALL_DISK);
    must(await log.append('before'));
    process.seteuid?.(0);
    chmodSync(dir, 0o500);
    process.seteuid?.(65_534);
    const refused = await fillUp(log);
    expect(refused).toMatchObject({ kind: 'permission', outcome: 'not-appended' });
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'permission' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(log.status().state).toBe('read-only');
    must(await log.read({ from: 0 }));
    process.seteuid?.(0);
    chmodSync(dir, 0o700);
    process.seteuid?.(65_534);
    await expectReturn(log);
    must(await log.append('after'));
    await expectSound(log, log.status().highWatermark);
    must(await log.close());
  });

  test('files that may not be written: opens, reads, and returns once they may', async () => {
    const dir = scratchDirectory();
    const made = await openLog(dir, SMALL_DISK);
    must(await made.append('x'));
    must(await made.close());
    chmodSync(dir, 0o755);
    process.seteuid?.(65_534);
    const log = await openLog(dir, SMALL_DISK);
    const states = statesOf(log);
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'permission', highWatermark: 1 });
    mustFail(await log.append('y'), 'permission');
    await expectSound(log, 1);
    // A directory that may be written is no proof for the files in it.
    process.seteuid?.(0);
    chmodSync(dir, 0o777);
    process.seteuid?.(65_534);
    await new Promise((resolve) => setTimeout(resolve, 300));
    mustFail(await log.append('y'), 'permission');
    expect(states).toEqual([]);
    process.seteuid?.(0);
    for (const name of readdirSync(dir)) chownSync(join(dir, name), 65_534, 65_534);
    process.seteuid?.(65_534);
    await expectReturn(log);
    must(await log.append('y'));
    await expectSound(log, 2);
    must(await log.close());
  });
});

describe.skipIf(!canMount('tmpfs'))('another program', () => {
  test('takes the last byte between two looks: what was in flight is refused, nothing is lost', async () => {
    const volume = volumeOf('tmpfs', { bytes: 16 * MIB });
    const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
    must(await log.append('before'));
    for (let round = 0; round < 3; round += 1) {
      const filler = takeAllBut(volume, 0);
      await fillUp(log);
      rmSync(filler);
      await expectReturn(log);
      must(await log.append('after'));
    }
    await expectSound(log, log.status().highWatermark);
  });
});
