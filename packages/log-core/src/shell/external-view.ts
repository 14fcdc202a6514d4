/**
 * What a reader in another process sees of a log: the directory's segments, bounded by the watermark the writer tells,
 * or, where that is of another boot or missing, by the checkpoint's recovery point. It writes no byte and takes no lock.
 * INVARIANT: nothing at or above the writer's high watermark is ever shown.
 */
import { err, ok, type Result } from 'neverthrow';
import { CHECKPOINT_FILE_BYTES, decodeCheckpointFile, isSoundCheckpointFile, type Checkpoint } from '../codec/checkpoint.js';
import { decodeWatermark, WATERMARK_BYTES, type Watermark } from '../codec/watermark.js';
import { diskError } from '../decide/failure-policy.js';
import { classifyDirectory, segmentName, SIDE_FILES } from '../decide/file-names.js';
import { firstLiveSegment } from '../decide/recovery.js';
import type { Gone, OpenError } from '../model/errors.js';
import { GIB, type ByteCount, type Offset } from '../model/units.js';
import { pathIn, type LogContext } from './context.js';
import { readFully, readSideFile } from './side-file.js';
import type { LogSnapshot, Segment } from './snapshot.js';
import { SnapshotCell } from './snapshot-cell.js';

/** @internal */
export class ExternalView {
  readonly #ctx: LogContext;
  readonly #bootId: string;
  readonly #cell: SnapshotCell;
  readonly tag: number;
  /** Ends the segments' identities: a file of the same name may be another one after re-homing. */
  #identities = new Map<string, number>();
  #nextFileId = 1;
  #generation: number | null = null;

  private constructor(ctx: LogContext, bootId: string, first: LogSnapshot, tag: number) {
    this.#ctx = ctx;
    this.#bootId = bootId;
    this.#cell = new SnapshotCell(first);
    this.tag = tag;
  }

  /** Looks at the directory for the first time; `not-found` where no log is there yet. */
  static async open(ctx: LogContext): Promise<Result<ExternalView, OpenError>> {
    const checkpoint = await readCheckpoint(ctx);
    if (checkpoint.isErr()) return err(checkpoint.error);
    const empty: LogSnapshot = {
      segments: [],
      sealedBytes: 0,
      logStartOffset: 0,
      recoveryPoint: { offset: 0, segment: 0, position: 0 },
      highWatermark: 0,
      logEndOffset: 0,
      endPosition: 0,
    };
    const view = new ExternalView(ctx, await ctx.fs.bootId(), empty, checkpoint.value.tag);
    const loaded = await view.reload();
    return loaded.map(() => view);
  }

  get cell(): SnapshotCell {
    return this.#cell;
  }

  /**
   * Reads the watermark; the directory too where the writer is another one by now, or went on past what is known. Answers why
   * there is no log any more; where looking failed otherwise, what is known stays.
   */
  async refresh(): Promise<Gone | null> {
    const watermark = await this.#readWatermark();
    if (watermark === null || watermark.generation !== this.#generation) return whyLost(await this.reload());
    const { current } = this.#cell;
    const isNews = watermark.highWatermark !== current.highWatermark || watermark.recoveryPoint !== current.recoveryPoint.offset || watermark.logStartOffset !== current.logStartOffset;
    if (isNews) this.#publish(current.segments, watermark, null);
    return null;
  }

  /** The same by the watermark's name: one that is held tells nothing of a directory that was removed, or made anew. */
  refreshByName(): Promise<Gone | null> {
    this.#ctx.pool.invalidate(this.#watermarkPath);
    return this.refresh();
  }

  /** Reads everything anew: listing, checkpoint, watermark. */
  async reload(): Promise<Result<void, OpenError>> {
    const listing = await this.#ctx.fs.readDirectory(this.#ctx.dir);
    if (listing.isErr()) return err(diskError('read', listing.error));
    const { segments: bases } = classifyDirectory(listing.value);
    if (bases.length === 0) return err(noLog(this.#ctx));
    const checkpoint = await readCheckpoint(this.#ctx);
    if (checkpoint.isErr()) return err(checkpoint.error);
    // Read after the listing: what it tells of lies in segments that are listed, or in newer ones.
    const watermark = await this.#readWatermark();
    const segments = await this.#segmentsOf(bases);
    this.#publish(segments.slice(firstLiveSegment(segments, checkpoint.value)), watermark, checkpoint.value);
    return ok(undefined);
  }

  /** Bytes of the segments' files: as much as there may be to read, with blocks ahead. */
  async fileBytes(): Promise<ByteCount> {
    let bytes = 0;
    for (const { path } of this.#cell.current.segments) bytes += (await this.#ctx.fs.stat(path)).map((facts) => facts.bytes).unwrapOr(0);
    return bytes;
  }

  #publish(segments: readonly Segment[], watermark: Watermark | null, checkpoint: Checkpoint | null): void {
    const { current } = this.#cell;
    // The watermark may lag behind a checkpoint that was read before: what is durable does not go back while the writer is the same.
    const known = watermark !== null && watermark.generation === this.#generation ? current.recoveryPoint.offset : 0;
    this.#generation = watermark?.generation ?? null;
    const recoveryPoint = Math.max(watermark?.recoveryPoint ?? 0, checkpoint?.recoveryPoint ?? 0, known);
    const highWatermark = Math.max(watermark?.highWatermark ?? 0, recoveryPoint);
    const lowest = segments[0]?.baseOffset ?? 0;
    const logStartOffset = Math.max(lowest, watermark?.logStartOffset ?? 0, checkpoint?.logStartOffset ?? current.logStartOffset);
    const last = segments[segments.length - 1]?.baseOffset ?? 0;
    const unchanged = segments === current.segments && logStartOffset === current.logStartOffset;
    this.#cell.publish({
      segments: unchanged ? segments : this.#withoutDeleted(segments, logStartOffset),
      sealedBytes: 0,
      logStartOffset,
      recoveryPoint: { offset: recoveryPoint, segment: last, position: 0 },
      highWatermark,
      logEndOffset: highWatermark,
      endPosition: GIB,
    });
  }

  /** Gives back what the writer deleted: the blocks of a file are free only once nobody holds it any more. */
  #withoutDeleted(segments: readonly Segment[], logStartOffset: Offset): readonly Segment[] {
    const kept = segments.filter(({ sealed }) => sealed === null || sealed.nextOffset > logStartOffset);
    const paths = new Set(kept.map(({ path }) => path));
    for (const { path } of this.#cell.current.segments) if (!paths.has(path)) this.#ctx.pool.invalidate(path);
    return kept;
  }

  async #segmentsOf(bases: readonly Offset[]): Promise<Segment[]> {
    const known = new Map(this.#cell.current.segments.map((segment) => [segment.baseOffset, segment]));
    const segments: Segment[] = [];
    for (const [i, baseOffset] of bases.entries()) {
      const next = bases[i + 1];
      const path = pathIn(this.#ctx.dir, segmentName(baseOffset));
      const before = known.get(baseOffset);
      // Only a segment that took appends when it was last seen can have been replaced.
      const fileId = before !== undefined && before.sealed !== null ? before.fileId : await this.#fileIdOf(path, before?.fileId ?? null);
      segments.push({ baseOffset, fileId, path, sealed: next === undefined ? null : { nextOffset: next, endPosition: GIB, maxTimestamp: null } });
    }
    return segments;
  }

  async #fileIdOf(path: string, before: number | null): Promise<number> {
    const facts = await this.#ctx.fs.stat(path);
    if (facts.isErr()) return before ?? this.#nextId();
    const known = this.#identities.get(facts.value.identity);
    if (known !== undefined && known === before) return known;
    // Another file has the name now, perhaps in the place of one that was deleted; or it is seen for the first time.
    this.#ctx.pool.invalidate(path);
    const fileId = this.#nextId();
    this.#identities = new Map([...this.#identities].slice(-IDENTITIES_MAX));
    this.#identities.set(facts.value.identity, fileId);
    return fileId;
  }

  get #watermarkPath(): string {
    return pathIn(this.#ctx.dir, SIDE_FILES.watermark);
  }

  #nextId(): number {
    this.#nextFileId += 1;
    return this.#nextFileId;
  }

  /** The watermark where it is whole and of this boot: what was written since is in the page cache at least. */
  async #readWatermark(): Promise<Watermark | null> {
    const borrowed = await this.#ctx.pool.borrow(this.#watermarkPath);
    if (borrowed.isErr()) return null;
    const bytes = new Uint8Array(WATERMARK_BYTES);
    let watermark: Watermark | null = null;
    // A write may be under way: torn bytes are read again.
    for (let tries = 0; watermark === null && tries < TORN_TRIES_MAX; tries += 1) {
      const read = await readFully(borrowed.value.handle, bytes, 0);
      if (read.isErr()) break;
      watermark = decodeWatermark(bytes, this.#ctx.crc32c);
    }
    borrowed.value.release();
    return watermark?.bootId === this.#bootId ? watermark : null;
  }
}

const TORN_TRIES_MAX = 3;
const IDENTITIES_MAX = 1_000;

/** A log that is gone is told; whatever else kept from looking may be over the next time. */
function whyLost(reloaded: Result<void, OpenError>): Gone | null {
  if (reloaded.isOk()) return null;
  const { error } = reloaded;
  if (error.kind === 'not-found') return { kind: 'gone', message: error.message };
  return error.kind === 'gone' ? error : null;
}

function noLog(ctx: LogContext): OpenError {
  return { kind: 'not-found', message: `there is no log at ${ctx.dir}`, path: ctx.dir };
}

async function readCheckpoint(ctx: LogContext): Promise<Result<Checkpoint, OpenError>> {
  const bytes = await readSideFile(ctx, SIDE_FILES.checkpoint, CHECKPOINT_FILE_BYTES, (found) => isSoundCheckpointFile(found, ctx.crc32c));
  if (bytes.isErr()) return err(diskError('read', bytes.error));
  if (bytes.value === null) return err(noLog(ctx));
  const decoded = decodeCheckpointFile(bytes.value, ctx.crc32c);
  switch (decoded.kind) {
    case 'valid':
      return ok(decoded.checkpoint);
    case 'newer-format':
      return err({ kind: 'incompatible-format', message: `the log was written in format ${String(decoded.version)}, which is newer than this version reads` });
    case 'damaged':
      return err({
        kind: 'corruption',
        file: pathIn(ctx.dir, SIDE_FILES.checkpoint),
        position: 0,
        fromOffset: 0,
        nextOffset: 0,
        rule: 'checkpoint',
        message: 'the checkpoint is damaged: opening the log for writing rebuilds it',
      });
  }
}
