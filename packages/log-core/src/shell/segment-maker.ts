/**
 * New segments: out of the spare by rename, else created under a temporary name; synced, renamed, the
 * directory synced, all before the first record in them is acknowledged. INVARIANT: no file takes a segment's
 * name before its predecessor is synced to its end; the caller sees to that.
 */
import { err, ok, type Result } from 'neverthrow';
import { segmentName } from '../decide/file-names.js';
import type { ByteCount, Offset, Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { ActiveSegment } from './active-segment.js';
import { createTemporary, pathIn, step, type FailedStep, type LogContext, removeLeftover } from './context.js';
import { SegmentIndex } from './segment-index.js';
import type { Spare } from './spare.js';
import { writeWhole } from './write-whole.js';

/** Makes the empty segment `baseOffset` and opens it. @internal */
export async function makeSegment(ctx: LogContext, baseOffset: Offset, spare: Spare): Promise<Result<ActiveSegment, FailedStep>> {
  const file = await segmentFile(ctx, spare, 'segment');
  if (file.isErr()) return err(file.error);
  const named = await nameSegment(ctx, baseOffset, file.value, null);
  if (file.value.isSpare) spare.left(named.isErr() ? named.error.failure : null);
  return named;
}

/** Makes the empty file of a new log's first segment, durably, and leaves it closed. @internal */
export async function createSegmentFile(ctx: LogContext, baseOffset: Offset): Promise<Result<void, FailedStep>> {
  const created = await step('make-segment', createTemporary(ctx, 'segment'));
  if (created.isErr()) return err(created.error);
  const named = await nameSegment(ctx, baseOffset, { handle: created.value, blocksEnd: 0, isSpare: false }, null);
  if (named.isErr()) return err(named.error);
  await named.value.close();
  return ok(undefined);
}

/** A range of records to write into a new segment: batch bytes as they are, in order. @internal */
export type BatchSource = () => Promise<Result<Uint8Array | null, FailedStep>>;

/**
 * Makes the segment `baseOffset` out of bytes that are not proven durable elsewhere: written, synced, and only
 * then named. Where the same name exists it is replaced as a whole. @internal
 */
export async function makeSegmentFrom(
  ctx: LogContext,
  baseOffset: Offset,
  spare: Spare,
  next: BatchSource,
  index: SegmentIndex,
): Promise<Result<ActiveSegment, FailedStep>> {
  const file = await segmentFile(ctx, spare, 'copy');
  if (file.isErr()) return err(file.error);
  const filled = await fill(file.value.handle, next);
  if (filled.isErr()) {
    await discard(ctx, file.value.handle);
    if (file.value.isSpare) spare.left(null);
    return err(filled.error);
  }
  const named = await nameSegment(ctx, baseOffset, { ...file.value, blocksEnd: filled.value }, index);
  if (file.value.isSpare) spare.left(named.isErr() ? named.error.failure : null);
  return named;
}

interface NamelessFile {
  readonly handle: FileHandle;
  readonly blocksEnd: Position;
  /** It is called as the spare is, until it has its name. */
  readonly isSpare: boolean;
}

async function segmentFile(ctx: LogContext, spare: Spare, as: 'segment' | 'copy'): Promise<Result<NamelessFile, FailedStep>> {
  const taken = await spare.take(as);
  if (taken.isErr()) return err(taken.error);
  if (taken.value !== null) return ok({ ...taken.value, isSpare: true });
  const created = await step('make-segment', createTemporary(ctx, 'segment'));
  if (created.isErr()) return err(created.error);
  const synced = await step('append-sync', created.value.sync());
  if (synced.isOk()) return ok({ handle: created.value, blocksEnd: 0, isSpare: false });
  await discard(ctx, created.value);
  return err(synced.error);
}

/** Writes all bytes, drops what an earlier life of the file left behind them, and syncs. Answers the end. */
async function fill(handle: FileHandle, next: BatchSource): Promise<Result<Position, FailedStep>> {
  let end = 0;
  for (;;) {
    const bytes = await next();
    if (bytes.isErr()) return err(bytes.error);
    if (bytes.value === null) break;
    const written = await step('make-segment', writeWhole(handle, [bytes.value], end));
    if (written.isErr()) return err(written.error);
    end += bytes.value.byteLength;
  }
  const trimmed = await step('make-segment', handle.truncate(end));
  if (trimmed.isErr()) return err(trimmed.error);
  const synced = await step('append-sync', handle.sync());
  return synced.map(() => end);
}

async function nameSegment(
  ctx: LogContext,
  baseOffset: Offset,
  file: NamelessFile,
  index: SegmentIndex | null,
): Promise<Result<ActiveSegment, FailedStep>> {
  const path = pathIn(ctx.dir, segmentName(baseOffset));
  const renamed = await step('make-segment', ctx.fs.rename(file.handle.path, path));
  if (renamed.isErr()) {
    // A renaming that is still out needs its file: without it, it would answer that the file is gone.
    const isOut = ctx.deadline.lateAnswer(renamed.error.failure) !== null;
    await (isOut ? ctx.pool.close(file.handle) : discard(ctx, file.handle));
    return err(renamed.error);
  }
  ctx.pool.invalidate(path);
  const synced = await step('sync-names', ctx.directory.sync());
  if (synced.isErr()) {
    await ctx.pool.close(file.handle);
    return err(synced.error);
  }
  return ok(new ActiveSegment(ctx, baseOffset, file.handle, path, file.blocksEnd, index));
}

/** Takes a file back that did not become a segment; a leftover is removed at the next opening. */
async function discard(ctx: LogContext, handle: FileHandle): Promise<void> {
  await ctx.pool.close(handle);
  await removeLeftover(ctx, handle.path);
}

/** @internal */
export function emptyIndex(ctx: LogContext, baseOffset: Offset, coveredFrom: ByteCount = 0): SegmentIndex {
  return new SegmentIndex(baseOffset, ctx.settings.indexIntervalBytes, coveredFrom);
}
