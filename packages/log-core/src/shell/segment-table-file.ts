/**
 * The table of segments: for every sealed segment where it ends, appended when it is sealed and never synced. A
 * cache, so that opening reads one file instead of ten thousand; what is missing is found out when it is needed.
 */
import { ok, type Result } from 'neverthrow';
import { decodeSegmentTable, encodeSegmentTableEntries, SEGMENT_TABLE_ENTRY_BYTES, type SegmentTableEntry } from '../codec/segment-table.js';
import { isLost } from '../decide/failure-policy.js';
import { SIDE_FILES } from '../decide/file-names.js';
import type { IoFailure } from '../model/io-failure.js';
import { MIB, type Offset } from '../model/units.js';
import { pathIn, warn, type LogContext } from './context.js';
import { LockScope } from './lock-scope.js';
import { readSideFile, replaceSideFile } from './side-file.js';
import type { Segment } from './snapshot.js';
import { writeWhole } from './write-whole.js';

/** A log of a million segments would have a table of 40 MB. */
const TABLE_BYTES_MAX = 64 * MIB;

/** @internal */
export interface ReadTable {
  readonly entries: ReadonlyMap<Offset, SegmentTableEntry>;
  readonly damaged: number;
  readonly fileBytes: number;
  readonly isUnreadable: boolean;
}

/** Reads the table; an empty one where there is none. @internal */
export async function readSegmentTable(ctx: LogContext): Promise<Result<ReadTable, IoFailure>> {
  const bytes = await readSideFile(ctx, SIDE_FILES.segmentTable, TABLE_BYTES_MAX);
  if (bytes.isErr() && isLost(bytes.error.symbol)) return ok({ entries: new Map(), damaged: 0, fileBytes: 0, isUnreadable: true });
  return bytes.map((given) => {
    const { entries, damaged } = decodeSegmentTable(given ?? new Uint8Array(0), ctx.crc32c);
    const fileBytes = given?.byteLength ?? 0;
    return { entries: new Map(entries.map((entry) => [entry.baseOffset, entry])), damaged, fileBytes, isUnreadable: false };
  });
}

/** @internal */
export class SegmentTableFile {
  readonly #ctx: LogContext;
  readonly #lock = new LockScope('segment-table', () => undefined);
  /** Where the next entry goes; null after a failure: then the table is written anew at close. */
  #end: number | null;

  /** `found` is what opening read, null where there is no table. One with damage in it is written anew at close. */
  constructor(ctx: LogContext, found: ReadTable | null) {
    this.#ctx = ctx;
    const fileBytes = found?.fileBytes ?? 0;
    this.#end = found === null || (found.damaged === 0 && !found.isUnreadable) ? fileBytes - (fileBytes % SEGMENT_TABLE_ENTRY_BYTES) : null;
  }

  /** Notes a segment that was sealed. Its failure is a warning: the table is only a cache. */
  append(segment: Segment): Promise<void> {
    return this.#lock.run(async () => {
      const entry = tableEntry(segment);
      if (this.#end === null || entry === null) return;
      const appended = await this.#write(encodeSegmentTableEntries([entry], this.#ctx.crc32c), this.#end);
      if (appended.isOk()) {
        this.#end += SEGMENT_TABLE_ENTRY_BYTES;
        return;
      }
      this.#end = null;
      warn(this.#ctx, 'noting a sealed segment', appended.error);
    });
  }

  /** Writes the table anew, without the segments that are gone, where it has grown to twice what is needed. */
  compact(segments: readonly Segment[]): Promise<void> {
    return this.#lock.run(async () => {
      const entries = segments.map(tableEntry).filter((entry) => entry !== null);
      const needed = entries.length * SEGMENT_TABLE_ENTRY_BYTES;
      if (this.#end !== null && this.#end <= 2 * needed + SEGMENT_TABLE_ENTRY_BYTES * 64) return;
      const replaced = await replaceSideFile(this.#ctx, SIDE_FILES.segmentTable, encodeSegmentTableEntries(entries, this.#ctx.crc32c));
      if (replaced.isErr()) return;
      this.#end = needed;
      await this.#ctx.pool.close(replaced.value);
    });
  }

  async #write(bytes: Uint8Array, at: number): Promise<Result<void, IoFailure>> {
    const path = pathIn(this.#ctx.dir, SIDE_FILES.segmentTable);
    const existing = await this.#ctx.pool.openOwn(path, 'write');
    const opened = existing.isErr() && existing.error.symbol === 'not-found' ? await this.#ctx.pool.openOwn(path, 'create') : existing;
    if (opened.isErr()) return opened.map(() => undefined);
    const written = await writeWhole(opened.value, [bytes], at);
    await this.#ctx.pool.close(opened.value);
    return written;
  }
}

function tableEntry(segment: Segment): SegmentTableEntry | null {
  // What is only bounded by the file's size would pass for known the next time.
  if (segment.sealed === null || segment.sealed.isBound === true) return null;
  const { nextOffset, endPosition, maxTimestamp } = segment.sealed;
  return { baseOffset: segment.baseOffset, nextOffset, endPosition, maxTimestamp: maxTimestamp ?? -1 };
}
