/**
 * Opening a log: the lock, the facts, the plan, and carrying it out, in this order; then the log is put together. A
 * step that fails gives everything back. Where nothing is unproven, no byte is written.
 */
import { err, ok, type Result } from 'neverthrow';
import type { Crc32c } from '../codec/crc32c.js';
import { diskError, reactionTo } from '../decide/failure-policy.js';
import { segmentName, SIDE_FILES } from '../decide/file-names.js';
import type { RecoveryReport, Repair, StateReason } from '../model/api.js';
import type { OpenError, WriteRefusal } from '../model/errors.js';
import { invalidArgument } from '../model/errors.js';
import type { LogSettings } from '../model/options.js';
import type { Clock } from '../ports/clock.js';
import type { FileHandle, FileSystem, SpaceFacts } from '../ports/file-system.js';
import { Background } from './background.js';
import { CheckpointFile } from './checkpoint-file.js';
import { newCounters, pathIn, type FailedStep, type LogContext, removeLeftover } from './context.js';
import { Deadline } from './deadline.js';
import { EventHub } from './event-hub.js';
import { gatherFacts, type FoundSegment, type GatheredFacts } from './gather-facts.js';
import { GuardedFileSystem } from './guarded-file-system.js';
import { HandlePool } from './handle-pool.js';
import type { FilesStart } from './log-files.js';
import { keepAside, quarantinedRange, recoverTail, type RecoveredTail } from './recover-tail.js';
import { rehome, type UnprovenRange } from './rehome.js';
import { createSegmentFile, emptyIndex } from './segment-maker.js';
import { SegmentTableFile } from './segment-table-file.js';
import { SnapshotCell } from './snapshot-cell.js';
import { sealLast, sumSealedBytes, type LogSnapshot, type Segment } from './snapshot.js';
import { Spare } from './spare.js';

/** The ports a log runs on. @internal */
export interface LogPorts {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly crc32c: Crc32c;
}

/** An opened log's parts. @internal */
export interface OpenedFiles {
  readonly ctx: LogContext;
  readonly start: FilesStart;
  readonly report: RecoveryReport;
  readonly bootId: string;
  /** Why the log cannot be written to; null where nothing speaks against it yet. */
  readonly readOnly: { readonly reason: StateReason; readonly cause: WriteRefusal; readonly failed: boolean } | null;
  /** What `statfs` said while opening. */
  readonly space: SpaceFacts | null;
}

/** @internal */
export async function openFiles(dir: string, settings: LogSettings, ports: LogPorts): Promise<Result<OpenedFiles, OpenError>> {
  const startedAt = ports.clock.monotonic();
  const deadline = new Deadline(ports.clock, settings.ioTimeoutMs);
  const fs = new GuardedFileSystem(ports.fileSystem, deadline);
  const events = new EventHub();
  const background = new Background((bug) => {
    const message = bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
    events.emit('warning', { error: { kind: 'assertion', message }, during: 'background work' });
    events.dispatch();
  });
  const pool = new HandlePool(fs, settings.handlesMax, background);
  const locked = await lockDirectory(dir, settings, fs, pool);
  if (locked.isErr()) {
    deadline.dispose();
    return err(locked.error);
  }
  const directory = locked.value;
  const ctx: LogContext = { dir, settings, fs, clock: ports.clock, crc32c: ports.crc32c, deadline, pool, events, background, counters: newCounters(), directory };
  const opened = await openLocked(ctx, startedAt);
  if (opened.isErr()) await giveBack(ctx);
  return opened;
}

/** Gives back what every open log holds; the directory's handle, and with it the lock, goes last. @internal */
export async function giveBack(ctx: LogContext): Promise<void> {
  await ctx.pool.shut();
  await ctx.background.idle();
  await ctx.pool.close(ctx.directory);
  ctx.deadline.dispose();
}

async function lockDirectory(dir: string, settings: LogSettings, fs: FileSystem, pool: HandlePool): Promise<Result<FileHandle, OpenError>> {
  const facts = await fs.stat(dir);
  if (facts.isErr()) {
    if (facts.error.symbol === 'not-a-directory') return err(invalidArgument('dir', `${dir} lies below something that is no directory`));
    if (facts.error.symbol !== 'not-found') return err(diskError('read', facts.error));
    if (!settings.create) return err({ kind: 'not-found', message: `there is no log at ${dir}`, path: dir });
    const made = await makeDirectory(dir, fs, pool);
    if (made.isErr()) return err(made.error);
  } else if (facts.value.kind !== 'directory') {
    return err(invalidArgument('dir', `${dir} is no directory`));
  }
  const opened = await pool.openOwn(dir, 'directory');
  if (opened.isErr()) return err(diskError('read', opened.error));
  const lock = await opened.value.tryLock();
  if (lock.isOk() && lock.value.kind === 'acquired') return ok(opened.value);
  await pool.close(opened.value);
  if (lock.isErr()) return err(diskError('read', lock.error));
  if (lock.value.kind === 'unavailable') return err({ kind: 'io', operation: 'lock', path: dir, message: lock.value.message });
  const pid = lock.value.kind === 'held' ? lock.value.pid : null;
  const holder = pid === null ? 'another opener' : `process ${String(pid)}`;
  return err({ kind: 'locked', pid, path: dir, message: `the log at ${dir} is open in ${holder}` });
}

/** A new directory is durable once its parent is synced. */
async function makeDirectory(dir: string, fs: FileSystem, pool: HandlePool): Promise<Result<void, OpenError>> {
  const made = await fs.makeDirectory(dir);
  if (made.isErr()) {
    const { symbol } = made.error;
    if (symbol === 'not-a-directory' || symbol === 'exists') return err(invalidArgument('dir', `${dir} lies below something that is no directory`));
    return err(diskError('make-segment', made.error));
  }
  const parent = await pool.openOwn(parentOf(dir), 'directory');
  if (parent.isErr()) return ok(undefined);
  const synced = await parent.value.sync();
  await pool.close(parent.value);
  return synced.mapErr((failure) => diskError('sync-names', failure));
}

function parentOf(dir: string): string {
  const trimmed = dir.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : trimmed.slice(0, slash);
}

async function openLocked(ctx: LogContext, startedAt: number): Promise<Result<OpenedFiles, OpenError>> {
  const gathered = await gatherFacts(ctx);
  if (gathered.isErr()) return err(gathered.error);
  const facts = gathered.value;
  const bootId = await ctx.fs.bootId();
  const known = facts.segments.length > 0 || facts.checkpoint !== null;
  if (!known && facts.directory.foreign.length > 0) {
    return err(invalidArgument('dir', `${ctx.dir} holds other files (${facts.directory.foreign.slice(0, 3).join(', ')}) and no log`));
  }
  if (!known && !ctx.settings.create) return err({ kind: 'not-found', message: `there is no log at ${ctx.dir}`, path: ctx.dir });
  if (!known || isUnfinishedCreation(facts)) return createLog(ctx, bootId, facts, startedAt);
  if (facts.segments.length === 0) return openWithoutSegments(ctx, facts);
  const recovered = await recoverTail(ctx, facts);
  if (recovered.isErr()) return err(recovered.error);
  return carryOut(ctx, facts, recovered.value, bootId, startedAt);
}

async function firstLook(ctx: LogContext): Promise<SpaceFacts | null> {
  ctx.counters.statfsCalls += 1;
  const facts = await ctx.fs.statFileSystem(ctx.dir);
  return facts.isOk() ? facts.value : null;
}

/** A crash while the log was created leaves its first segment, empty, and no checkpoint. */
function isUnfinishedCreation(facts: GatheredFacts): boolean {
  const only = facts.segments[0];
  return !facts.directory.hasCheckpoint && facts.segments.length === 1 && only?.baseOffset === 0 && only.bytes === 0;
}

async function createLog(ctx: LogContext, bootId: string, facts: GatheredFacts, startedAt: number): Promise<Result<OpenedFiles, OpenError>> {
  const made = await createSegmentFile(ctx, 0);
  if (made.isErr()) return err(stepOpenError(made.error));
  const checkpoint = new CheckpointFile(ctx, null);
  const tag = newTag(ctx, bootId);
  const start = { offset: 0, segment: 0, position: 0 };
  const saved = await checkpoint.write(() => ({
    logStartOffset: 0,
    recoveryPoint: 0,
    recoveryPointSegment: 0,
    recoveryPointPosition: 0,
    highestSegment: 0,
    clean: true,
    endPosition: 0,
    tag,
  }));
  if (saved.isErr()) {
    await checkpoint.close();
    return err(diskError('make-segment', saved.error));
  }
  const segment: Segment = { baseOffset: 0, fileId: 1, path: pathIn(ctx.dir, segmentName(0)), sealed: null };
  const snapshot: LogSnapshot = { segments: [segment], sealedBytes: 0, logStartOffset: 0, recoveryPoint: start, highWatermark: 0, logEndOffset: 0, endPosition: 0 };
  const report = reportOf(ctx, { clean: true, snapshot, foreign: facts.directory.foreign, startedAt });
  const parts = { checkpoint, table: new SegmentTableFile(ctx, 0), spare: new Spare(ctx), cell: new SnapshotCell(snapshot), tag };
  return ok({
    ctx,
    start: { ...parts, active: null, continueWith: emptyIndex(ctx, 0), unproven: null, nextFileId: 1 },
    report,
    bootId,
    readOnly: null,
    space: await firstLook(ctx),
  });
}

/** The checkpoint tells of segments, and there is none: they vanished. */
function openWithoutSegments(ctx: LogContext, facts: GatheredFacts): Result<OpenedFiles, OpenError> {
  const checkpoint = facts.checkpoint?.checkpoint;
  const highest = checkpoint?.highestSegment ?? 0;
  const file = pathIn(ctx.dir, segmentName(highest));
  return err({
    kind: 'corruption',
    file,
    position: 0,
    fromOffset: checkpoint?.logStartOffset ?? 0,
    nextOffset: checkpoint?.recoveryPoint ?? 0,
    rule: 'missing-segment',
    message: `${file} is missing: the checkpoint tells of it, and there is no segment at all`,
  });
}

async function carryOut(ctx: LogContext, facts: GatheredFacts, found: RecoveredTail, bootId: string, startedAt: number): Promise<Result<OpenedFiles, OpenError>> {
  const { plan } = found;
  const last = facts.segments[facts.segments.length - 1] as FoundSegment;
  const spare = new Spare(ctx);
  const space = await firstLook(ctx);
  if (space?.family === 'copy-on-write') spare.setKind('ballast');
  let readOnly = await probeWritable(ctx, facts);
  if (facts.directory.hasSpare) await spare.adopt(readOnly === null && !plan.clean);
  if (readOnly === null) await removeLeftovers(ctx, facts);
  const checkpoint = new CheckpointFile(ctx, facts.checkpoint);
  const table = new SegmentTableFile(ctx, facts.table.fileBytes);
  const unproven: UnprovenRange | null =
    plan.endOffset > plan.provenOffset && plan.continueInPlace
      ? {
          from: { offset: plan.provenOffset, segment: last.baseOffset, position: plan.provenPosition },
          toOffset: plan.endOffset,
          toPosition: plan.endPosition,
        }
      : null;
  if (plan.torn !== null && readOnly === null) await keepAside(ctx, last, plan.endPosition, plan.torn.bytes);
  const snapshot = snapshotOf(facts, found, unproven);
  const tag = found.tag ?? newTag(ctx, bootId);
  const cell = new SnapshotCell(snapshot);
  const base = { checkpoint, table, spare, cell, tag };
  const rehomed = unproven === null || readOnly !== null ? null : await rehome(ctx, spare, unproven);
  if (rehomed?.isErr() === true) {
    const { doing, failure } = rehomed.error;
    const reaction = reactionTo(doing, failure.symbol);
    readOnly = {
      reason: reaction.state?.reason ?? 'io',
      cause: diskError(doing, failure),
      failed: reaction.state?.to !== 'read-only',
    };
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
  return { reason: state.reason, cause: diskError('make-segment', opened.error), failed: false };
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
      sealed: { nextOffset: next, endPosition: Math.min(entry?.endPosition ?? segment.bytes, segment.bytes), maxTimestamp },
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
  const lowest = facts.segments[0]?.baseOffset ?? 0;
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
  rehomed: { readonly active: NonNullable<FilesStart['active']>; readonly bytes: number; readonly toOffset: number },
): Pick<FilesStart, 'active' | 'continueWith' | 'unproven' | 'nextFileId'> {
  const { active, bytes, toOffset } = rehomed;
  const before = cell.current;
  const kept = before.segments.filter((segment) => segment.baseOffset < range.from.offset);
  const nextFileId = before.segments.length + 1;
  const path = pathIn(ctx.dir, segmentName(range.from.offset));
  cell.publish({
    ...before,
    segments: [...kept, { baseOffset: range.from.offset, fileId: nextFileId, path, sealed: null }],
    sealedBytes: sumSealedBytes(kept),
    recoveryPoint: { offset: toOffset, segment: active.baseOffset, position: bytes },
    highWatermark: toOffset,
    logEndOffset: toOffset,
    endPosition: bytes,
  });
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

/** A random tag, 1 … 32767: every log's batches carry its own. */
function newTag(ctx: LogContext, bootId: string): number {
  const seed = `${bootId} ${String(ctx.clock.now())} ${String(ctx.clock.monotonic())} ${ctx.dir}`;
  return (ctx.crc32c(new TextEncoder().encode(seed)) % 32_767) + 1;
}

function stepOpenError({ doing, failure }: FailedStep): OpenError {
  return diskError(doing, failure);
}

function reportOf(
  ctx: LogContext,
  given: {
    readonly clean: boolean;
    readonly snapshot: LogSnapshot;
    readonly foreign: readonly string[];
    readonly startedAt: number;
    readonly repaired?: readonly Repair[];
    readonly cut?: RecoveryReport['cut'];
    readonly rehomed?: RecoveryReport['rehomed'];
    readonly quarantined?: RecoveryReport['quarantined'];
  },
): RecoveryReport {
  const { snapshot } = given;
  const last = snapshot.segments[snapshot.segments.length - 1];
  return {
    clean: given.clean,
    keptBytes: snapshot.sealedBytes + (last?.sealed === null ? snapshot.endPosition : 0),
    keptToOffset: snapshot.highWatermark,
    cut: given.cut ?? null,
    rehomed: given.rehomed ?? null,
    quarantined: given.quarantined ?? [],
    repaired: given.repaired ?? [],
    foreignFiles: given.foreign,
    durationMs: ctx.clock.monotonic() - given.startedAt,
  };
}
