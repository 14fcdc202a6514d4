/**
 * Recovery as two pure tables: `planScan` says what must be read before a log can be opened, `planTail`
 * what to make of it. Facts in, plan out; no I/O, and every combination of facts has a row.
 *
 * What proves that something was durable: a successor segment (no file takes its name before the one
 * before it is synced to its end), the checkpoint's recovery point, a clean mark, and the marks inside
 * tagged batches (everything below the recovery point known when the batch was encoded).
 * INVARIANT: bytes are called a torn write only where none of these reaches past them.
 */
import type { Checkpoint } from '../codec/checkpoint.js';
import type { ByteCount, Offset, Position } from '../model/units.js';

/** What the last segment's name, size and the checkpoint say. @internal */
export interface TailFacts {
  readonly checkpoint: Checkpoint | null;
  readonly lastSegment: Offset;
  readonly lastSegmentBytes: ByteCount;
  readonly segmentsCount: number;
  /** Where the table of segments says that the last one was sealed, null where it does not: then a successor took its name. */
  readonly lastSealedAt: Offset | null;
}

/** @internal */
export type ScanPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'tail'; readonly fromOffset: Offset; readonly fromPosition: Position }
  | { readonly kind: 'everything' };

/** What ended the chain of valid batches. @internal */
export type ScanStop = 'end-of-file' | 'zeros' | 'damage';

/** What a scan of the last segment found. @internal */
export interface TailScan {
  /** End of the chain of valid batches. */
  readonly endOffset: Offset;
  readonly endPosition: Position;
  readonly stop: ScanStop;
  /** The broken rule where the chain ended in damage. */
  readonly rule: string | null;
  /** Bytes from `endPosition` to the last one that is not zero. */
  readonly tailBytes: ByteCount;
  /** The highest recovery point that marks inside the chain prove, and where it lies. */
  readonly proven: { readonly offset: Offset; readonly position: Position } | null;
  /** Valid tagged batches beyond the damage. */
  readonly beyond: {
    readonly nextOffset: Offset;
    /** End offset of the last of them. */
    readonly endOffset: Offset;
    /** Highest recovery point their marks prove. */
    readonly proven: Offset;
  } | null;
}

/** @internal */
export interface DamagedRange {
  /** Base offset of the segment it lies in (or that is missing). */
  readonly segment: Offset;
  readonly position: Position;
  readonly fromOffset: Offset;
  readonly nextOffset: Offset;
  readonly rule: string;
}

/** @internal */
export interface TailPlan {
  readonly clean: boolean;
  /** The end of what is kept. */
  readonly endOffset: Offset;
  readonly endPosition: Position;
  /** What is proven durable; [proven, endOffset) is to be re-homed. */
  readonly provenOffset: Offset;
  readonly provenPosition: Position;
  /** Bytes behind the end that are no zeros: a torn write. */
  readonly torn: { readonly bytes: ByteCount; readonly rule: string } | null;
  readonly corruption: DamagedRange | null;
  /** False where the last segment must not be written again: it holds damage, or bytes that stay. */
  readonly continueInPlace: boolean;
  /** False where the last segment's name may be in the page cache only: it is to be named again before it is used. */
  readonly nameProven: boolean;
}

/** What must be read before the log can be opened. @internal */
export function planScan(facts: TailFacts): ScanPlan {
  const { checkpoint } = facts;
  if (checkpoint === null) return { kind: 'everything' };
  if (isCleanlyClosed(facts)) return { kind: 'none' };
  const inLast = checkpoint.recoveryPointSegment === facts.lastSegment && checkpoint.recoveryPoint >= facts.lastSegment;
  const reachable = checkpoint.recoveryPointPosition <= facts.lastSegmentBytes;
  return inLast && reachable && !checkpoint.clean
    ? { kind: 'tail', fromOffset: checkpoint.recoveryPoint, fromPosition: checkpoint.recoveryPointPosition }
    : { kind: 'tail', fromOffset: facts.lastSegment, fromPosition: 0 };
}

/** The clean mark and the file agree: the file ends exactly where the log was closed. @internal */
export function isCleanlyClosed({ checkpoint, lastSegment, lastSegmentBytes }: Pick<TailFacts, 'checkpoint' | 'lastSegment' | 'lastSegmentBytes'>): boolean {
  return (
    checkpoint !== null &&
    checkpoint.clean &&
    checkpoint.highestSegment === lastSegment &&
    checkpoint.endPosition === lastSegmentBytes
  );
}

/** What to make of the last segment. `scan` is null exactly where `planScan` asked for none. @internal */
export function planTail(facts: TailFacts, scan: TailScan | null): TailPlan {
  const { checkpoint, lastSegment } = facts;
  if (scan === null) return cleanPlan(facts);
  const provenBySuccessorOrCheckpoint = Math.max(lastSegment, checkpoint?.recoveryPoint ?? lastSegment);
  const provenAnywhere = Math.max(provenBySuccessorOrCheckpoint, scan.proven?.offset ?? 0, scan.beyond?.proven ?? 0);
  const corruption = findCorruption(facts, scan, provenAnywhere);
  const damaged = scan.stop === 'damage';
  const nameProven = isNameProven(facts, scan);
  const proven = nameProven ? provenInChain(facts, scan) : { offset: lastSegment, position: 0 };
  return {
    clean: false,
    endOffset: corruption === null ? scan.endOffset : Math.max(scan.endOffset, provenAnywhere, scan.beyond?.endOffset ?? 0, corruption.nextOffset),
    endPosition: scan.endPosition,
    provenOffset: proven.offset,
    provenPosition: proven.position,
    torn: damaged && corruption === null ? { bytes: scan.tailBytes, rule: scan.rule ?? 'record' } : null,
    corruption,
    continueInPlace: corruption === null,
    nameProven,
  };
}

/**
 * A crash, or a failure, between the rename and the directory's sync leaves a name that nothing proves durable. The
 * checkpoint tells of a segment, and a record in it is flushed, only after that sync.
 */
function isNameProven({ checkpoint, lastSegment }: TailFacts, scan: TailScan): boolean {
  return (checkpoint !== null && checkpoint.highestSegment >= lastSegment) || (scan.proven?.offset ?? 0) > lastSegment;
}

function cleanPlan({ checkpoint, lastSegmentBytes }: TailFacts): TailPlan {
  const endOffset = checkpoint?.recoveryPoint ?? 0;
  return {
    clean: true,
    endOffset,
    endPosition: lastSegmentBytes,
    provenOffset: endOffset,
    provenPosition: lastSegmentBytes,
    torn: null,
    corruption: null,
    continueInPlace: true,
    nameProven: true,
  };
}

/** The highest proven offset that the chain of valid batches reaches, and its position. */
function provenInChain(facts: TailFacts, scan: TailScan): { offset: Offset; position: Position } {
  const { checkpoint, lastSegment } = facts;
  const start = { offset: lastSegment, position: 0 };
  const candidates: { offset: Offset; position: Position }[] = [];
  if (checkpoint !== null && checkpoint.recoveryPointSegment === lastSegment && checkpoint.recoveryPoint <= scan.endOffset) {
    candidates.push({ offset: checkpoint.recoveryPoint, position: checkpoint.recoveryPointPosition });
  }
  if (scan.proven !== null && scan.proven.offset <= scan.endOffset) candidates.push(scan.proven);
  return candidates.reduce((best, next) => (next.offset > best.offset ? next : best), start);
}

function findCorruption(facts: TailFacts, scan: TailScan, proven: Offset): DamagedRange | null {
  const { checkpoint, lastSegment, lastSealedAt } = facts;
  const at = { segment: lastSegment, position: scan.endPosition, fromOffset: scan.endOffset };
  const highestKnown = Math.max(checkpoint?.highestSegment ?? lastSegment, lastSealedAt ?? lastSegment);
  if (highestKnown > lastSegment) {
    const nextOffset = Math.max(highestKnown, checkpoint?.recoveryPoint ?? 0);
    // What lies behind the missing segment's name in the file before it belongs to no one any more.
    const fromOffset = Math.min(scan.endOffset, highestKnown);
    return { segment: highestKnown, position: 0, fromOffset, nextOffset, rule: 'missing-segment' };
  }
  if (proven > scan.endOffset) {
    const nextOffset = scan.beyond?.nextOffset ?? proven;
    return { ...at, nextOffset, rule: scan.rule ?? 'proven-flushed' };
  }
  if (scan.stop !== 'damage') return null;
  // The damaged file keeps its name, so that what comes next needs another one.
  const nextOffset = Math.max(scan.beyond?.nextOffset ?? scan.endOffset, lastSegment + 1);
  if (isForeign(scan.rule, checkpoint)) return { ...at, nextOffset, rule: scan.rule ?? 'record' };
  return checkpoint?.clean === true ? { ...at, nextOffset, rule: 'bytes-after-clean-end' } : null;
}

/** Rules that a torn write breaks; an intact batch that breaks another rule was written by somebody else. */
const TORN_RULES: ReadonlySet<string | null> = new Set(['crc', 'batch-length', 'batch-bytes-max', 'magic', 'leader-epoch', 'base-offset', 'cut-short', null]);

/**
 * Whether what ended the chain is an intact batch that is not ours. Without a checkpoint nothing says that a batch
 * with another base offset is a leftover of ours, so that it counts as somebody else's.
 */
function isForeign(rule: string | null, checkpoint: Checkpoint | null): boolean {
  return !TORN_RULES.has(rule) || (checkpoint === null && rule === 'base-offset');
}

/** One sealed segment as the directory, the table of segments and its successor's name describe it. @internal */
export interface SealedFacts {
  readonly baseOffset: Offset;
  readonly fileBytes: ByteCount;
  readonly nextBaseOffset: Offset;
  readonly table: { readonly nextOffset: Offset; readonly endPosition: Position } | null;
}

/**
 * Index of the oldest segment that was not given up. A removal that was not durable may bring older ones back after a power
 * cut, also where those between are gone for good. The last one is never given up. @internal
 */
export function firstLiveSegment(segments: readonly { readonly baseOffset: Offset }[], checkpoint: Checkpoint | null): number {
  const lowest = checkpoint?.lowestSegment ?? 0;
  const index = segments.findIndex(({ baseOffset }) => baseOffset >= lowest);
  return index < 0 ? Math.max(0, segments.length - 1) : index;
}

/**
 * Whether nothing but its records tells where a sealed segment ends: there is no entry of the table, and the checkpoint was
 * made before there was a successor. A crash amid a roll leaves that, and so does a file that is none of the log's. @internal
 */
export function isEndUnknown(baseOffset: Offset, entry: SealedFacts['table'], checkpoint: Checkpoint | null): boolean {
  return entry === null && checkpoint !== null && baseOffset >= checkpoint.highestSegment;
}

/**
 * What sizes and names alone prove of a sealed segment: `cut-short` (the file ends before the end that the
 * table of segments tells), `gap` (its successor is missing), or nothing wrong. @internal
 */
export function checkSealed(facts: SealedFacts): 'cut-short' | 'gap' | null {
  if (facts.table === null) return facts.fileBytes === 0 ? 'cut-short' : null;
  if (facts.fileBytes < facts.table.endPosition) return 'cut-short';
  return facts.table.nextOffset < facts.nextBaseOffset ? 'gap' : null;
}
