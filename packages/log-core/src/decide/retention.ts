/**
 * Which whole segments may go, oldest first, and what stops it there. Pure: the sizes, times, consumers
 * and the policy come in, the segments to delete and the reason go out. The active segment never goes.
 */
import type { DeletionReason, DeletionStop } from '../model/api.js';
import type { OnDiskFull, RetentionSettings } from '../model/options.js';
import type { ByteCount, Milliseconds, Offset, Timestamp } from '../model/units.js';

/** A sealed segment as retention sees it. @internal */
export interface RetentionSegment {
  readonly baseOffset: Offset;
  readonly nextOffset: Offset;
  readonly bytes: ByteCount;
  /** Newest record's timestamp, at most the file's modification time. */
  readonly newestAt: Timestamp;
}

/** @internal */
export interface RetentionFacts {
  /** Sealed segments, oldest first. */
  readonly sealed: readonly RetentionSegment[];
  readonly active: { readonly bytes: ByteCount; readonly nextOffset: Offset; readonly newestAt: Timestamp | null };
  readonly now: Timestamp;
  /** The lowest committed position of all consumers; null without consumers. */
  readonly slowestConsumer: Offset | null;
  /** What lies wholly below it was given up already; a crash may have left its file. */
  readonly logStartOffset: Offset;
}

/** @internal */
export interface RetentionFloors {
  readonly keepBytesMin: ByteCount;
  readonly keepMsMin: Milliseconds;
}

/** @internal */
export interface DeletionPlan {
  readonly segments: readonly RetentionSegment[];
  readonly reason: DeletionReason | null;
  readonly stoppedBy: DeletionStop | null;
}

/** Retention in ordinary times. @internal */
export function planRetention(facts: RetentionFacts, policy: RetentionSettings): DeletionPlan {
  let keptBytes = facts.active.bytes + sum(facts.sealed);
  let keptCount = facts.sealed.length + 1;
  return takeOldest(facts.sealed, (segment) => {
    const givenUp = segment.nextOffset <= facts.logStartOffset;
    const reason = givenUp ? 'delete-before' : expiredBy(segment, facts.now, policy, keptBytes, keptCount);
    if (reason === null) return { stop: 'policy' };
    if (!givenUp && policy.keepUnconsumed && heldByConsumer(segment, facts)) return { stop: 'consumer' };
    keptBytes -= segment.bytes;
    keptCount -= 1;
    return { reason };
  });
}

/**
 * Cleanup under pressure: nothing, or what retention lets go anyway, or the oldest until `bytesWanted` are freed. Nothing goes
 * that the policy, a floor or a consumer keeps; what was given up before goes in any case. @internal
 */
export function planEmergency(
  facts: RetentionFacts,
  policy: RetentionSettings,
  onDiskFull: OnDiskFull,
  floors: RetentionFloors,
  bytesWanted: ByteCount,
  why: 'disk-full' | 'quota',
): DeletionPlan {
  let keptBytes = facts.active.bytes + sum(facts.sealed);
  let keptCount = facts.sealed.length + 1;
  let freed = 0;
  const judge = (segment: RetentionSegment): Verdict => {
    if (segment.nextOffset <= facts.logStartOffset) return { reason: 'delete-before' };
    const expired = onDiskFull === 'delete-expired' ? expiredBy(segment, facts.now, policy, keptBytes, keptCount) : null;
    const reason = onDiskFull === 'delete-oldest' ? why : expired;
    if (reason === null) return { stop: 'policy' };
    if (onDiskFull === 'delete-oldest' && freed >= bytesWanted) return { stop: null };
    const stop = keptBy(segment, facts, policy, floors, keptBytes);
    return stop === null ? { reason } : { stop };
  };
  return takeOldest(facts.sealed, (segment) => {
    const verdict = judge(segment);
    keptBytes -= segment.bytes;
    keptCount -= 1;
    freed += segment.bytes;
    return verdict;
  });
}

/**
 * Whether, under pressure, the active segment is to be sealed so that it can go: all that is sealed is not enough, with it
 * there is enough, and neither the policy nor a floor nor a consumer keeps it. @internal
 */
export function shouldSealForRelief(
  facts: RetentionFacts,
  policy: RetentionSettings,
  onDiskFull: OnDiskFull,
  floors: RetentionFloors,
  bytesWanted: ByteCount,
): boolean {
  const { active } = facts;
  const sealed = planEmergency(facts, policy, onDiskFull, floors, bytesWanted, 'disk-full');
  if (onDiskFull === 'reject' || sealed.stoppedBy !== 'active-segment') return false;
  if (onDiskFull === 'delete-expired' && !shouldSealActive(facts, policy)) return false;
  const freed = sum(sealed.segments);
  if (freed >= bytesWanted || freed + active.bytes < bytesWanted) return false;
  return keptBy({ ...active, newestAt: active.newestAt ?? facts.now }, facts, policy, floors, active.bytes) === null;
}

/**
 * Whether the active segment holds only what the policy lets go, so that it should be sealed first.
 * Never for an empty one. @internal
 */
export function shouldSealActive(facts: RetentionFacts, policy: RetentionSettings): boolean {
  const { active } = facts;
  if (active.bytes === 0 || active.newestAt === null || policy.ms === null) return false;
  return facts.now - active.newestAt > policy.ms;
}

type Verdict = { readonly reason: DeletionReason } | { readonly stop: DeletionStop | null };

function takeOldest(sealed: readonly RetentionSegment[], judge: (segment: RetentionSegment) => Verdict): DeletionPlan {
  const segments: RetentionSegment[] = [];
  let reason: DeletionReason | null = null;
  for (const segment of sealed) {
    const verdict = judge(segment);
    if ('stop' in verdict) return { segments, reason, stoppedBy: verdict.stop };
    segments.push(segment);
    // What was given up before says nothing of why anything goes now.
    if (reason === null || reason === 'delete-before') reason = verdict.reason;
  }
  return { segments, reason, stoppedBy: 'active-segment' };
}

function expiredBy(
  segment: RetentionSegment,
  now: Timestamp,
  policy: RetentionSettings,
  keptBytes: ByteCount,
  keptCount: number,
): DeletionReason | null {
  if (policy.ms !== null && now - segment.newestAt > policy.ms) return 'retention-ms';
  if (policy.bytes !== null && keptBytes - segment.bytes >= policy.bytes) return 'retention-bytes';
  if (policy.segmentsMax !== null && keptCount > policy.segmentsMax) return 'segments-max';
  return null;
}

/** What keeps a segment that pressure would take: a consumer, or a floor. */
function keptBy(
  segment: Pick<RetentionSegment, 'nextOffset' | 'bytes' | 'newestAt'>,
  facts: RetentionFacts,
  policy: RetentionSettings,
  floors: RetentionFloors,
  keptBytes: ByteCount,
): DeletionStop | null {
  if (policy.keepUnconsumed && heldByConsumer(segment, facts)) return 'consumer';
  if (keptBytes - segment.bytes < floors.keepBytesMin) return 'keep-bytes';
  if (facts.now - segment.newestAt < floors.keepMsMin) return 'keep-ms';
  return null;
}

function heldByConsumer(segment: Pick<RetentionSegment, 'nextOffset'>, facts: RetentionFacts): boolean {
  return facts.slowestConsumer !== null && facts.slowestConsumer < segment.nextOffset;
}

function sum(segments: readonly RetentionSegment[]): ByteCount {
  return segments.reduce((bytes, segment) => bytes + segment.bytes, 0);
}
