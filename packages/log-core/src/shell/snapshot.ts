/**
 * What is true of the log right now, as one immutable value that is swapped only after the I/O it tells of
 * succeeded. Readers take it and need no lock. INVARIANT: log start ≤ recovery point ≤ high watermark ≤ log end.
 */
import type { ByteCount, Offset, Position, Timestamp } from '../model/units.js';

/** Where a sealed segment ends. @internal */
export interface SealedEnd {
  readonly nextOffset: Offset;
  readonly endPosition: Position;
  /** Nothing tells where the records end but the file's size, which blocks ahead may be part of. */
  readonly isBound?: true;
  /** Newest record's timestamp; null where it has not been read yet. */
  readonly maxTimestamp: Timestamp | null;
}

/** One segment; `sealed` is null for the one that takes appends. @internal */
export interface Segment {
  readonly baseOffset: Offset;
  /** Tells two files apart that had the same name one after the other. */
  readonly fileId: number;
  readonly path: string;
  readonly sealed: SealedEnd | null;
}

/** A place in the log: an offset, and where its batch begins. @internal */
export interface LogPoint {
  readonly offset: Offset;
  readonly segment: Offset;
  readonly position: Position;
}

/** @internal */
export interface LogSnapshot {
  /** Oldest first; only the last may be active. Never empty. */
  readonly segments: readonly Segment[];
  readonly sealedBytes: ByteCount;
  readonly logStartOffset: Offset;
  readonly recoveryPoint: LogPoint;
  readonly highWatermark: Offset;
  readonly logEndOffset: Offset;
  /** End of what is published in the last segment. */
  readonly endPosition: Position;
}

/** The segment that holds, or would hold, an offset: the last whose base offset is not above it. @internal */
export function segmentAt(segments: readonly Segment[], offset: Offset): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((segments[middle] as Segment).baseOffset <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @internal */
export function lastSegment(snapshot: LogSnapshot): Segment {
  return snapshot.segments[snapshot.segments.length - 1] as Segment;
}

/** Whether the oldest segment lies wholly below the log start: nothing of it is readable, its file is still there. @internal */
export function hasGivenUp({ segments, logStartOffset }: LogSnapshot): boolean {
  return (segments[1]?.baseOffset ?? Infinity) <= logStartOffset;
}

/** Base offset of the segment that `logStartOffset` lies in. @internal */
export function lowestSegment(segments: readonly Segment[], logStartOffset: Offset): Offset {
  return segments.findLast(({ baseOffset }) => baseOffset <= logStartOffset)?.baseOffset ?? 0;
}

/** Bytes of records in all segments. @internal */
export function snapshotBytes(snapshot: LogSnapshot): ByteCount {
  return snapshot.sealedBytes + (lastSegment(snapshot).sealed === null ? snapshot.endPosition : 0);
}

/** @internal */
export function sumSealedBytes(segments: readonly Segment[]): ByteCount {
  let bytes = 0;
  for (const segment of segments) bytes += segment.sealed?.endPosition ?? 0;
  return bytes;
}

/** The same log with its active segment sealed at its end. @internal */
export function sealLast(snapshot: LogSnapshot, maxTimestamp: Timestamp | null): LogSnapshot {
  const last = lastSegment(snapshot);
  if (last.sealed !== null) return snapshot;
  const sealed = { nextOffset: snapshot.highWatermark, endPosition: snapshot.endPosition, maxTimestamp };
  const segments = [...snapshot.segments.slice(0, -1), { ...last, sealed }];
  return { ...snapshot, segments, sealedBytes: snapshot.sealedBytes + snapshot.endPosition };
}

/** The same log with an empty segment behind its end, which is durable by then. @internal */
export function rolledSnapshot(snapshot: LogSnapshot, next: Segment, maxTimestamp: Timestamp | null): LogSnapshot {
  const sealed = sealLast(snapshot, maxTimestamp);
  // An empty segment of the same name was replaced.
  const kept = sealed.segments.filter((segment) => segment.baseOffset !== next.baseOffset);
  return {
    ...sealed,
    segments: [...kept, next],
    sealedBytes: sumSealedBytes(kept),
    logEndOffset: next.baseOffset,
    endPosition: 0,
    recoveryPoint: { offset: next.baseOffset, segment: next.baseOffset, position: 0 },
  };
}

/** The same log after its unproven tail, from `range.from` on, got the segment `next` for itself. @internal */
export function rehomedSnapshot(
  snapshot: LogSnapshot,
  range: { readonly from: LogPoint },
  next: Segment,
  end: { readonly toOffset: Offset; readonly bytes: ByteCount },
): LogSnapshot {
  const sealed = { nextOffset: range.from.offset, endPosition: range.from.position, maxTimestamp: null };
  const kept = snapshot.segments
    .filter((segment) => segment.baseOffset < range.from.offset)
    .map((segment) => (segment.baseOffset === range.from.segment ? { ...segment, sealed } : segment));
  return {
    ...snapshot,
    segments: [...kept, next],
    sealedBytes: sumSealedBytes(kept),
    highWatermark: end.toOffset,
    logEndOffset: end.toOffset,
    endPosition: end.bytes,
    recoveryPoint: { offset: end.toOffset, segment: next.baseOffset, position: end.bytes },
  };
}
