/**
 * The space guard's arithmetic: thresholds of a volume, how soon to look again, how large the spare
 * should be. `statfs` only times attempts; nothing here says that a write will or will not succeed.
 */
import type { SpaceSettings } from '../model/options.js';
import { KIB, MIB, type ByteCount, type Milliseconds } from '../model/units.js';

/** @internal */
export interface SpaceThresholds {
  readonly lowBytes: ByteCount;
  readonly highBytes: ByteCount;
}

/**
 * Low and high mark of a volume of this size, taken anew at every look. A high mark that is not given lies half as far again
 * above the low one, or in the middle of what is left there. INVARIANT: low < high. @internal
 */
export function spaceThresholds(settings: SpaceSettings, totalBytes: ByteCount): SpaceThresholds {
  const share = (percent: number | null, fallback: number): number => (totalBytes * (percent ?? fallback)) / 100;
  const low = settings.lowBytes ?? Math.min(share(settings.lowPercent, 5), settings.lowPercent === null ? 64 * MIB : Infinity);
  const high = settings.highBytes ?? Math.min(share(settings.highPercent, 8), settings.highPercent === null ? 96 * MIB : Infinity);
  const lowBytes = Math.floor(low);
  const isGiven = settings.highBytes !== null || settings.highPercent !== null;
  const apart = isGiven ? 1 : Math.floor(Math.min(lowBytes, totalBytes - lowBytes) / 2);
  return { lowBytes, highBytes: Math.max(Math.floor(high), lowBytes + Math.max(apart, 1)) };
}

/**
 * Low and high mark of what `quotaBytesMax` leaves: as on a volume of that size, but at least room for a batch where that
 * is little of it, and never more than a quarter and a half. INVARIANT: low < high. @internal
 */
export function quotaThresholds(settings: SpaceSettings, quotaBytes: ByteCount, batchBytesMax: ByteCount): SpaceThresholds {
  const { lowBytes, highBytes } = spaceThresholds(settings, quotaBytes);
  const low = Math.min(Math.max(lowBytes, Math.min(batchBytesMax, Math.floor(quotaBytes / 8))), Math.floor(quotaBytes / 4));
  return { lowBytes: low, highBytes: Math.max(low + 1, Math.min(Math.max(highBytes, 2 * low), Math.floor(quotaBytes / 2))) };
}

/** What one look at the volume says: `low` to enter low-space, `high` to leave it, `between` to stay. @internal */
export function judgeSpace(freeBytes: ByteCount, thresholds: SpaceThresholds): 'low' | 'between' | 'high' {
  if (freeBytes < thresholds.lowBytes) return 'low';
  return freeBytes >= thresholds.highBytes ? 'high' : 'between';
}

/**
 * The same for a log: of its volume, where that is known, and of its own quota. Low where one of them is, high only where
 * none is below its high mark. @internal
 */
export function judgeLogSpace(
  settings: { readonly space: SpaceSettings; readonly quotaBytesMax: ByteCount | null; readonly batchBytesMax: ByteCount },
  volume: { readonly freeBytes: ByteCount; readonly totalBytes: ByteCount } | null,
  quotaFreeBytes: ByteCount,
): { readonly mark: 'low' | 'between' | 'high'; readonly reason: 'disk-full' | 'quota' } {
  const { space, quotaBytesMax, batchBytesMax } = settings;
  const ofVolume = volume === null ? 'between' : judgeSpace(volume.freeBytes, spaceThresholds(space, volume.totalBytes));
  if (quotaBytesMax === null || ofVolume === 'low') return { mark: ofVolume, reason: 'disk-full' };
  const ofQuota = judgeSpace(quotaFreeBytes, quotaThresholds(space, quotaBytesMax, batchBytesMax));
  return { mark: ofQuota === 'high' ? ofVolume : ofQuota, reason: 'quota' };
}

/**
 * How much may be written until the next look: a few MiB, and less as space falls to the low mark, so that it is met
 * before the disk is full. @internal
 */
export function lookEveryBytes(freeBytes: ByteCount, thresholds: SpaceThresholds): ByteCount {
  const room = freeBytes - thresholds.lowBytes;
  return room < 0 ? LOOK_BYTES_MAX : Math.max(LOOK_BYTES_MIN, Math.min(LOOK_BYTES_MAX, Math.floor(room / 2)));
}

const LOOK_BYTES_MAX = 4 * MIB;
const LOOK_BYTES_MIN = 64 * KIB;

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

/**
 * Whether the spare should be tried for again while appends still work. An attempt that fails fills the disk for a moment,
 * for other programs too: so it is made where `statfs` shows room, and seldom where it does not, for it may be wrong. @internal
 */
export function shouldTrySpare(last: ReturnTry | null, now: ReturnTry, wantedBytes: ByteCount, intervalMs: Milliseconds): boolean {
  if (last === null) return true;
  const elapsedMs = now.at - last.at;
  if (now.freeBytes < wantedBytes) return elapsedMs >= DOUBTFUL_TRY_INTERVALS * intervalMs;
  return now.freeBytes > last.freeBytes || elapsedMs >= intervalMs;
}

const DOUBTFUL_TRY_INTERVALS = 10;

/** What an attempt that fails may write without anybody noticing. */
const CHEAP_TRY_BYTES = MIB;

/**
 * How many bytes the spare should hold: at least the reserve and one batch, at most a segment; null on a
 * volume or quota too small to have one (where that least would take more than half of it). A log that flushes large
 * regions has the least: their blocks would be written twice at the disk's full speed, which costs more than it saves. @internal
 */
export function spareBytes(facts: {
  readonly reserveBytes: ByteCount | null;
  readonly batchBytesMax: ByteCount;
  readonly segmentBytes: ByteCount;
  readonly volumeBytes: ByteCount;
  readonly quotaBytesMax: ByteCount | null;
  /** About how large a region is that is flushed by itself. */
  readonly regionBytes: ByteCount;
}): ByteCount | null {
  const bound = Math.min(facts.volumeBytes, facts.quotaBytesMax ?? Infinity);
  const wanted = Math.max(facts.reserveBytes ?? 0, facts.batchBytesMax + BATCH_SLACK_BYTES);
  const bytes = Math.ceil(wanted / BLOCK_BYTES) * BLOCK_BYTES;
  if (bytes > bound / 2) return null;
  if (facts.regionBytes > LARGE_REGION_BYTES) return bytes;
  return Math.max(bytes, Math.min(facts.segmentBytes, 16 * MIB, Math.floor(bound / 32 / BLOCK_BYTES) * BLOCK_BYTES));
}

const LARGE_REGION_BYTES = 256 * KIB;

/** The mean of region sizes after one more, the newest ones weighing most; null before the first. @internal */
export function meanRegionBytes(mean: ByteCount | null, regionBytes: ByteCount): ByteCount {
  return mean === null ? regionBytes : mean + (regionBytes - mean) / 8;
}

const BLOCK_BYTES = 4096;
/** Room for a batch's header beside `batchBytesMax` of records, rounded up to a block. */
const BATCH_SLACK_BYTES = BLOCK_BYTES;

/** What everything beside the records takes on the disk at most, in whole blocks: the small files, and the indexes of so many segments. @internal */
export function sideBytes(recordBytes: ByteCount, segments: number): ByteCount {
  return SMALL_FILES_BYTES + segments * BYTES_PER_SEGMENT + Math.ceil(recordBytes / RECORD_BYTES_PER_INDEX_BYTE);
}

/** The checkpoint, the watermark, the table, the positions, and one of them being replaced. */
const SMALL_FILES_BYTES = 6 * BLOCK_BYTES;
/** Its records, its two indexes, each with a last block that is not full, and its entry in the table. */
const BYTES_PER_SEGMENT = 3 * BLOCK_BYTES + 64;
/** Two entries, 20 bytes, for every 4 KiB of records. */
const RECORD_BYTES_PER_INDEX_BYTE = 200;
