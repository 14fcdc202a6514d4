/** When the active segment is sealed and another started: a reason, or nothing. */
import type { ByteCount, Milliseconds, Offset, Position } from '../model/units.js';

/** @internal */
export type RollReason = 'bytes' | 'age' | 'no-active-segment' | 'relative-offset';

/** Index entries hold 31-bit offsets relative to their segment's base. */
const RELATIVE_OFFSET_MAX = 2 ** 31 - 1;

/** `ageMs` is the age of the active segment's first record since this opening, null while it has none. @internal */
export function shouldRoll(facts: {
  readonly activeUsable: boolean;
  readonly baseOffset: Offset;
  readonly endPosition: Position;
  readonly regionBytes: ByteCount;
  readonly regionLastOffset: Offset;
  readonly segmentBytes: ByteCount;
  readonly ageMs: Milliseconds | null;
  readonly segmentMs: Milliseconds | null;
}): RollReason | null {
  if (!facts.activeUsable) return 'no-active-segment';
  if (facts.endPosition === 0) return null;
  if (facts.endPosition + facts.regionBytes > facts.segmentBytes) return 'bytes';
  if (facts.regionLastOffset - facts.baseOffset > RELATIVE_OFFSET_MAX) return 'relative-offset';
  if (facts.segmentMs !== null && facts.ageMs !== null && facts.ageMs >= facts.segmentMs) return 'age';
  return null;
}

/**
 * The segment size that is used: never more than 1/8 of the volume or the quota, so that whole-segment
 * deletion can free space in steps; never less than 64 KiB. @internal
 */
export function effectiveSegmentBytes(
  segmentBytesMax: ByteCount,
  volumeBytes: ByteCount | null,
  quotaBytesMax: ByteCount | null,
): ByteCount {
  const bound = Math.min(volumeBytes ?? Infinity, quotaBytesMax ?? Infinity) / 8;
  return Math.min(segmentBytesMax, Math.max(64 * 1024, Math.floor(bound)));
}
