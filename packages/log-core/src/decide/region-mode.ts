/**
 * How one group commit reaches the disk. One call that writes and syncs (`dsync`) costs one trip
 * instead of two, but its ENOSPC counts as a failed sync: so it is taken only where the blocks are there already, or
 * where a region that gains nothing from blocks ahead allocates its own on a disk that has plenty.
 */
import type { Ack } from '../model/api.js';
import { GIB, KIB, MIB, type ByteCount, type Offset, type Position } from '../model/units.js';

/** @internal */
export type RegionMode = 'write' | 'write-then-sync' | 'dsync';

/** @internal */
export function chooseRegionMode(facts: {
  readonly ack: Ack;
  readonly recoveryPoint: Offset;
  readonly highWatermark: Offset;
  readonly regionBytes: ByteCount;
  /** No append waits behind the region. */
  readonly isLone: boolean;
  readonly regionEnd: Position;
  /** End of the blocks that were written ahead in the active segment. */
  readonly blocksEnd: Position;
  /** There is room for hundreds of such regions, and nothing but the disk's size sets a bound. */
  readonly spaceIsAmple: boolean;
}): RegionMode {
  if (facts.ack === 'written') return 'write';
  // A dsync write makes only its own range durable: what `written` left behind it needs a whole sync.
  const nothingUnsynced = facts.recoveryPoint === facts.highWatermark;
  const needsNoRoom = facts.regionEnd <= facts.blocksEnd || (facts.spaceIsAmple && !gainsFromBlocksAhead(facts));
  return nothingUnsynced && needsNoRoom ? 'dsync' : 'write-then-sync';
}

/** Free bytes from which on no region is expected to meet a full disk. @internal */
export const AMPLE_FREE_BYTES: ByteCount = GIB;

/**
 * Whether what `written` acknowledged should be flushed beside the next regions: at half of what may be unflushed, so
 * that as a rule no region has to wait for it. @internal
 */
export function shouldFlushBeside(unflushedBytes: ByteCount, limitBytes: ByteCount): boolean {
  return unflushedBytes > limitBytes / 2;
}

/** Larger regions gain nothing from blocks ahead: each byte would be written twice at the disk's full speed. */
const SMALL_REGION_BYTES = 64 * KIB;
/** Behind a lone region the disk has nothing to do until the next one is made, so that the second writing costs less. */
const SMALL_LONE_REGION_BYTES = 128 * KIB;
/** Blocks that are written along with a small region: one dearer commit for many cheaper ones. */
const BLOCKS_AHEAD_BYTES = MIB;

/** Whether the region is small enough for blocks ahead. */
function gainsFromBlocksAhead({ regionBytes, isLone }: { readonly regionBytes: ByteCount; readonly isLone: boolean }): boolean {
  return regionBytes <= (isLone ? SMALL_LONE_REGION_BYTES : SMALL_REGION_BYTES);
}

/**
 * How many zeros to write behind a region for the next ones, none at the segment's end. Along with a small one that leaves the
 * blocks ahead, and as durable, so many that the next ones stay inside; none where space is short. Beside a large and lone
 * one that allocates as it goes, into the page cache alone, as many as the next one is expected to take: the
 * kernel finds its pages while the disk, and nobody else, is at work. @internal
 */
export function zerosAheadBytes(facts: {
  readonly mode: RegionMode;
  readonly regionBytes: ByteCount;
  readonly isLone: boolean;
  readonly regionEnd: Position;
  readonly blocksEnd: Position;
  readonly segmentBytes: ByteCount;
  readonly spaceIsShort: boolean;
}): ByteCount {
  const roomBytes = Math.max(0, facts.segmentBytes - facts.regionEnd);
  switch (facts.mode) {
    case 'write':
      return 0;
    case 'write-then-sync':
      return facts.spaceIsShort || !gainsFromBlocksAhead(facts) ? 0 : Math.min(BLOCKS_AHEAD_BYTES, roomBytes);
    case 'dsync':
      return facts.isLone && facts.regionEnd > facts.blocksEnd && facts.regionBytes <= roomBytes ? facts.regionBytes : 0;
  }
}
