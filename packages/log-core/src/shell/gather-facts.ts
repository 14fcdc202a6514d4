/**
 * What opening reads before it decides anything: the listing, the checkpoint, the table of segments, the segments'
 * sizes. Nothing is written.
 */
import { err, ok, type Result } from 'neverthrow';
import { CHECKPOINT_FILE_BYTES, decodeCheckpointFile, isSoundCheckpointFile, type Checkpoint } from '../codec/checkpoint.js';
import type { SegmentTableEntry } from '../codec/segment-table.js';
import { classifyDirectory, segmentName, SIDE_FILES, type DirectoryFacts } from '../decide/file-names.js';
import { diskError, isLost } from '../decide/failure-policy.js';
import { isCleanlyClosed } from '../decide/recovery.js';
import type { Repair } from '../model/api.js';
import type { OpenError } from '../model/errors.js';
import type { ByteCount, Offset } from '../model/units.js';
import { pathIn, type LogContext } from './context.js';
import { readSegmentTable, type ReadTable } from './segment-table-file.js';
import { readFirstTag } from './scan-segment.js';
import { readSideFile } from './side-file.js';

/** @internal */
export interface FoundSegment {
  readonly baseOffset: Offset;
  readonly bytes: ByteCount;
  readonly path: string;
  /** Which file it is, whatever its name; null where the disk was not asked. */
  readonly identity: string | null;
}

/** @internal */
export interface GatheredFacts {
  readonly directory: DirectoryFacts;
  readonly checkpoint: { readonly checkpoint: Checkpoint; readonly slot: 0 | 1 } | null;
  readonly table: ReadTable;
  readonly segments: readonly FoundSegment[];
  readonly repaired: readonly Repair[];
}

/**
 * Of a log that was closed cleanly so many segments are asked for their size, the newest; what the table says of older
 * ones is taken as it is. Thousands of questions would cost more than all else that opening does.
 */
const STATS_AFTER_CLEAN_CLOSE_MAX = 64;
/** Sizes asked for at once; the port's own gate bounds what reaches the disk. */
const STATS_AT_ONCE = 64;

/** @internal */
export async function gatherFacts(ctx: LogContext): Promise<Result<GatheredFacts, OpenError>> {
  const listing = await ctx.fs.readDirectory(ctx.dir);
  if (listing.isErr()) return err(diskError('read', listing.error));
  const directory = classifyDirectory(listing.value);
  const checkpoint = await readCheckpoint(ctx, directory);
  if (checkpoint.isErr()) return err(checkpoint.error);
  const table = await readSegmentTable(ctx);
  if (table.isErr()) return err(diskError('read', table.error));
  const segments = await findSegments(ctx, directory.segments, checkpoint.value.found?.checkpoint ?? null, table.value);
  if (segments.isErr()) return err(segments.error);
  const believed = await believeCheckpoint(ctx, checkpoint.value, segments.value);
  if (believed.isErr()) return err(believed.error);
  const repaired = [...believed.value.repaired];
  if (table.value.isUnreadable) repaired.push({ file: SIDE_FILES.segmentTable, what: 'it cannot be read: it is written anew' });
  else if (table.value.damaged > 0) repaired.push({ file: SIDE_FILES.segmentTable, what: `${String(table.value.damaged)} damaged entries left out` });
  return ok({ directory, checkpoint: believed.value.found, table: table.value, segments: segments.value, repaired });
}

interface ReadCheckpoint {
  readonly found: GatheredFacts['checkpoint'];
  readonly repaired: readonly Repair[];
}

async function readCheckpoint(ctx: LogContext, directory: DirectoryFacts): Promise<Result<ReadCheckpoint, OpenError>> {
  if (!directory.hasCheckpoint) {
    const what = 'missing: every segment was scanned';
    return ok({ found: null, repaired: directory.segments.length > 0 ? [{ file: SIDE_FILES.checkpoint, what }] : [] });
  }
  const bytes = await readSideFile(ctx, SIDE_FILES.checkpoint, CHECKPOINT_FILE_BYTES, (found) => isSoundCheckpointFile(found, ctx.crc32c));
  if (bytes.isErr() && !isLost(bytes.error.symbol)) return err(diskError('read', bytes.error));
  const decoded = decodeCheckpointFile(bytes.unwrapOr(null) ?? new Uint8Array(0), ctx.crc32c);
  switch (decoded.kind) {
    case 'valid':
      return ok({
        found: { checkpoint: decoded.checkpoint, slot: decoded.slot },
        repaired: decoded.damagedSlots === 0 ? [] : [{ file: SIDE_FILES.checkpoint, what: 'one of two slots is damaged: the other was used' }],
      });
    case 'damaged':
      return ok({ found: null, repaired: [{ file: SIDE_FILES.checkpoint, what: 'damaged: every segment was scanned' }] });
    case 'newer-format':
      return err({
        kind: 'incompatible-format',
        message: `the log was written in format ${String(decoded.version)}, which is newer than this version reads`,
        path: pathIn(ctx.dir, SIDE_FILES.checkpoint),
      });
  }
}

/** A checkpoint of another log would have records passed over, or cut: the tag that the last segment begins with tells. */
async function believeCheckpoint(ctx: LogContext, read: ReadCheckpoint, segments: readonly FoundSegment[]): Promise<Result<ReadCheckpoint, OpenError>> {
  const last = segments[segments.length - 1];
  if (read.found === null || last === undefined || last.bytes === 0) return ok(read);
  const { checkpoint } = read.found;
  if (isCleanlyClosed({ checkpoint, lastSegment: last.baseOffset, lastSegmentBytes: last.bytes })) return ok(read);
  const borrowed = await ctx.pool.borrow(last.path);
  if (borrowed.isErr()) return err(diskError('read', borrowed.error));
  const tag = await readFirstTag({ handle: borrowed.value.handle, fileBytes: last.bytes, fromOffset: last.baseOffset, crc32c: ctx.crc32c });
  borrowed.value.release();
  if (tag.isErr()) return err(diskError('read', tag.error));
  if (tag.value === null || tag.value === checkpoint.tag) return ok(read);
  return ok({ found: null, repaired: [{ file: SIDE_FILES.checkpoint, what: 'of another log: every segment was scanned' }] });
}

/** The segments and their sizes, oldest first. */
async function findSegments(
  ctx: LogContext,
  bases: readonly Offset[],
  checkpoint: Checkpoint | null,
  table: ReadTable,
): Promise<Result<readonly FoundSegment[], OpenError>> {
  const lastBase = bases[bases.length - 1];
  if (lastBase === undefined) return ok([]);
  const last = await statSegment(ctx, lastBase);
  if (last.isErr()) return err(last.error);
  const isClean = isCleanlyClosed({ checkpoint, lastSegment: lastBase, lastSegmentBytes: last.value.bytes });
  const oldest = isClean ? bases.slice(0, Math.max(0, bases.length - 1 - STATS_AFTER_CLEAN_CLOSE_MAX)) : [];
  const told = oldest.map((baseOffset) => table.entries.get(baseOffset) ?? baseOffset);
  const untold = told.filter((each) => typeof each === 'number');
  const asked = await statSegments(ctx, [...untold, ...bases.slice(oldest.length, -1)]);
  if (asked.isErr()) return err(asked.error);
  const byBase = new Map(asked.value.map((segment) => [segment.baseOffset, segment]));
  const found = told.map((each) => (typeof each === 'number' ? (byBase.get(each) as FoundSegment) : toldSegment(ctx, each)));
  return ok([...found, ...asked.value.slice(untold.length), last.value]);
}

function toldSegment(ctx: LogContext, { baseOffset, endPosition }: SegmentTableEntry): FoundSegment {
  return { baseOffset, bytes: endPosition, path: pathIn(ctx.dir, segmentName(baseOffset)), identity: null };
}

async function statSegments(ctx: LogContext, bases: readonly Offset[]): Promise<Result<readonly FoundSegment[], OpenError>> {
  const found: FoundSegment[] = [];
  for (let at = 0; at < bases.length; at += STATS_AT_ONCE) {
    const some = await Promise.all(bases.slice(at, at + STATS_AT_ONCE).map((baseOffset) => statSegment(ctx, baseOffset)));
    for (const each of some) {
      if (each.isErr()) return err(each.error);
      found.push(each.value);
    }
  }
  return ok(found);
}

async function statSegment(ctx: LogContext, baseOffset: Offset): Promise<Result<FoundSegment, OpenError>> {
  const path = pathIn(ctx.dir, segmentName(baseOffset));
  const facts = await ctx.fs.stat(path);
  return facts.map(({ bytes, identity }) => ({ baseOffset, bytes, path, identity })).mapErr((failure) => diskError('read', failure));
}
