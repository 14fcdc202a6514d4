/** Logs on disk to do damage to: a small one of three segments, its files, and copies as a crash would leave them. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogOptions } from '../../src/index.js';
import { MovableClock } from './movable-clock.js';
import { must, openLog, SMALL } from './open-log.js';

/** One record as it was appended: what a damaged log may serve at its offset, or not serve. */
export interface Appended {
  readonly offset: number;
  readonly value: string;
}

/** Where a batch lies. */
export interface BatchPlace {
  readonly file: string;
  readonly position: number;
  readonly end: number;
  readonly baseOffset: number;
  readonly nextOffset: number;
}

/** A log on disk: its files' bytes by name, what was appended, and where every batch lies. */
export interface DiskImage {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly appended: readonly Appended[];
  readonly batches: readonly BatchPlace[];
  /** Names of the segments, oldest first. */
  readonly segments: readonly string[];
}

/** How a small log is made. */
export interface Recipe {
  /** Batches of each segment; a batch of n records is given as n. */
  readonly segments: readonly (readonly number[])[];
  readonly valueBytes: number;
  readonly stop: 'closed' | 'unclean';
  /** Moves the log start there last, which also notes the recovery point in the checkpoint. */
  readonly deleteBefore?: number;
  /** So many of the zeros behind the end are kept, and the spare is left out: for sweeps of thousands of copies. */
  readonly zerosKept?: number;
  /** Options besides the small ones. */
  readonly options?: LogOptions;
}

/** Three segments of a few hundred bytes each, so that every byte and bit of them can be tried. */
export const THREE_SEGMENTS = { segments: [[1, 2], [2], [1, 3, 1]], valueBytes: 20 } as const;

const SEGMENT_MS = 60_000;

/**
 * Makes a log in a new directory below `parent`, rolling by age, and reads it back as bytes. An unclean one is copied
 * while it is open, after every append was acknowledged as flushed.
 */
export async function diskImage(parent: string, recipe: Recipe): Promise<DiskImage> {
  const dir = join(parent, `made-${recipe.stop}`);
  const clock = new MovableClock();
  const log = await openLog(dir, { ...SMALL, batchBytesMax: 1_024, segmentMs: SEGMENT_MS, clock, ...recipe.options });
  const appended: Appended[] = [];
  for (const batches of recipe.segments) {
    clock.pass(SEGMENT_MS);
    for (const count of batches) {
      const values = Array.from({ length: count }, (_, i) => `value ${appended.length + i} `.padEnd(recipe.valueBytes, '.'));
      const { baseOffset } = must(await log.append(values));
      for (const [i, value] of values.entries()) appended.push({ offset: baseOffset + i, value });
    }
  }
  if (recipe.deleteBefore !== undefined) must(await log.deleteBefore(recipe.deleteBefore));
  const copy = join(parent, `copied-${recipe.stop}`);
  if (recipe.stop === 'closed') must(await log.close());
  crashCopy(dir, copy);
  must(await log.close());
  const whole = new Map(readdirSync(copy).map((name) => [name, readFileSync(join(copy, name))]));
  const segments = [...whole.keys()].filter((name) => name.endsWith('.log')).sort();
  const batches = segments.flatMap((name) => placesOf(name, whole.get(name)!));
  const files = recipe.zerosKept === undefined ? whole : lean(whole, batches, recipe.zerosKept);
  return { files, appended, batches, segments };
}

/** Copies a log while it is open, as a crash of the process would leave it. Files that come and go meanwhile may be missing. */
export function crashCopy(from: string, to: string, wanted: (name: string) => boolean = () => true): string {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter(wanted)) {
    try {
      copyFileSync(join(from, name), join(to, name));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    }
  }
  return to;
}

/** Writes an image into a directory of its own, some of its files replaced or (null) left out. */
export function writeImage(dir: string, image: DiskImage, changes: Readonly<Record<string, Uint8Array | null>> = {}): string {
  mkdirSync(dir, { recursive: true });
  for (const [name, bytes] of image.files) {
    const changed = changes[name];
    if (changed !== null) writeFileSync(join(dir, name), changed ?? bytes);
  }
  for (const [name, bytes] of Object.entries(changes)) if (bytes !== null && !image.files.has(name)) writeFileSync(join(dir, name), bytes);
  return dir;
}

/** The same files without the blocks ahead, which say nothing. */
function lean(files: ReadonlyMap<string, Buffer>, batches: readonly BatchPlace[], zerosKept: number): Map<string, Buffer> {
  const ends = new Map(batches.map(({ file, end }) => [file, end]));
  const kept = [...files].filter(([name]) => name !== 'brimlog.spare');
  return new Map(kept.map(([name, bytes]) => [name, bytes.subarray(0, (ends.get(name) ?? Infinity) + zerosKept)]));
}

/** The batches of a sound segment, up to its end or the zeros behind it. */
function placesOf(file: string, bytes: Buffer): BatchPlace[] {
  const places: BatchPlace[] = [];
  for (let position = 0; position + 61 <= bytes.length; ) {
    const length = bytes.readInt32BE(position + 8);
    if (length === 0) break;
    const end = position + 12 + length;
    const baseOffset = Number(bytes.readBigInt64BE(position));
    places.push({ file, position, end, baseOffset, nextOffset: baseOffset + bytes.readInt32BE(position + 23) + 1 });
    position = end;
  }
  return places;
}
