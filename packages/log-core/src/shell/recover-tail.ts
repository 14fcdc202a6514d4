/**
 * Carrying out what the recovery table says: scanning what must be scanned, then cutting, re-homing, refusing or
 * quarantining. Each step leaves a state that the next opening recovers from just the same.
 */
import { err, ok, type Result } from 'neverthrow';
import type { SegmentTableEntry } from '../codec/segment-table.js';
import { checkSealed, firstLiveSegment, isEndUnknown, planScan, planTail, type DamagedRange, type TailPlan } from '../decide/recovery.js';
import { diskError } from '../decide/failure-policy.js';
import { asideName, segmentName } from '../decide/file-names.js';
import type { QuarantinedRange } from '../model/api.js';
import type { Corruption, OpenError } from '../model/errors.js';
import { MIB, type Offset } from '../model/units.js';
import { pathIn, type LogContext } from './context.js';
import type { FoundSegment, GatheredFacts } from './gather-facts.js';
import { scanSegment, type SegmentScan } from './scan-segment.js';
import { SegmentIndex } from './segment-index.js';
import { readFully, replaceSideFile } from './side-file.js';

/** What scanning and the table made of the segments. @internal */
export interface RecoveredTail {
  readonly plan: TailPlan;
  readonly tag: number | null;
  /** The last segment's index, begun where the scan began. */
  readonly index: SegmentIndex;
  readonly quarantined: readonly DamagedRange[];
  /** Table entries, those found by scanning included. */
  readonly table: ReadonlyMap<Offset, SegmentTableEntry>;
  /** Index of the oldest segment that was not given up. */
  readonly firstLive: number;
}

/** Scans what must be scanned and decides. The first damage is an error unless it is to be quarantined. @internal */
export async function recoverTail(ctx: LogContext, facts: GatheredFacts): Promise<Result<RecoveredTail, OpenError>> {
  const checkpoint = facts.checkpoint?.checkpoint ?? null;
  const last = facts.segments[facts.segments.length - 1] as FoundSegment;
  const tailFacts = {
    checkpoint,
    lastSegment: last.baseOffset,
    lastSegmentBytes: last.bytes,
    segmentsCount: facts.segments.length,
    lastSealedAt: facts.table.entries.get(last.baseOffset)?.nextOffset ?? null,
  };
  const scanPlan = planScan(tailFacts);
  const firstLive = firstLiveSegment(facts.segments, checkpoint);
  const sealed = await checkAllSealed(ctx, facts, firstLive, scanPlan.kind === 'everything');
  if (sealed.isErr()) return err(sealed.error);
  const from =
    scanPlan.kind === 'tail'
      ? { offset: scanPlan.fromOffset, position: scanPlan.fromPosition }
      : { offset: last.baseOffset, position: scanPlan.kind === 'none' ? last.bytes : 0 };
  const index = new SegmentIndex(last.baseOffset, ctx.settings.indexIntervalBytes, from.position);
  // A segment that the checkpoint tells of ends the one before it, whether its file is there or not.
  const missingSegment = checkpoint !== null && checkpoint.highestSegment > last.baseOffset ? checkpoint.highestSegment : null;
  let tag = checkpoint?.tag ?? sealed.value.tag;
  let scan: SegmentScan | null = null;
  if (scanPlan.kind !== 'none') {
    const scanned = await scanFile(ctx, last, from, { tag, offsetMax: missingSegment ?? Number.MAX_SAFE_INTEGER, index });
    if (scanned.isErr()) return err(scanned.error);
    scan = scanned.value;
    tag ??= scan.tag;
  }
  const plan = planTail(tailFacts, scan);
  const quarantined = plan.corruption === null ? sealed.value.damaged : [...sealed.value.damaged, plan.corruption];
  const first = quarantined[0];
  if (first !== undefined && ctx.settings.onCorruption === 'refuse') return err(corruptionOf(ctx, first));
  return ok({ plan, tag, index, quarantined, table: sealed.value.table, firstLive });
}

/** @internal */
export function corruptionOf(ctx: LogContext, range: DamagedRange): Corruption {
  const file = pathIn(ctx.dir, segmentName(range.segment));
  const lost = `offsets ${String(range.fromOffset)} … ${String(range.nextOffset - 1)}`;
  return {
    kind: 'corruption',
    file,
    position: range.position,
    fromOffset: range.fromOffset,
    nextOffset: range.nextOffset,
    rule: range.rule,
    message: `${file} is damaged at ${String(range.position)} (${range.rule}): ${lost} were flushed and cannot be read`,
  };
}

/** @internal */
export function quarantinedRange(ctx: LogContext, range: DamagedRange): QuarantinedRange {
  const { position, fromOffset, nextOffset, rule } = range;
  return { file: pathIn(ctx.dir, segmentName(range.segment)), position, fromOffset, nextOffset, reason: rule };
}

interface SealedCheck {
  readonly damaged: readonly DamagedRange[];
  readonly table: ReadonlyMap<Offset, SegmentTableEntry>;
  readonly tag: number | null;
}

/** Checks every sealed segment: by size and table, or, without a checkpoint, by reading it. */
async function checkAllSealed(ctx: LogContext, facts: GatheredFacts, firstLive: number, readAll: boolean): Promise<Result<SealedCheck, OpenError>> {
  const damaged: DamagedRange[] = [];
  const table = new Map(facts.table.entries);
  let tag = facts.checkpoint?.checkpoint.tag ?? null;
  const logStartOffset = facts.checkpoint?.checkpoint.logStartOffset ?? 0;
  for (const [i, segment] of facts.segments.slice(0, -1).entries()) {
    const next = (facts.segments[i + 1] as FoundSegment).baseOffset;
    // Given up: a crash amid a deletion may have left any of these files.
    if (i < firstLive || next <= logStartOffset) continue;
    const entry = table.get(segment.baseOffset) ?? null;
    const wrong = checkSealed({ baseOffset: segment.baseOffset, fileBytes: segment.bytes, nextBaseOffset: next, table: entry });
    if (wrong === null && !readAll && !isEndUnknown(segment.baseOffset, entry, facts.checkpoint?.checkpoint ?? null)) continue;
    const index = new SegmentIndex(segment.baseOffset, ctx.settings.indexIntervalBytes);
    const scanned = await scanFile(ctx, segment, { offset: segment.baseOffset, position: 0 }, { tag, offsetMax: next, index });
    if (scanned.isErr()) return err(scanned.error);
    const { endOffset, endPosition, beyond, rule } = scanned.value;
    tag ??= scanned.value.tag;
    table.set(segment.baseOffset, { baseOffset: segment.baseOffset, nextOffset: next, endPosition: Math.max(endPosition, entry?.endPosition ?? 0), maxTimestamp: index.maxTimestamp ?? -1 });
    if (endOffset < next) {
      const nextOffset = beyond?.nextOffset ?? next;
      damaged.push({ segment: segment.baseOffset, position: endPosition, fromOffset: endOffset, nextOffset, rule: rule ?? wrong ?? 'cut-short' });
    }
  }
  return ok({ damaged, table, tag });
}

async function scanFile(
  ctx: LogContext,
  segment: FoundSegment,
  from: { readonly offset: Offset; readonly position: number },
  how: { readonly tag: number | null; readonly offsetMax: Offset; readonly index: SegmentIndex },
): Promise<Result<SegmentScan, OpenError>> {
  const borrowed = await ctx.pool.borrow(segment.path);
  if (borrowed.isErr()) return err(diskError('read', borrowed.error));
  const { onProgress } = ctx.settings;
  let done = from.position;
  const scanned = await scanSegment({
    handle: borrowed.value.handle,
    fileBytes: segment.bytes,
    fromOffset: from.offset,
    fromPosition: from.position,
    offsetMax: how.offsetMax,
    tag: how.tag,
    crc32c: ctx.crc32c,
    onBatch: (header, position) => {
      how.index.addBatch(header.baseOffset + header.lastOffsetDelta, position, header.batchBytes, header.maxTimestamp);
    },
    onProgress: (bytes) => {
      done += bytes;
      tellProgress(ctx, onProgress, done, segment.bytes);
    },
  });
  borrowed.value.release();
  return scanned.mapErr((failure) => diskError('read', failure));
}

/** Tells how far it has come; a listener that throws stops nothing. */
function tellProgress(ctx: LogContext, onProgress: LogContext['settings']['onProgress'], bytes: number, totalBytes: number): void {
  try {
    onProgress?.({ bytes, totalBytes });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    ctx.events.emit('warning', { error: { kind: 'listener', message }, during: 'telling progress' });
  }
}

/** Bytes of a torn write that are kept aside at most. */
const ASIDE_BYTES_MAX = 64 * MIB;

/** Keeps what is going to be cut, for it might be data, durably: best effort, where there is room. @internal */
export async function keepAside(ctx: LogContext, segment: FoundSegment, position: number, bytes: number): Promise<void> {
  if (bytes === 0 || bytes > ASIDE_BYTES_MAX) return;
  const borrowed = await ctx.pool.borrow(segment.path);
  if (borrowed.isErr()) return;
  const cut = new Uint8Array(bytes);
  const read = await readFully(borrowed.value.handle, cut, position);
  borrowed.value.release();
  if (read.isErr() || read.value === 0) return;
  const kept = await replaceSideFile(ctx, asideName(segment.baseOffset, position), cut.subarray(0, read.value));
  if (kept.isOk()) await ctx.pool.close(kept.value);
}
