/**
 * A small log of three segments, stopped uncleanly and closed, cut at every byte position of every segment.
 *
 * Covered: each position of the three segments' records; of the zeros behind the active one's end, the first and last
 * few. Each is opened with `refuse` and with `quarantine`, read, verified, appended to, closed, and opened again.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MessageLog, type LogOptions } from '../../src/index.js';
import { diskImage, THREE_SEGMENTS, writeImage, type DiskImage } from '../support/broken-log.js';
import { salvage, text } from '../support/log-content.js';
import { must, mustFail, SMALL } from '../support/open-log.js';
import { memoryDirectory } from '../support/scratch-directory.js';

const REFUSE: LogOptions = { ...SMALL, batchBytesMax: 1_024 };
const QUARANTINE: LogOptions = { ...REFUSE, onCorruption: 'quarantine' };

/** What a cut leaves: the end of the last whole batch of its file, as position and offset. */
function wholeBefore(image: DiskImage, file: string, cutAt: number): { readonly position: number; readonly offset: number } {
  const whole = image.batches.filter((batch) => batch.file === file && batch.end <= cutAt).at(-1);
  return { position: whole?.end ?? 0, offset: whole?.nextOffset ?? Number(file.slice(0, 20)) };
}

function nextBase(image: DiskImage, file: string): number {
  const next = image.segments[image.segments.indexOf(file) + 1];
  return next === undefined ? image.appended.length : Number(next.slice(0, 20));
}

/** Where to cut a file: everywhere in its records, and here and there in the zeros behind them. */
function cutsOf(image: DiskImage, file: string): number[] {
  const size = image.files.get(file)!.length;
  const end = image.batches.filter((batch) => batch.file === file).at(-1)!.end;
  const zeros = [end + 1, end + 60, end + 61, size - 1, size].filter((at) => at > end && at <= size);
  return [...Array.from({ length: end + 1 }, (_, i) => i), ...zeros];
}

/** Everything a directory holds, as one buffer. */
function contentOf(dir: string): Buffer {
  return Buffer.concat(readdirSync(dir).flatMap((name) => [Buffer.from(name), readFileSync(join(dir, name))]));
}

async function served(log: MessageLog): Promise<{ values: (string | null)[]; errors: unknown[] }> {
  const { records, errors } = await salvage(log);
  expect(records.map((record) => record.offset)).toEqual([...records.map((record) => record.offset)].sort((a, b) => a - b));
  return { values: records.map((record) => `${record.offset} ${String(text(record.value))}`), errors };
}

const lines = (image: DiskImage, from: number, to: number): string[] => image.appended.slice(from, to).map(({ offset, value }) => `${offset} ${value}`);

/** Appends, closes, and finds everything again. */
async function expectGoesOn(dir: string, log: MessageLog, options: LogOptions, at: number): Promise<void> {
  const before = await served(log);
  expect(must(await log.append('goes on')).baseOffset).toBe(at);
  must(await log.close());
  expect(log.status().handles.open).toBe(0);
  const again = must(await MessageLog.open(dir, options));
  const after = await served(again);
  expect(after.values).toEqual([...before.values, `${at} goes on`]);
  expect(after.errors).toEqual(before.errors);
  expect(again.recovery).toMatchObject({ clean: true, cut: null, rehomed: null });
  must(await again.close());
}

/** The cut proves that flushed records are gone. */
async function expectCorruption(parent: string, image: DiskImage, file: string, cutAt: number, logStart = 0): Promise<void> {
  const dir = writeImage(join(parent, 'cut'), image, { [file]: image.files.get(file)!.subarray(0, cutAt) });
  const kept = wholeBefore(image, file, cutAt);
  const lost = { file: join(dir, file), position: kept.position, fromOffset: kept.offset, nextOffset: nextBase(image, file) };
  const before = contentOf(dir);
  expect(mustFail(await MessageLog.open(dir, REFUSE), 'corruption')).toMatchObject(lost);
  expect(contentOf(dir).equals(before)).toBe(true);

  const log = must(await MessageLog.open(dir, QUARANTINE));
  expect(log.recovery.quarantined).toMatchObject([lost]);
  expect(log.recovery.cut).toBeNull();
  expect(log.status().highWatermark).toBe(image.appended.length);
  const { values, errors } = await served(log);
  expect(values).toEqual([...lines(image, logStart, kept.offset), ...lines(image, lost.nextOffset, image.appended.length)]);
  expect(errors).toMatchObject([{ kind: 'corruption', ...lost }]);
  expect(must(await log.verify()).problems).toMatchObject([{ file: lost.file, position: lost.position, offset: lost.fromOffset }]);
  await expectGoesOn(dir, log, QUARANTINE, image.appended.length);
  rmSync(dir, { recursive: true });
}

/** Nothing proves more: exactly the whole batches before the cut are kept, and the report says so. */
async function expectTorn(parent: string, image: DiskImage, file: string, cutAt: number): Promise<void> {
  const bytes = image.files.get(file)!.subarray(0, cutAt);
  const dir = writeImage(join(parent, 'cut'), image, { [file]: bytes });
  const kept = wholeBefore(image, file, cutAt);
  const torn = bytes.subarray(kept.position);
  const tornBytes = torn.length - [...torn].reverse().findIndex((byte) => byte !== 0);
  const log = must(await MessageLog.open(dir, REFUSE));
  const { recovery } = log;
  expect(recovery).toMatchObject({ clean: false, keptToOffset: kept.offset, quarantined: [], repaired: [], foreignFiles: [] });
  if (torn.every((byte) => byte === 0)) expect(recovery.cut).toBeNull();
  else expect(recovery.cut).toMatchObject({ bytes: tornBytes, fromOffset: kept.offset });
  // A mark proves all but the last batch; the rest gets a segment of its own before it is called durable.
  const unproven = image.batches.filter((batch) => batch.file === file && batch.end <= cutAt).at(-1);
  expect(recovery.rehomed).toEqual(unproven === undefined ? null : { fromOffset: unproven.baseOffset, toOffset: kept.offset });
  expect(log.status()).toMatchObject({ state: 'writable', highWatermark: kept.offset, logEndOffset: kept.offset, recoveryPoint: kept.offset });
  expect(must(await log.verify())).toMatchObject({ records: kept.offset, problems: [] });
  expect(await served(log)).toEqual({ values: lines(image, 0, kept.offset), errors: [] });
  await expectGoesOn(dir, log, REFUSE, kept.offset);
  rmSync(dir, { recursive: true });
}

describe('a log cut at any byte', () => {
  test('closed: every cut is corruption with its place; quarantine serves everything else', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, zerosKept: 200, stop: 'closed' });
    expect(image.segments).toHaveLength(3);
    let cuts = 0;
    for (const file of image.segments) {
      for (const cutAt of cutsOf(image, file)) {
        if (cutAt === image.files.get(file)!.length) continue;
        await expectCorruption(parent, image, file, cutAt).catch(at(file, cutAt));
        cuts += 1;
      }
    }
    expect(cuts).toBe(image.batches.reduce((bytes, batch) => bytes + batch.end - batch.position, 0));
  }, 120_000);

  test('stopped uncleanly: in a sealed segment every cut is corruption, proven by the next segment', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, zerosKept: 200, stop: 'unclean' });
    for (const file of image.segments.slice(0, -1)) {
      for (const cutAt of cutsOf(image, file)) {
        if (cutAt < image.files.get(file)!.length) await expectCorruption(parent, image, file, cutAt).catch(at(file, cutAt));
      }
    }
  }, 120_000);

  test('stopped uncleanly: in the last segment every cut leaves exactly the whole batches before it', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, zerosKept: 200, stop: 'unclean' });
    const file = image.segments.at(-1)!;
    for (const cutAt of cutsOf(image, file)) await expectTorn(parent, image, file, cutAt).catch(at(file, cutAt));
  }, 120_000);

  test('stopped uncleanly after a checkpoint: a cut below its recovery point is corruption', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, zerosKept: 200, stop: 'unclean', deleteBefore: 1 });
    const file = image.segments.at(-1)!;
    const { end } = image.batches.at(-1)!;
    for (let cutAt = 0; cutAt < end; cutAt += 1) await expectCorruption(parent, image, file, cutAt, 1).catch(at(file, cutAt));
    const whole = must(await MessageLog.open(writeImage(join(parent, 'whole'), image, { [file]: image.files.get(file)!.subarray(0, end) }), REFUSE));
    expect(whole.recovery).toMatchObject({ clean: false, cut: null, rehomed: null, quarantined: [] });
    expect((await served(whole)).values).toEqual(lines(image, 1, image.appended.length));
    must(await whole.close());
  }, 120_000);
});

function at(file: string, cutAt: number): (thrown: unknown) => never {
  return (thrown) => {
    throw new Error(`${file} cut at ${cutAt}`, { cause: thrown });
  };
}
