/**
 * A large region that allocates its blocks in the call that writes and syncs it: where that call is cut short, the rest is
 * written too, and what stands in its way is met by name.
 */
import { expect, test, type TestContext } from 'vitest';
import type { MessageLog } from '../../src/index.js';
import { FaultyDisk, type Rule } from '../support/faulty-disk.js';
import { expectSound, valuesOf } from '../support/log-content.js';
import { must, mustFail, openLog } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';

const SEGMENT = /\d\.log$/;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const OPTIONS = { batchBytesMax: MIB, segmentBytesMax: 4 * MIB, space: { intervalMs: 20 } };

const large = (name: string): string => name.padEnd(200_000, '.');

/** The first call is cut short, and the one for the rest meets this. */
function cutShort(then: Rule['symbol'] | null): Rule[] {
  const short: Rule = { on: 'dsync-write', path: SEGMENT, symbol: 'io', bytes: 70_000, short: true, times: 1 };
  return then === null ? [short] : [short, { on: 'dsync-write', path: SEGMENT, symbol: then, times: 1 }];
}

async function rigUp({ skip }: TestContext): Promise<{ readonly dir: string; readonly disk: FaultyDisk; readonly log: MessageLog }> {
  const dir = scratchDirectory();
  const disk = new FaultyDisk();
  const log = await openLog(dir, { ...OPTIONS, fileSystem: disk });
  must(await log.append(large('first')));
  await expect.poll(() => log.status().spare).not.toBeNull();
  if (log.status().spare?.kind === 'ballast') skip('the file system copies on write: a region is written, then synced');
  if (log.status().space.freeBytes < GIB) skip('less than 1 GiB is free: no region allocates its own blocks');
  return { dir, disk, log };
}

async function expectAfterReopening(dir: string, log: MessageLog, values: readonly string[]): Promise<void> {
  expect(await valuesOf(log)).toEqual(values);
  must(await log.close());
  const again = await openLog(dir, OPTIONS);
  expect(again.recovery).toMatchObject({ clean: true, cut: null, quarantined: [] });
  expect(await valuesOf(again)).toEqual(values);
  await expectSound(again, values.length);
}

test('cut short for no reason: the rest is written and synced as well', async (context) => {
  const { dir, disk, log } = await rigUp(context);
  disk.inject(...cutShort(null));
  must(await log.append(large('second')));
  expect(disk.met).toHaveLength(1);
  expect(log.status()).toMatchObject({ state: 'writable', recoveryPoint: 2 });
  await expectAfterReopening(dir, log, [large('first'), large('second')]);
});

test('cut short by a full disk: it is full, not broken, and the log comes back by itself', async (context) => {
  const { dir, disk, log } = await rigUp(context);
  disk.inject(...cutShort('no-space'));
  expect(mustFail(await log.append(large('refused')), 'disk-full')).toMatchObject({ outcome: 'unknown' });
  expect(disk.met).toHaveLength(2);
  must(await log.waitUntilWritable());
  must(await log.append(large('second')));
  await expectAfterReopening(dir, log, [large('first'), large('second')]);
});

test('cut short by a limit of the file’s size: it goes into a fresh segment', async (context) => {
  const { dir, disk, log } = await rigUp(context);
  disk.inject(...cutShort('file-too-large'));
  must(await log.append(large('second')));
  expect(disk.met).toHaveLength(2);
  expect(log.status()).toMatchObject({ state: 'writable', segments: 2, recoveryPoint: 2 });
  await expectAfterReopening(dir, log, [large('first'), large('second')]);
});
