/**
 * The space guard's arithmetic: thresholds of a volume, how soon to look again, how large the spare
 * should be. `statfs` only times attempts; nothing here says that a write will or will not succeed.
 */
import type { SpaceSettings } from '../model/options.js';
import { MIB, type ByteCount, type Milliseconds } from '../model/units.js';

/** @internal */
export interface SpaceThresholds {
  readonly lowBytes: ByteCount;
  readonly highBytes: ByteCount;
}

/** Low and high mark of a volume of this size, taken anew at every look. INVARIANT: low < high. @internal */
export function spaceThresholds(settings: SpaceSettings, totalBytes: ByteCount): SpaceThresholds {
  const share = (percent: number | null, fallback: number): number => (totalBytes * (percent ?? fallback)) / 100;
  const low = settings.lowBytes ?? Math.min(share(settings.lowPercent, 5), settings.lowPercent === null ? 64 * MIB : Infinity);
  const high = settings.highBytes ?? Math.min(share(settings.highPercent, 8), settings.highPercent === null ? 96 * MIB : Infinity);
  const lowBytes = Math.floor(low);
  return { lowBytes, highBytes: Math.max(Math.floor(high), lowBytes + 1) };
}

/** What one look at the volume says: `low` to enter low-space, `high` to leave it, `between` to stay. @internal */
export function judgeSpace(freeBytes: ByteCount, thresholds: SpaceThresholds): 'low' | 'between' | 'high' {
  if (freeBytes < thresholds.lowBytes) return 'low';
  return freeBytes >= thresholds.highBytes ? 'high' : 'between';
}

/** How soon to look again: the period shrinks from `intervalMs` to a tenth of it as space falls to the low mark. @internal */
export function nextLookMs(intervalMs: Milliseconds, freeBytes: ByteCount, thresholds: SpaceThresholds): Milliseconds {
  const room = freeBytes / (thresholds.highBytes * 4);
  return Math.max(Math.ceil(intervalMs / 10), Math.min(intervalMs, Math.ceil(intervalMs * room)));
}

/** When an attempt to return was made, and what was free then. @internal */
export interface ReturnTry {
  readonly at: Milliseconds;
  readonly freeBytes: ByteCount;
}

/**
 * Whether a read-only log should try to return now: at every look where next to nothing is free, for then a failing
 * attempt costs next to nothing; else when more is free than at the last one, or after `intervalMs`. @internal
 */
export function shouldTryReturn(last: ReturnTry | null, now: ReturnTry, intervalMs: Milliseconds): boolean {
  if (last === null || now.freeBytes <= CHEAP_TRY_BYTES) return true;
  return now.freeBytes > last.freeBytes || now.at - last.at >= intervalMs;
}

/** What an attempt that fails may write without anybody noticing. */
const CHEAP_TRY_BYTES = MIB;

/**
 * How many bytes the spare should hold: at least the reserve and one batch, at most a segment; null on a
 * volume or quota too small to have one (where that least would take more than a quarter of it). @internal
 */
export function spareBytes(facts: {
  readonly reserveBytes: ByteCount | null;
  readonly batchBytesMax: ByteCount;
  readonly segmentBytes: ByteCount;
  readonly volumeBytes: ByteCount;
  readonly quotaBytesMax: ByteCount | null;
}): ByteCount | null {
  const bound = Math.min(facts.volumeBytes, facts.quotaBytesMax ?? Infinity);
  const wanted = Math.max(facts.reserveBytes ?? 0, facts.batchBytesMax + BATCH_SLACK_BYTES);
  const bytes = Math.ceil(wanted / BLOCK_BYTES) * BLOCK_BYTES;
  return bytes > bound / 4 ? null : Math.max(bytes, Math.min(facts.segmentBytes, 16 * MIB, Math.floor(bound / 32 / BLOCK_BYTES) * BLOCK_BYTES));
}

const BLOCK_BYTES = 4096;
/** Room for a batch's header beside `batchBytesMax` of records, rounded up to a block. */
const BATCH_SLACK_BYTES = BLOCK_BYTES;

/** What the checkpoint, the watermark, the table and the indexes of so many records and segments take at most. @internal */
export function sideBytes(recordBytes: ByteCount, segments: number): ByteCount {
  return SMALL_FILES_BYTES + segments * TABLE_AND_INDEX_BYTES + Math.ceil(recordBytes / RECORD_BYTES_PER_INDEX_BYTE);
}

const SMALL_FILES_BYTES = 12 * 1024;
const TABLE_AND_INDEX_BYTES = 64;
/** Two entries, 20 bytes, for every 4 KiB of records. */
const RECORD_BYTES_PER_INDEX_BYTE = 200;
