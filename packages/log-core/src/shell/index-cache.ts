/**
 * Indexes of segments in memory, the least recently used given up. The active segment's own index is asked first;
 * one that was begun in the middle of its segment is completed from the file or the records when needed.
 */
import { ok, type Result } from 'neverthrow';
import type { IoFailure } from '../model/io-failure.js';
import type { Offset, Position } from '../model/units.js';
import type { LogContext } from './context.js';
import { buildIndex, readIndexFile, writeIndexFiles, type IndexedRange } from './index-files.js';
import { LockScope } from './lock-scope.js';
import type { SegmentIndex } from './segment-index.js';
import { lastSegment, type LogSnapshot, type Segment } from './snapshot.js';

/** About 8 MiB of indexes of full segments. */
const INDEXES_MAX = 32;

/** Where to start reading; `lastOffset` is of the batch there, null at a segment's begin. @internal */
export interface StartingPoint {
  readonly position: Position;
  readonly lastOffset: Offset | null;
}

const SEGMENT_BEGIN: StartingPoint = { position: 0, lastOffset: null };

/** @internal */
export class IndexCache {
  readonly #ctx: LogContext;
  readonly #liveIndex: () => SegmentIndex | null;
  readonly #mayWrite: () => boolean;
  readonly #loaded = new Map<string, Promise<Result<SegmentIndex, IoFailure>>>();
  /** One index at a time, so that the handles they take stay counted. Reading waits for no writing, which may be stuck. */
  readonly #reading = new LockScope('index-reading', () => undefined);

  /** `liveIndex` gives the active segment's own index; index files are only written where `mayWrite`. */
  constructor(ctx: LogContext, liveIndex: () => SegmentIndex | null, mayWrite: () => boolean) {
    this.#ctx = ctx;
    this.#liveIndex = liveIndex;
    this.#mayWrite = mayWrite;
  }

  /** Where to start reading for an offset in a segment. */
  async locate(snapshot: LogSnapshot, segment: Segment, offset: Offset): Promise<Result<StartingPoint, IoFailure>> {
    if (offset <= segment.baseOffset) return ok(SEGMENT_BEGIN);
    const live = this.#liveIndex();
    if (live !== null && live.baseOffset === segment.baseOffset && segment.sealed === null) {
      const found = live.lookup(offset);
      if (found !== null || live.coveredFrom === 0) return ok(found ?? SEGMENT_BEGIN);
    }
    const index = await this.#get(snapshot, segment);
    return index.map((loaded) => loaded.lookup(offset) ?? SEGMENT_BEGIN);
  }

  /** The index turned out wrong against the records: it is built anew when needed again. */
  distrust(segment: Segment): void {
    const range = rangeOf(null, segment);
    if (range === null) return;
    this.#keep(segment.path, this.#rebuild(range, true));
  }

  /** The file is gone, or another one has its name. */
  forget(path: string): void {
    this.#loaded.delete(path);
  }

  #get(snapshot: LogSnapshot, segment: Segment): Promise<Result<SegmentIndex, IoFailure>> {
    const known = this.#loaded.get(segment.path);
    if (known !== undefined) {
      this.#keep(segment.path, known);
      return known;
    }
    const range = rangeOf(snapshot, segment) as IndexedRange;
    const loading = segment.sealed === null ? this.#rebuild(range, false) : this.#load(range);
    this.#keep(segment.path, loading);
    return loading;
  }

  async #load(range: IndexedRange): Promise<Result<SegmentIndex, IoFailure>> {
    const read = await this.#reading.run(() => readIndexFile(this.#ctx, range));
    return read === null ? this.#rebuild(range, true) : ok(read);
  }

  #rebuild(range: IndexedRange, writeBack: boolean): Promise<Result<SegmentIndex, IoFailure>> {
    const rebuilt = buildIndex(this.#ctx, range);
    if (writeBack && this.#mayWrite()) this.#ctx.background.run(this.#writeBack(rebuilt));
    return rebuilt;
  }

  async #writeBack(rebuilt: Promise<Result<SegmentIndex, IoFailure>>): Promise<void> {
    const index = await rebuilt;
    if (index.isOk() && this.#mayWrite()) await this.#ctx.indexWriting.run(() => writeIndexFiles(this.#ctx, index.value));
  }

  #keep(path: string, index: Promise<Result<SegmentIndex, IoFailure>>): void {
    this.#loaded.delete(path);
    this.#loaded.set(path, index);
    this.#ctx.background.run(this.#forgetFailure(path, index));
    if (this.#loaded.size <= INDEXES_MAX) return;
    for (const oldest of this.#loaded.keys()) {
      this.#loaded.delete(oldest);
      return;
    }
  }

  /** What could not be read now may be readable the next time. */
  async #forgetFailure(path: string, index: Promise<Result<SegmentIndex, IoFailure>>): Promise<void> {
    const loaded = await index;
    if (loaded.isErr() && this.#loaded.get(path) === index) this.#loaded.delete(path);
  }
}

function rangeOf(snapshot: LogSnapshot | null, segment: Segment): IndexedRange | null {
  const { baseOffset, path, sealed } = segment;
  if (sealed !== null) return { baseOffset, path, endOffset: sealed.nextOffset, endPosition: sealed.endPosition };
  if (snapshot === null || lastSegment(snapshot).baseOffset !== baseOffset) return null;
  return { baseOffset, path, endOffset: snapshot.highWatermark, endPosition: snapshot.endPosition };
}
