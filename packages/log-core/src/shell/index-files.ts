/**
 * The index files of sealed segments, in Kafka's entry formats: written when a segment is sealed, read when an
 * offset inside it is looked for, rebuilt from the records when missing or wrong. They are never the truth.
 */
import { err, ok, type Result } from 'neverthrow';
import { decodeOffsetEntries, encodeOffsetEntries, encodeTimeEntries } from '../codec/index-entries.js';
import { indexName, timeIndexName } from '../decide/file-names.js';
import type { IoFailure } from '../model/io-failure.js';
import { MIB, type Offset, type Position } from '../model/units.js';
import { pathIn, unlinkIfThere, warn, type LogContext, removeLeftover } from './context.js';
import { scanSegment } from './scan-segment.js';
import { SegmentIndex } from './segment-index.js';
import { readSideFile } from './side-file.js';
import { writeWhole } from './write-whole.js';

/** More than an index of a 1 GiB segment with the smallest interval that makes sense. */
const INDEX_BYTES_MAX = 64 * MIB;

/** Writes both index files of a sealed segment. A failure is a warning. @internal */
export async function writeIndexFiles(ctx: LogContext, index: SegmentIndex): Promise<void> {
  const offsets = await writeFresh(ctx, indexName(index.baseOffset), encodeOffsetEntries(index.offsetEntries()));
  const times = await writeFresh(ctx, timeIndexName(index.baseOffset), encodeTimeEntries(index.timeEntries()));
  for (const written of [offsets, times]) if (written.isErr()) warn(ctx, 'writing an index', written.error);
}

async function writeFresh(ctx: LogContext, name: string, bytes: Uint8Array): Promise<Result<void, IoFailure>> {
  const path = pathIn(ctx.dir, name);
  const removed = await unlinkIfThere(ctx, path);
  if (removed.isErr()) return removed;
  const created = await ctx.pool.openOwn(path, 'create');
  if (created.isErr()) return err(created.error);
  const written = bytes.byteLength === 0 ? ok(undefined) : await writeWhole(created.value, [bytes], 0);
  await ctx.pool.close(created.value);
  // Half an index would be found wrong one day and rebuilt; none is rebuilt at once.
  if (written.isErr()) await removeLeftover(ctx, path);
  return written;
}

/** What an index is wanted for: a segment, and where its records end. @internal */
export interface IndexedRange {
  readonly baseOffset: Offset;
  readonly path: string;
  readonly endOffset: Offset;
  readonly endPosition: Position;
}

/**
 * The index of a sealed segment from its file, null where that is not whole. What it promises is checked by whoever reads
 * at the place it names. @internal
 */
export async function readIndexFile(ctx: LogContext, range: IndexedRange): Promise<SegmentIndex | null> {
  const bytes = await readSideFile(ctx, indexName(range.baseOffset), INDEX_BYTES_MAX);
  if (bytes.isErr() || bytes.value === null) return null;
  const entries = decodeOffsetEntries(bytes.value);
  if (entries.isErr()) return null;
  const index = new SegmentIndex(range.baseOffset, ctx.settings.indexIntervalBytes);
  for (const entry of entries.value) index.addEntry(entry);
  return index;
}

/**
 * The index of a segment's records up to `endPosition`, by reading them. Damage inside ends it early: what follows is
 * found by searching. @internal
 */
export async function buildIndex(ctx: LogContext, range: IndexedRange): Promise<Result<SegmentIndex, IoFailure>> {
  const borrowed = await ctx.pool.borrow(range.path);
  if (borrowed.isErr()) return err(borrowed.error);
  const index = new SegmentIndex(range.baseOffset, ctx.settings.indexIntervalBytes);
  const scanned = await scanSegment({
    handle: borrowed.value.handle,
    fileBytes: range.endPosition,
    fromOffset: range.baseOffset,
    fromPosition: 0,
    offsetMax: range.endOffset,
    tag: null,
    crc32c: ctx.crc32c,
    onBatch: (header, position) => {
      index.addBatch(header.baseOffset + header.lastOffsetDelta, position, header.batchBytes, header.maxTimestamp);
    },
  });
  borrowed.value.release();
  return scanned.map(() => index);
}
