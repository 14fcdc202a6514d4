/**
 * How one group commit reaches the disk. One call that writes and syncs (`dsync`) costs one trip
 * instead of two, but its ENOSPC counts as a failed sync: so it is taken only where the blocks are there already.
 */
import type { Ack } from '../model/api.js';
import type { Offset, Position } from '../model/units.js';

/** @internal */
export type RegionMode = 'write' | 'write-then-sync' | 'dsync';

/** @internal */
export function chooseRegionMode(facts: {
  readonly ack: Ack;
  readonly recoveryPoint: Offset;
  readonly highWatermark: Offset;
  readonly regionEnd: Position;
  /** End of the blocks that were written ahead in the active segment. */
  readonly blocksEnd: Position;
}): RegionMode {
  if (facts.ack === 'written') return 'write';
  // A dsync write makes only its own range durable: what `written` left behind it needs a whole sync.
  const nothingUnsynced = facts.recoveryPoint === facts.highWatermark;
  return nothingUnsynced && facts.regionEnd <= facts.blocksEnd ? 'dsync' : 'write-then-sync';
}
