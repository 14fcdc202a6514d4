/** The spare as reserve: made in time, spent before anything is refused, made again without being a load. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { expectSound } from '../support/log-content.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { must, openLog } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';
import { canMount, expectReturn, expectState, fillUp, MIB, SMALL_DISK, statesOf, takeAllBut, volumeOf, writtenBytes } from './volumes.js';

const RECORD = 'x'.padEnd(9_000, '.');

describe('the spare in the making', () => {
  test.each(['is made', 'cannot be made'])('takes the room an append needs: the append waits until it %s, and is not refused', async (outcome) => {
    const disk = new FaultyDisk();
    const log = await openLog(scratchDirectory(), { ...SMALL_DISK, fileSystem: disk });
    const states = statesOf(log);
    disk.inject({ on: 'write', path: 'spare.tmp', symbol: 'no-space', hang: true, times: 1 });
    if (outcome === 'cannot be made') disk.inject({ on: 'sync', path: 'spare.tmp', symbol: 'no-space', times: 1 });
    must(await log.append(RECORD));
    await expect.poll(() => disk.met).toContain('write brimlog.spare.tmp');
    disk.inject({ on: 'write', path: '.log', symbol: 'no-space', times: 1 });
    const meets = log.append(RECORD);
    await expect.poll(() => disk.met).toContain('write 00000000000000000000.log');
    disk.release();
    must(await meets);
    expect(states.filter((state) => state.startsWith('read-only'))).toEqual([]);
    await expectSound(log, 2);
  });
});

describe.skipIf(!canMount('tmpfs'))('the spare, on tmpfs', () => {
  test('a large reserve is no space lost: when the first append is refused, the disk is full', async () => {
    const volume = volumeOf('tmpfs', { bytes: 8 * MIB });
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, space: { reserveBytes: 4 * MIB, intervalMs: 20 } });
    must(await log.append(RECORD));
    await expect.poll(() => log.status().spare).toEqual({ bytes: 4 * MIB, kind: 'blocks' });
    await fillUp(log);
    expect(log.status()).toMatchObject({ state: 'read-only', spare: null });
    expect(volume.freeBytes).toBeLessThan(64 * 1_024);
  });

  test('in low-space it is not written over and over where statfs shows no room for it', async () => {
    const volume = volumeOf('tmpfs', { bytes: 64 * MIB });
    const filler = takeAllBut(volume, 7 * MIB);
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, space: { reserveBytes: 8 * MIB, intervalMs: 300 } });
    must(await log.append(RECORD));
    await expectState(log, 'low-space');
    const before = writtenBytes();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(writtenBytes() - before).toBeLessThan(2 * MIB);
    rmSync(filler);
    await expectState(log, 'writable');
    expect(log.status().spare).toEqual({ bytes: 8 * MIB, kind: 'blocks' });
  });

  test('a volume that was too small for one gets one when it has grown', async () => {
    const volume = volumeOf('tmpfs', { bytes: MIB });
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, space: { reserveBytes: 2 * MIB, intervalMs: 100 } });
    const warnings: string[] = [];
    log.on('warning', ({ error }) => warnings.push(error.kind));
    for (let i = 0; i < 5; i += 1) must(await log.append(RECORD));
    await expect.poll(() => warnings).toEqual(['no-spare']);
    expect(log.status().spare).toBeNull();
    volume.remount(`size=${16 * MIB}`);
    await expect.poll(() => log.status().spare, { timeout: 3_000 }).toEqual({ bytes: 2 * MIB, kind: 'blocks' });
    expect(warnings).toEqual(['no-spare']);
  });

  test('delete-oldest, where the active segment alone fills what there is: it is sealed, and goes', async () => {
    const volume = volumeOf('tmpfs', { bytes: 64 * MIB });
    takeAllBut(volume, 3 * MIB);
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, segmentBytesMax: 16 * MIB, onDiskFull: 'delete-oldest' });
    const states = statesOf(log);
    for (let i = 0; i < 1_500; i += 1) must(await log.append(RECORD, { ack: 'written' }));
    expect(states.filter((state) => state.startsWith('read-only'))).toEqual([]);
    expect(log.status().logStartOffset).toBeGreaterThan(500);
    // It may still be deleting while it is read.
    await vi.waitFor(() => expectSound(log, 1_500 - log.status().logStartOffset), { timeout: 5_000 });
  });

  test('reject, where the active segment alone fills what there is: nothing goes until deleteBefore', async () => {
    const volume = volumeOf('tmpfs', { bytes: 64 * MIB });
    takeAllBut(volume, 3 * MIB);
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, segmentBytesMax: 16 * MIB, onDiskFull: 'reject' });
    await fillUp(log);
    expect(log.status()).toMatchObject({ state: 'read-only', logStartOffset: 0 });
    must(await log.deleteBefore(log.status().highWatermark));
    await expectReturn(log);
    must(await log.append(RECORD));
    await expectSound(log, 1);
  });
});
