/**
 * What the user's policy lets go. The sizes a rule speaks of are the segments', which the model does not know: where it has to
 * guess, because a crash cut a deletion short, it allows what some arrangement of the records into segments would.
 */
import type { DeletionResult } from '../../src/index.js';
import type { LogChoices } from './operations.js';

/** What is left after a deletion. */
export interface Kept {
  readonly segments: number;
  readonly bytes: number;
  /** The latest wall time there was. */
  readonly now: number;
}

/** What a rule asks of the log. */
export interface DeletedRange {
  /** Everything below is deleted. */
  readonly toOffset: number;
  /** End of the log. */
  readonly end: number;
  /** Wall time of the newest record below `toOffset`, at most what the clock was set back to. */
  readonly newestAt: number;
  /** Most bytes that the records from `toOffset` on can take. */
  readonly bytesAfter: number;
  /** Where the slowest consumer stands. */
  readonly slowest: number;
}

/** Why a deletion that was told was not allowed; null where it was. */
export function forbidden({ reason }: DeletionResult, range: DeletedRange, kept: Kept, options: LogChoices): string | null {
  const { retention, onDiskFull, keepBytesMin, keepMsMin } = options;
  if (range.toOffset > range.end) return `the log ends at ${String(range.end)}`;
  if (retention?.keepUnconsumed === true && range.toOffset > range.slowest) return `a consumer stands at ${String(range.slowest)}`;
  switch (reason) {
    case 'retention-bytes':
    case 'segments-max':
    case 'retention-ms':
    case 'delete-before': {
      // One deletion has one reason, that of its first segment: any rule of the policy may have let the others go.
      const byBytes = retention?.bytes !== undefined && Math.min(kept.bytes, range.bytesAfter) >= retention.bytes;
      const bySegments = retention?.segmentsMax !== undefined && kept.segments >= retention.segmentsMax;
      const byAge = retention?.ms !== undefined && range.newestAt < kept.now - retention.ms;
      return byBytes || bySegments || byAge ? null : `${String(kept.bytes)} bytes in ${String(kept.segments)} segments are left`;
    }
    case 'disk-full':
    case 'quota':
      if (onDiskFull !== 'delete-oldest') return 'the policy does not say delete-oldest';
      if (Math.min(kept.bytes, range.bytesAfter) < (keepBytesMin ?? 0)) return `only ${String(kept.bytes)} bytes are left`;
      return range.newestAt > kept.now - (keepMsMin ?? 0) ? `its newest record is ${String(kept.now - range.newestAt)} ms old` : null;
    case null:
      return 'nobody asked for it';
  }
}

/** Whether a crash in the midst of a deletion may have removed this much. */
export function mayHaveBeenDeleted(range: DeletedRange, kept: { readonly segments: number | null; readonly now: number }, options: LogChoices): boolean {
  const { retention, onDiskFull, keepBytesMin, keepMsMin } = options;
  if (retention?.keepUnconsumed === true && range.toOffset > range.slowest) return false;
  const isOldEnough = (ms: number): boolean => range.newestAt <= kept.now - ms;
  if (onDiskFull === 'delete-oldest' && range.bytesAfter >= (keepBytesMin ?? 0) && isOldEnough(keepMsMin ?? 0)) return true;
  if (retention?.bytes !== undefined && range.bytesAfter >= retention.bytes) return true;
  // A segment that was just begun may be gone with the crash.
  if (retention?.segmentsMax !== undefined && (kept.segments ?? Infinity) >= retention.segmentsMax - 1) return true;
  return retention?.ms !== undefined && isOldEnough(retention.ms);
}
