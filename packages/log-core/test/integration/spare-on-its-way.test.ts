/** A spare that was taken and is still called so: no other one takes its name before it is a segment. */
import { expect, test } from 'vitest';
import type { LogOptions, MessageLog } from '../../src/index.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { expectSound, valuesOf } from '../support/log-content.js';
import { must, mustFail, openLog, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';

const OPTIONS: LogOptions = { ...SMALL, segmentBytesMax: 65_536, batchBytesMax: 16_384, space: { intervalMs: 20 } };
/** Several looks of the space guard, each of which may make a spare. */
const LOOKS_MS = 200;
/** What a spare is renamed to. */
const SEGMENT = /\d\.log$/;

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));
const value = (i: number): string => `${i} `.padEnd(8_000, '.');

interface Rig {
  readonly dir: string;
  readonly disk: FaultyDisk;
  readonly log: MessageLog;
  readonly values: string[];
}

/** A log with a spare, whose next appends roll. */
async function rigUp(options: LogOptions = {}): Promise<Rig> {
  const dir = scratchDirectory();
  const disk = new FaultyDisk();
  const log = await openLog(dir, { ...OPTIONS, ...options, fileSystem: disk });
  const values = Array.from({ length: 8 }, (_, i) => value(i));
  for (const each of values) must(await log.append(each));
  await expect.poll(() => log.status().spare).not.toBeNull();
  return { dir, disk, log, values };
}

async function expectAllThere({ dir, log, values }: Rig): Promise<void> {
  expect(await valuesOf(log)).toEqual(values);
  await expectSound(log, values.length);
  must(await log.close());
  const again = await openLog(dir, OPTIONS);
  expect(again.recovery).toMatchObject({ clean: true, cut: null, quarantined: [] });
  expect(await valuesOf(again)).toEqual(values);
}

test('its renaming takes long: the segment is the file that is written to', async () => {
  const rig = await rigUp();
  const { disk, log, values } = rig;
  disk.inject({ on: 'rename', path: SEGMENT, symbol: 'io', hang: true, times: 1 });
  const rolling = log.append(value(8));
  await expect.poll(() => disk.met.length).toBe(1);
  await pause(LOOKS_MS);
  disk.release();
  must(await rolling);
  values.push(value(8));
  for (let i = 9; i < 12; i += 1) {
    must(await log.append(value(i), { ack: i === 9 ? 'written' : 'flushed' }));
    values.push(value(i));
  }
  await expect.poll(() => log.status().spare).not.toBeNull();
  await expectAllThere(rig);
});

test('its renaming does not answer in time: no other spare is made before it does', async () => {
  const rig = await rigUp({ ioTimeoutMs: 300 });
  const { disk, log, values } = rig;
  disk.inject({ on: 'rename', path: SEGMENT, symbol: 'io', hang: true, times: 1 });
  mustFail(await log.append(value(8)), 'stalled');
  const calls = disk.calls.length;
  await pause(LOOKS_MS);
  expect(disk.calls.slice(calls).filter((call) => call === 'rename brimlog.spare')).toEqual([]);
  disk.release();
  must(await log.waitUntilWritable());
  must(await log.append(value(9)));
  values.push(value(9));
  await expect.poll(() => log.status().spare, { timeout: 15_000 }).not.toBeNull();
  await expectAllThere(rig);
}, 30_000);
