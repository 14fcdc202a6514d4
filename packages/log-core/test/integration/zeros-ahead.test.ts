/**
 * Zeros that are written into the page cache behind a large region while it is synced: what is written or cut after them waits
 * for them, for they would overwrite it, or undo it; that they fail takes nothing from what was appended.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import type { LogOptions, MessageLog } from '../../src/index.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { expectSound, valuesOf } from '../support/log-content.js';
import { must, mustFail, openLog } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';

const SEGMENT = /\d\.log$/;
const FIRST_SEGMENT = '00000000000000000000.log';
const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** A value that makes a large region. */
const large = (name: string): string => name.padEnd(200_000, '.');

interface Rig {
  readonly dir: string;
  readonly disk: FaultyDisk;
  readonly log: MessageLog;
}

/** A log whose next large region allocates its own blocks and is followed by zeros. */
async function rigUp({ skip }: TestContext, options: LogOptions = {}): Promise<Rig> {
  const dir = scratchDirectory();
  const disk = new FaultyDisk();
  const log = await openLog(dir, { batchBytesMax: MIB, segmentBytesMax: MIB, fileSystem: disk, ...options });
  must(await log.append('first'));
  await expect.poll(() => log.status().spare).not.toBeNull();
  if (log.status().spare?.kind === 'ballast') skip('the file system copies on write: nothing is written ahead');
  if (log.status().space.freeBytes < GIB) skip('less than 1 GiB is free: no region allocates its own blocks');
  return { dir, disk, log };
}

/** Appends, and answers as soon as both the region and the zeros behind it hang. */
async function appendHanging({ disk, log }: Rig, value: string): Promise<{ readonly appended: ReturnType<MessageLog['append']> }> {
  disk.inject({ on: ['dsync-write', 'write'], path: SEGMENT, symbol: 'io', hang: true, times: 2 });
  const met = disk.met.length;
  const appended = log.append(value);
  await expect.poll(() => disk.met.slice(met)).toEqual([`dsync-write ${FIRST_SEGMENT}`, `write ${FIRST_SEGMENT}`]);
  return { appended };
}

const regionsOf = (disk: FaultyDisk): number => disk.calls.filter((call) => call === `dsync-write ${FIRST_SEGMENT}`).length;

test('no append waits for the zeros behind it, and none overtakes those ahead of it', async (context) => {
  const rig = await rigUp(context);
  const { disk, log } = rig;
  const { appended } = await appendHanging(rig, large('a'));
  disk.release('dsync-write');
  must(await appended);
  expect(log.status().recoveryPoint).toBe(2);
  const before = regionsOf(disk);
  const second = log.append(large('b'));
  await new Promise((resume) => setTimeout(resume, 50));
  expect(regionsOf(disk)).toBe(before);
  disk.release();
  must(await second);
  expect(regionsOf(disk)).toBe(before + 1);
  expect(await valuesOf(log)).toEqual(['first', large('a'), large('b')]);
  await expectSound(log, 3);
});

test.for(['roll', 'close'] as const)('they are gone after the %s, also where they were still on their way', async (by, context) => {
  const rig = await rigUp(context);
  const { disk, log, dir } = rig;
  const { appended } = await appendHanging(rig, large('a'));
  disk.release('dsync-write');
  must(await appended);
  const recordBytes = log.metrics().appendedBytes;
  const ended = by === 'close' ? log.close().match(() => true, () => false) : log.append(''.padEnd(900_000, '.')).match(() => true, () => false);
  await new Promise((resume) => setTimeout(resume, 50));
  disk.release();
  expect(await ended).toBe(true);
  expect(statSync(join(dir, FIRST_SEGMENT)).size).toBe(recordBytes);
});

test('the disk has no room for them: nobody is told, and regions are written, then synced', async (context) => {
  const { disk, log } = await rigUp(context);
  const heal = disk.inject({ on: 'write', path: SEGMENT, symbol: 'no-space' });
  // A region may be done before its zeros are begun, and goes without then.
  for (let i = 0; disk.met.length === 0 && i < 4; i += 1) must(await log.append(large('a')));
  if (disk.met.length === 0) context.skip('the disk was faster than the zeros each time');
  heal();
  const from = disk.calls.length;
  must(await log.append(large('b')));
  expect(disk.calls.slice(from).filter((call) => SEGMENT.test(call))).toEqual([`write ${FIRST_SEGMENT}`, `sync ${FIRST_SEGMENT}`]);
  expect(log.status().state).toBe('writable');
  await expectSound(log, log.status().logEndOffset);
});

test('they do not answer: what comes next is stalled in time, and service returns once they have', async (context) => {
  const rig = await rigUp(context, { ioTimeoutMs: 1_000 });
  const { disk, log } = rig;
  const { appended } = await appendHanging(rig, large('a'));
  disk.release('dsync-write');
  must(await appended);
  mustFail(await log.append(large('b')), 'stalled');
  expect(log.status()).toMatchObject({ state: 'read-only', reason: 'stalled' });
  disk.release();
  must(await log.waitUntilWritable());
  must(await log.append(large('c')));
  expect(await valuesOf(log)).toEqual(['first', large('a'), large('c')]);
  await expectSound(log, 3);
});

test('neither they nor the region answer: the file is left alone until both have', async (context) => {
  const rig = await rigUp(context, { ioTimeoutMs: 200 });
  const { disk, log } = rig;
  const { appended } = await appendHanging(rig, large('a'));
  expect(mustFail(await appended, 'stalled').outcome).toBe('unknown');
  const from = disk.calls.length;
  disk.release('dsync-write');
  await new Promise((resume) => setTimeout(resume, 100));
  expect(disk.calls.slice(from).filter((call) => SEGMENT.test(call))).toEqual([]);
  expect(log.status()).toMatchObject({ state: 'read-only', reason: 'stalled' });
  disk.release();
  must(await log.waitUntilWritable());
  must(await log.append('after'));
  expect(await valuesOf(log)).toEqual(['first', 'after']);
  await expectSound(log, 2);
});
