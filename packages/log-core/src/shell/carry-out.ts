/**
 * Carrying a recovery plan out: keeping aside and cutting a torn write, re-homing the unproven tail, and putting the
 * snapshot together. Where something cannot be written, the log opens read-only and shows only what is proven.
 */
import { err, ok, type Result } from 'neverthrow';
import { diskError, reactionTo } from '../decide/failure-policy.js';
import { segmentName, SIDE_FILES } from '../decide/file-names.js';
import type { OpenError } from '../model/errors.js';
import { CheckpointFile } from './checkpoint-file.js';
import { pathIn, removeLeftover, step, type FailedStep, type LogContext, type Step } from './context.js';
import type { FoundSegment, GatheredFacts } from './gather-facts.js';
import type { FilesStart } from './log-files.js';
import { firstLook, newTag, reportOf, type OpenedFiles } from './opened-files.js';
import { keepAside, quarantinedRange, type RecoveredTail } from './recover-tail.js';
import { rehome, type Rehomed, type UnprovenRange } from './rehome.js';
import { SegmentTableFile } from './segment-table-file.js';
import { SnapshotCell } from './snapshot-cell.js';
import { lowestSegment, rehomedSnapshot, sealLast, sumSealedBytes, type LogSnapshot, type Segment } from './snapshot.js';
import { Spare } from './spare.js';

/** @internal */
export async function carryOut(ctx: LogContext, facts: GatheredFacts, found: RecoveredTail, bootId: string, startedAt: number): Promise<Result<OpenedFiles, OpenError>> {
  const { plan } = found;
  const last = facts.segments[facts.segments.length - 1] as FoundSegment;
  const spare = new Spare(ctx);
  const space = await firstLook(ctx);
  if (space?.family === 'copy-on-write') spare.setKind('ballast');
  let readOnly = await probeWritable(ctx, facts);
  if (facts.directory.hasSpare) await spare.adopt(readOnly === null && !plan.clean, new Set(facts.segments.map(({ identity }) => identity)));
  if (readOnly === null) await removeLeftovers(ctx, facts);
  const checkpoint = new CheckpointFile(ctx, facts.checkpoint);
  const table = new SegmentTableFile(ctx, facts.table);
  const unproven: UnprovenRange | null =
    (plan.endOffset > plan.provenOffset || !plan.nameProven) && plan.continueInPlace
      ? {
          from: { offset: plan.provenOffset, segment: last.baseOffset, position: plan.provenPosition },
          toOffset: plan.endOffset,
          toPosition: plan.endPosition,
          checked: true,
          nameProven: plan.nameProven,
        }
      : null;
  if (plan.torn !== null && readOnly === null) await keepAside(ctx, last, plan.endPosition, plan.torn.bytes);
  const snapshot = snapshotOf(facts, found, unproven);
  const tag = found.tag ?? newTag(ctx, bootId);
  const cell = new SnapshotCell(snapshot);
  const base = { checkpoint, table, spare, cell, tag };
  const rehomed = unproven === null || readOnly !== null ? null : await rehome(ctx, spare, unproven);
  if (rehomed?.isErr() === true) readOnly = keptFromWriting(rehomed.error);
  if (plan.corruption !== null && readOnly === null) {
    const synced = await syncDamaged(ctx, last);
    if (synced.isErr()) readOnly = keptFromWriting(synced.error);
  }
  let start: FilesStart;
  if (rehomed?.isOk() === true && unproven !== null) {
    start = { ...base, ...rehomedStart(ctx, base.cell, unproven, rehomed.value) };
  } else {
    start = { ...base, active: null, continueWith: plan.continueInPlace && unproven === null ? found.index : null, unproven, nextFileId: facts.segments.length };
  }
  if (plan.torn !== null && start.continueWith !== null && readOnly === null && !(await cutTorn(ctx, last, plan.endPosition))) {
    // What is in that file is unknown: it is left behind, the next append goes into a new segment.
    cell.publish(sealLast(cell.current, null));
    start = { ...start, continueWith: null };
  }
  const changed = start.active !== null || plan.torn !== null || facts.checkpoint === null || plan.corruption !== null;
  if (changed && readOnly === null) await saveRecovered(ctx, start);
  const report = reportOf(ctx, {
    clean: plan.clean,
    snapshot: cell.current,
    foreign: facts.directory.foreign,
    startedAt,
    repaired: facts.repaired,
    cut: plan.torn === null ? null : { bytes: plan.torn.bytes, fromOffset: plan.endOffset, reason: plan.torn.rule },
    rehomed: start.active === null || unproven === null ? null : { fromOffset: unproven.from.offset, toOffset: cell.current.highWatermark },
    quarantined: found.quarantined.map((range) => quarantinedRange(ctx, range)),
  });
  return ok({ ctx, start, report, bootId, readOnly, space });
}

function keptFromWriting(step: FailedStep): OpenedFiles['readOnly'] {
  const { doing, failure } = step;
  const { state } = reactionTo(doing, failure.symbol);
  return { reason: state?.reason ?? 'io', cause: diskError(doing, failure), failed: state?.to !== 'read-only', step };
}

/** What lies behind damage stays in its file, and may be in the page cache only: it is synced before it is called durable. */
async function syncDamaged(ctx: LogContext, last: FoundSegment): Step<void> {
  const opened = await step('make-segment', ctx.pool.openOwn(last.path, 'write'));
  if (opened.isErr()) return err(opened.error);
  const synced = await step('append-sync', opened.value.sync());
  await ctx.pool.close(opened.value);
  return synced;
}

/** Opening the checkpoint for writing tells a read-only file system, or a lack of rights, without a byte written. */
async function probeWritable(ctx: LogContext, facts: GatheredFacts): Promise<OpenedFiles['readOnly']> {
  const last = facts.segments[facts.segments.length - 1] as FoundSegment;
  const path = facts.checkpoint === null ? last.path : pathIn(ctx.dir, SIDE_FILES.checkpoint);
  const opened = await ctx.pool.openOwn(path, 'write');
  if (opened.isOk()) {
    await ctx.pool.close(opened.value);
    return null;
  }
  const { state } = reactionTo('make-segment', opened.error.symbol);
  if (state?.to !== 'read-only') return null;
  return { reason: state.reason, cause: diskError('make-segment', opened.error), failed: false, step: { doing: 'make-segment', failure: opened.error } };
}

/** Unfinished files of an earlier life, and indexes whose segment is gone. */
async function removeLeftovers(ctx: LogContext, facts: GatheredFacts): Promise<void> {
  for (const name of [...facts.directory.temporaries, ...facts.directory.strayIndexes]) {
    await removeLeftover(ctx, pathIn(ctx.dir, name));
  }
}

function snapshotOf(facts: GatheredFacts, found: RecoveredTail, unproven: UnprovenRange | null): LogSnapshot {
  const { plan } = found;
  const sealed: Segment[] = facts.segments.slice(0, -1).map((segment, i) => {
    const entry = found.table.get(segment.baseOffset);
    const next = (facts.segments[i + 1] as FoundSegment).baseOffset;
    const maxTimestamp = entry === undefined || entry.maxTimestamp < 0 ? null : entry.maxTimestamp;
    return {
      baseOffset: segment.baseOffset,
      fileId: i + 1,
      path: segment.path,
      sealed: { nextOffset: next, endPosition: Math.min(entry?.endPosition ?? segment.bytes, segment.bytes), maxTimestamp, ...(entry === undefined && { isBound: true as const }) },
    };
  });
  const last = facts.segments[facts.segments.length - 1] as FoundSegment;
  const inPlace = plan.continueInPlace && unproven === null;
  // Until it is re-homed, the unproven tail is withheld.
  const endOffset = unproven === null ? plan.endOffset : unproven.from.offset;
  const endPosition = unproven === null ? plan.endPosition : unproven.from.position;
  const lastSegment: Segment = {
    baseOffset: last.baseOffset,
    fileId: facts.segments.length,
    path: last.path,
    sealed: inPlace ? null : { nextOffset: endOffset, endPosition, maxTimestamp: null },
  };
  const lowest = facts.segments[found.firstLive]?.baseOffset ?? 0;
  return {
    segments: [...sealed, lastSegment],
    sealedBytes: sumSealedBytes(sealed) + (inPlace ? 0 : endPosition),
    logStartOffset: Math.min(endOffset, Math.max(facts.checkpoint?.checkpoint.logStartOffset ?? 0, lowest)),
    recoveryPoint: { offset: endOffset, segment: last.baseOffset, position: endPosition },
    highWatermark: endOffset,
    logEndOffset: plan.endOffset,
    endPosition,
  };
}

/** The snapshot and the active segment after the tail got a segment of its own. */
function rehomedStart(
  ctx: LogContext,
  cell: SnapshotCell,
  range: UnprovenRange,
  rehomed: Rehomed,
): Pick<FilesStart, 'active' | 'continueWith' | 'unproven' | 'nextFileId'> {
  const { active, bytes, toOffset } = rehomed;
  const nextFileId = cell.current.segments.length + 1;
  const next: Segment = { baseOffset: range.from.offset, fileId: nextFileId, path: pathIn(ctx.dir, segmentName(range.from.offset)), sealed: null };
  cell.publish(rehomedSnapshot(cell.current, range, next, { toOffset, bytes }));
  return { active, continueWith: null, unproven: null, nextFileId };
}

/** Cuts a torn write; whether that is durable. */
async function cutTorn(ctx: LogContext, last: FoundSegment, endPosition: number): Promise<boolean> {
  const opened = await ctx.pool.openOwn(last.path, 'write');
  if (opened.isErr()) return false;
  const truncated = await opened.value.truncate(endPosition);
  const synced = truncated.isOk() ? await opened.value.sync() : truncated;
  await ctx.pool.close(opened.value);
  return synced.isOk();
}

async function saveRecovered(ctx: LogContext, start: FilesStart): Promise<void> {
  const snapshot = start.cell.current;
  const { recoveryPoint, logStartOffset, endPosition, segments } = snapshot;
  const highestSegment = segments[segments.length - 1]?.baseOffset ?? 0;
  const saved = await start.checkpoint.write(() => ({
    logStartOffset,
    lowestSegment: lowestSegment(segments, logStartOffset),
    recoveryPoint: recoveryPoint.offset,
    recoveryPointSegment: recoveryPoint.segment,
    recoveryPointPosition: recoveryPoint.position,
    highestSegment,
    clean: false,
    endPosition,
    tag: start.tag,
  }));
  if (saved.isErr()) ctx.events.emit('warning', { error: diskError('side-file', saved.error), during: 'noting the recovery' });
}
