/**
 * What a power cut leaves of one file: its durable bytes, and of what was pending any part that a disk may
 * have written by then. INVARIANT: what was made durable is in every image, whatever the profile.
 */
import { applyChange, applyWrite, type FileInode, type PendingChange, type PendingWrite } from './file-inode.js';
import { PAGE_BYTES, pageOf, type PagedBytes } from './paged-bytes.js';
import type { Random } from './random.js';

/** The unit a disk writes whole or not at all. */
const SECTOR_BYTES = 512;

/**
 * What becomes of the data that was not synced.
 * - `none`: all of it is lost. - `all`: all of it is kept.
 * - `prefix`: each file keeps its changes up to some point; the last write may be torn at any byte.
 * - `subset`: each sector of each write survives by itself, truncations too, and the size may have grown first.
 * @public
 */
export type DataProfile = 'none' | 'all' | 'prefix' | 'subset';

/**
 * What blocks show that a file got but that were never written: `garbage` is what earlier files left there, zeros
 * all the same where files are copied on write. @public
 */
export type ExposedBlocks = 'zeros' | 'garbage';

/** Pages of files that are gone; a disk does not wipe them. @internal */
export type Remains = readonly Uint8Array[];

/** One image out of those the profile allows. @internal */
export function imageAfterCrash(file: FileInode, data: DataProfile, exposed: ExposedBlocks, random: Random, remains: Remains): PagedBytes {
  const image = file.durable.share();
  const changes = file.orphans.length === 0 ? file.pending : [...file.orphans, ...file.pending];
  if (changes.length === 0 || data === 'none') return image;
  if (data === 'all') for (const change of changes) applyChange(image, change, file.poison);
  else if (data === 'prefix') keepPrefix(image, changes, file.poison, random);
  else keepSubset(image, changes, file, exposed, random, remains);
  return image;
}

function keepPrefix(image: PagedBytes, changes: readonly PendingChange[], poison: ReadonlySet<number> | null, random: Random): void {
  const kept = random.below(changes.length + 1);
  for (const change of changes.slice(0, kept)) applyChange(image, change, poison);
  const torn = changes[kept];
  if (torn?.kind === 'write') applyWrite(image, torn, poison, 0, random.below(torn.length));
}

function keepSubset(
  image: PagedBytes,
  changes: readonly PendingChange[],
  file: FileInode,
  exposed: ExposedBlocks,
  random: Random,
  remains: Remains,
): void {
  const before = file.durable.size;
  let grownTo = before;
  for (const change of changes) {
    if (change.kind === 'truncate') {
      if (!random.chance(0.5)) continue;
      image.resize(change.size);
      grownTo = change.size;
      continue;
    }
    if (exposed === 'garbage') exposeGarbage(image, change, before, random, remains);
    // One coin for all sectors alike would nearly never keep, or lose, a long write whole.
    keepSectors(image, change, file.poison, random.pick([0, 0.5, 0.9, 1]), random);
    grownTo = Math.max(grownTo, change.position + change.length);
  }
  chooseSize(image, before, grownTo, random);
}

function keepSectors(image: PagedBytes, write: PendingWrite, poison: ReadonlySet<number> | null, share: number, random: Random): void {
  if (share === 0) return;
  // Zeros come by the megabyte, and which of them landed hardly matters: they go page by page.
  const unit = write.bytes === null ? PAGE_BYTES : SECTOR_BYTES;
  const end = write.position + write.length;
  let start = write.position;
  while (start < end) {
    const stop = Math.min(end, (Math.floor(start / unit) + 1) * unit);
    if (share === 1 || random.chance(share)) applyWrite(image, write, poison, start - write.position, stop - write.position);
    start = stop;
  }
}

/** The size is written apart from the data: it may be ahead of what landed, or behind it. */
function chooseSize(image: PagedBytes, before: number, grownTo: number, random: Random): void {
  const manner = random.below(4);
  if (manner <= 1) image.grow(grownTo);
  else if (manner === 2 && image.size > before) image.resize(before + random.below(image.size - before + 1));
}

/** Blocks the file got for this write, with what was in them before. Bytes that were durable, as zeros too, stay. */
function exposeGarbage(image: PagedBytes, write: PendingWrite, durableSize: number, random: Random, remains: Remains): void {
  const end = write.position + write.length;
  let at = Math.max(write.position, durableSize);
  while (at < end) {
    const page = pageOf(at);
    const inPage = at - page * PAGE_BYTES;
    const stop = Math.min(end, (page + 1) * PAGE_BYTES);
    if (!image.isAllocated(page)) image.write(at, garbagePage(random, remains), inPage, inPage + stop - at);
    at = stop;
  }
}

function garbagePage(random: Random, remains: Remains): Uint8Array {
  const found = remains[random.below(remains.length)];
  if (found !== undefined) return found;
  const noise = new Uint8Array(PAGE_BYTES);
  random.fill(noise);
  return noise;
}
