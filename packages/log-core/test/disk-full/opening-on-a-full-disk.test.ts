/** Opening where nothing, or hardly anything, can be written: on a full and on a read-only file system, clean and unclean. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SmallVolume, VolumeKind } from '../../../../scripts/disk-full/small-volume.mjs';
import { expectSound } from '../support/log-content.js';
import { must, mustFail, openLog } from '../support/open-log.js';
import { canMount, expectReturn, imprint, MIB, SMALL_DISK, takeEverything, volumeOf } from './volumes.js';

const RECORDS = 40;

/** A log of 40 records as a crash leaves it: copied while it is open, its tail acknowledged and not known to be flushed. */
async function uncleanLog(kind: VolumeKind, spare: 'with spare' | 'without'): Promise<{ volume: SmallVolume; dir: string }> {
  const source = volumeOf('tmpfs', { bytes: 16 * MIB });
  const log = await openLog(join(source.path, 'log'), SMALL_DISK);
  for (let i = 0; i < RECORDS; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.')));
  await expect.poll(() => log.status().spare).not.toBeNull();
  const volume = volumeOf(kind, kind === 'tmpfs' || kind === 'ext4' ? { bytes: 16 * MIB } : {});
  const dir = join(volume.path, 'log');
  cpSync(join(source.path, 'log'), dir, { recursive: true });
  if (spare === 'without') for (const name of readdirSync(dir)) if (/spare/.test(name)) rmSync(join(dir, name));
  return { volume, dir };
}

/** The same, the first fifteen records deleted; closed, or as a crash leaves it. */
async function logWithDeletions(kind: VolumeKind, stop: 'clean' | 'unclean'): Promise<{ volume: SmallVolume; dir: string }> {
  const source = volumeOf('tmpfs', { bytes: 16 * MIB });
  const log = await openLog(join(source.path, 'log'), SMALL_DISK);
  for (let i = 0; i < RECORDS; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.')));
  expect(must(await log.deleteBefore(15)).segments).toBeGreaterThan(0);
  if (stop === 'clean') must(await log.close());
  const volume = volumeOf(kind, kind === 'tmpfs' || kind === 'ext4' ? { bytes: 16 * MIB } : {});
  const dir = join(volume.path, 'log');
  cpSync(join(source.path, 'log'), dir, { recursive: true });
  for (const name of readdirSync(dir)) if (/spare/.test(name)) rmSync(join(dir, name));
  return { volume, dir };
}

for (const kind of ['tmpfs', 'ext4', 'xfs', 'btrfs'] as const) {
  describe.skipIf(!canMount(kind))(`opening on a full ${kind}`, () => {
    test('clean: no byte is written; it reads, it deletes, and says so', async () => {
      const volume = volumeOf(kind, kind === 'tmpfs' || kind === 'ext4' ? { bytes: 16 * MIB } : {});
      const dir = join(volume.path, 'log');
      const made = await openLog(dir, SMALL_DISK);
      for (let i = 0; i < RECORDS; i += 1) must(await made.append('x'.padEnd(9_000, '.')));
      must(await made.close());
      takeEverything(volume);
      const before = imprint(dir);
      const idle = await openLog(dir, SMALL_DISK);
      expect(idle.recovery.clean).toBe(true);
      expect(idle.status()).toMatchObject({ highWatermark: RECORDS, withheld: null });
      await expectSound(idle, RECORDS);
      must(await idle.close());
      expect(imprint(dir)).toEqual(before);
      const log = await openLog(dir, SMALL_DISK);
      expect(must(await log.deleteBefore(20))).toMatchObject({ reason: 'delete-before', toOffset: 20 });
      await expectReturn(log);
      must(await log.append('x'));
      await expectSound(log, RECORDS - 20 + 1);
      must(await log.close());
    });

    test.each(['clean', 'unclean'] as const)('%s, where something was deleted in an earlier life: it deletes more', async (stop) => {
      const { volume, dir } = await logWithDeletions(kind, stop);
      const filler = takeEverything(volume);
      const log = await openLog(dir, SMALL_DISK);
      expect(log.status().logStartOffset).toBe(15);
      const deleted = must(await log.deleteBefore(30));
      expect(deleted).toMatchObject({ fromOffset: 15, toOffset: 30 });
      expect(deleted.segments).toBeGreaterThan(0);
      rmSync(filler);
      await expectReturn(log);
      must(await log.append('x'));
      must(await log.close());
      const again = await openLog(dir, SMALL_DISK);
      expect(again.status().logStartOffset).toBe(30);
      await expectSound(again, RECORDS - 30 + 1);
    });

    test('unclean, with a spare: the tail is re-homed into it, and all of it is there', async () => {
      const { volume, dir } = await uncleanLog(kind, 'with spare');
      const filler = takeEverything(volume);
      const log = await openLog(dir, SMALL_DISK);
      const { highWatermark, withheld } = log.status();
      expect(withheld?.toOffset ?? highWatermark).toBe(RECORDS);
      if (kind !== 'btrfs') expect({ withheld, rehomed: log.recovery.rehomed?.toOffset }).toEqual({ withheld: null, rehomed: RECORDS });
      await expectSound(log, highWatermark);
      rmSync(filler);
      await expectReturn(log);
      must(await log.append('x'));
      await expectSound(log, RECORDS + 1);
      must(await log.close());
    });

    test('unclean, without a spare: what is not proven is withheld until there is room, then it is all there', async () => {
      const { volume, dir } = await uncleanLog(kind, 'without');
      const filler = takeEverything(volume);
      const log = await openLog(dir, SMALL_DISK);
      const { withheld, highWatermark, recoveryPoint } = log.status();
      if (kind === 'tmpfs') expect(log.status()).toMatchObject({ state: 'read-only', reason: 'disk-full' });
      if (withheld !== null) {
        expect(withheld).toEqual({ fromOffset: highWatermark, toOffset: RECORDS });
        expect(highWatermark).toBe(recoveryPoint);
        mustFail(await log.append('x'), 'disk-full');
      }
      await expectSound(log, highWatermark);
      rmSync(filler);
      await expectReturn(log);
      expect(log.status()).toMatchObject({ withheld: null, highWatermark: RECORDS });
      must(await log.append('x'));
      await expectSound(log, RECORDS + 1);
      must(await log.close());
    });
  });
}

describe.skipIf(!canMount('tmpfs'))('opening on a read-only file system after an unclean stop', () => {
  test('withholds the unproven tail, changes nothing, and shows it all once it may write', async () => {
    const { volume, dir } = await uncleanLog('tmpfs', 'with spare');
    volume.remount('ro');
    const before = imprint(dir);
    const log = await openLog(dir, SMALL_DISK);
    const { highWatermark, recoveryPoint, withheld } = log.status();
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'read-only-fs' });
    expect(withheld).toEqual({ fromOffset: highWatermark, toOffset: RECORDS });
    expect(highWatermark).toBe(recoveryPoint);
    await expectSound(log, highWatermark);
    mustFail(await log.append('x'), 'read-only-fs');
    await log[Symbol.asyncDispose]();
    expect(imprint(dir)).toEqual(before);
    const again = await openLog(dir, SMALL_DISK);
    volume.remount('rw');
    await expectReturn(again);
    expect(again.status()).toMatchObject({ withheld: null, highWatermark: RECORDS });
    must(await again.append('x'));
    await expectSound(again, RECORDS + 1);
  });
});
