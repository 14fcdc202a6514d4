/**
 * A small log of three segments, stopped uncleanly and closed, with every bit flipped in turn, and with ranges of it
 * zeroed, set, or overwritten: never a wrong record, never a whole one lost below a proven end without a corruption.
 *
 * Covered: every bit of every batch header (61 bytes), every fifth bit of the records, every bit of the side files that
 * means something, and ranges between every two of five places in each batch.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MessageLog, type LogOptions } from '../../src/index.js';
import { diskImage, THREE_SEGMENTS, writeImage, type BatchPlace, type DiskImage } from '../support/broken-log.js';
import { salvage, text } from '../support/log-content.js';
import { must, SMALL } from '../support/open-log.js';
import { memoryDirectory } from '../support/scratch-directory.js';

const REFUSE: LogOptions = { ...SMALL, batchBytesMax: 1_024 };
const QUARANTINE: LogOptions = { ...REFUSE, onCorruption: 'quarantine' };
const HEADER_BYTES = 61;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Batches of which at least one byte is another one now. */
function touched(image: DiskImage, file: string, bytes: Uint8Array): BatchPlace[] {
  const before = image.files.get(file)!;
  return image.batches.filter((batch) => batch.file === file && !before.subarray(batch.position, batch.end).equals(bytes.subarray(batch.position, batch.end)));
}

/**
 * What must be told as corruption: everything touched, but for a tail of the last segment that nothing proves, which
 * looks like a torn write. A batch proves all that lies before it.
 */
function provenLost(image: DiskImage, stop: 'closed' | 'unclean', damaged: readonly BatchPlace[]): BatchPlace[] {
  if (stop === 'closed') return [...damaged];
  const last = image.segments.at(-1)!;
  const lastWhole = image.batches.filter((batch) => batch.file === last && !damaged.includes(batch)).at(-1);
  return damaged.filter((batch) => batch.file !== last || batch.position < (lastWhole?.position ?? 0));
}

const holds = (batches: readonly BatchPlace[], offset: number): boolean => batches.some((batch) => offset >= batch.baseOffset && offset < batch.nextOffset);

/** Opens a damaged log, `refuse` too where that is asked for, and checks what it serves and what it tells. */
async function expectHonest(parent: string, image: DiskImage, stop: 'closed' | 'unclean', file: string, bytes: Uint8Array, refuseToo: boolean): Promise<void> {
  const damaged = touched(image, file, bytes);
  const lost = provenLost(image, stop, damaged);
  const dir = writeImage(join(parent, 'damaged'), image, { [file]: bytes });
  const refused = refuseToo ? await MessageLog.open(dir, REFUSE) : null;
  if (refused?.isErr() === true) {
    expect(refused.error).toMatchObject({ kind: 'corruption' });
    expect(lost).not.toEqual([]);
  }
  const log = refused?.isOk() === true ? refused.value : must(await MessageLog.open(dir, QUARANTINE));
  await expectServed(log, image, damaged, lost);
  must(await log.close());
  rmSync(dir, { recursive: true });
}

async function expectServed(log: MessageLog, image: DiskImage, damaged: readonly BatchPlace[], lost: readonly BatchPlace[]): Promise<void> {
  const { records, errors } = await salvage(log);
  const expected = image.appended.filter(({ offset }) => !holds(damaged, offset));
  expect(records.map((record) => `${record.offset} ${String(text(record.value))}`)).toEqual(expected.map(({ offset, value }) => `${offset} ${value}`));
  for (const error of errors) expect(error.kind).toBe('corruption');
  const told = errors.map((error) => error as { fromOffset: number; nextOffset: number });
  for (const { offset } of image.appended) {
    const isTold = told.some((range) => offset >= range.fromOffset && offset < range.nextOffset);
    // The tail that looks torn was cut, and the log ends before it.
    if (isTold !== holds(lost, offset)) throw new Error(`offset ${offset} is ${isTold ? '' : 'not '}told as lost: ${JSON.stringify(told)}`);
  }
  const { problems } = must(await log.verify());
  expect(problems.length).toBe(errors.length);
  const torn = damaged.filter((batch) => !lost.includes(batch));
  if (torn.length > 0) expect(log.status().highWatermark).toBe(torn[0]!.baseOffset);
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >>> 3]! ^= 0x80 >>> (bit & 7);
  return copy;
}

function overwritten(bytes: Buffer, range: Range, fill: 'zeros' | 'ones' | 'garbage'): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = range.from; at < range.to; at += 1) copy[at] = fill === 'zeros' ? 0 : fill === 'ones' ? 0xff : (at * 193 + 89) & 0xff;
  return copy;
}

/** Begin and end of each batch, and some places inside. */
function placesIn(image: DiskImage, file: string): number[] {
  const batches = image.batches.filter((batch) => batch.file === file);
  return [...batches.flatMap(({ position, end }) => [position, position + 8, position + 17, position + HEADER_BYTES, end - 1]), batches.at(-1)!.end];
}

describe.each(['closed', 'unclean'] as const)('a log that was stopped %s', (stop) => {
  test.each([0, 1, 2])('segment %i with any bit flipped', async (index) => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, zerosKept: 200, stop });
    const file = image.segments[index]!;
    const bytes = image.files.get(file)!;
    for (const batch of image.batches.filter((each) => each.file === file)) {
      for (let bit = batch.position * 8; bit < batch.end * 8; bit += 1) {
        if (bit >= (batch.position + HEADER_BYTES) * 8 && bit % 5 > 0) continue;
        await expectHonest(parent, image, stop, file, flipped(bytes, bit), bit % 8 === 0).catch((thrown: unknown) => {
          throw new Error(`${file}, bit ${bit}: byte ${(bit >>> 3) - batch.position} of the batch at ${batch.position}`, { cause: thrown });
        });
      }
    }
  }, 120_000);

  test.each(['zeros', 'ones', 'garbage'] as const)('with any range of a segment overwritten by %s', async (fill) => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, zerosKept: 200, stop });
    for (const file of image.segments) {
      const places = placesIn(image, file);
      for (const [i, from] of places.entries()) {
        // Every range with zeros; with other bytes every other end.
        for (const to of places.slice(i + 1).filter((_, j) => fill === 'zeros' || j % 2 === i % 2)) {
          const bytes = overwritten(image.files.get(file)!, { from, to }, fill);
          await expectHonest(parent, image, stop, file, bytes, true).catch((thrown: unknown) => {
            throw new Error(`${file}, ${fill} from ${from} to ${to}`, { cause: thrown });
          });
        }
      }
    }
  }, 120_000);

  test.each(['brimlog.checkpoint', 'brimlog.segments', 'brimlog.watermark', '.index', '.timeindex'])('with any bit of %s flipped, every record is served', async (name) => {
    const parent = memoryDirectory();
    const options = { indexIntervalBytes: 1 };
    const image = await diskImage(parent, { ...THREE_SEGMENTS, zerosKept: 200, stop, options });
    const file = name.startsWith('.') ? image.segments[0]!.replace('.log', name) : name;
    const bytes = image.files.get(file)!;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      // The rest of a checkpoint's slot means nothing.
      if (name === 'brimlog.checkpoint' && (bit >>> 3) % 4_096 >= 128) continue;
      const dir = writeImage(join(parent, 'damaged'), image, { [file]: flipped(bytes, bit) });
      const log = must(await MessageLog.open(dir, { ...REFUSE, ...options }));
      const { records, errors } = await salvage(log);
      expect(errors, `bit ${bit}`).toEqual([]);
      expect(records.map((record) => text(record.value)), `bit ${bit}`).toEqual(image.appended.map(({ value }) => value));
      for (let from = 0; from < image.appended.length; from += 1) expect([...must(await log.read({ from, bytesMax: 1 })).records][0]?.offset, `bit ${bit}`).toBe(from);
      must(await log.close());
      rmSync(dir, { recursive: true });
    }
  }, 120_000);
});
