/**
 * What the settings, the volume and the spare together make of the next region: how it is written, how many blocks are
 * written ahead behind it, whether it still belongs into the active segment, and when it is time to flush. It decides, by
 * the rules of `decide/`, and does no I/O.
 */
import { AMPLE_FREE_BYTES, chooseRegionMode, shouldFlushBeside, zerosAheadBytes, type RegionMode } from '../decide/region-mode.js';
import { effectiveSegmentBytes, shouldRoll, type RollReason } from '../decide/roll.js';
import type { ByteCount, Position } from '../model/units.js';
import type { ActiveSegment } from './active-segment.js';
import type { LogContext } from './context.js';
import type { NextBatch, Region } from './region.js';
import { lastSegment, type LogSnapshot } from './snapshot.js';
import type { Spare } from './spare.js';

/** What the volume was last said to have. @internal */
export interface VolumeSpace {
  readonly totalBytes: ByteCount;
  readonly freeBytes: ByteCount;
}

/** @internal */
export class WriteRules {
  readonly #ctx: LogContext;
  readonly #spare: Spare;
  /** Null before the volume was asked. */
  volume: VolumeSpace | null = null;

  constructor(ctx: LogContext, spare: Spare) {
    this.#ctx = ctx;
    this.#spare = spare;
  }

  get segmentBytes(): ByteCount {
    const { segmentBytesMax, quotaBytesMax } = this.#ctx.settings;
    return effectiveSegmentBytes(segmentBytesMax, this.volume?.totalBytes ?? null, quotaBytesMax);
  }

  /** Whether what is written over a file's bytes takes their place on the disk too: not where files are copied on write. */
  get overwritesInPlace(): boolean {
    return this.#spare.kind === 'blocks';
  }

  /** Why the next batch needs a segment of its own; null where the active one takes it. */
  rollReason(active: ActiveSegment | null, snapshot: LogSnapshot, next: NextBatch): RollReason | null {
    const { segmentMs } = this.#ctx.settings;
    return shouldRoll({
      activeUsable: active !== null,
      baseOffset: lastSegment(snapshot).baseOffset,
      endPosition: snapshot.endPosition,
      regionBytes: next.bytes,
      regionLastOffset: snapshot.highWatermark + next.records,
      segmentBytes: this.segmentBytes,
      ageMs: segmentMs === null || active === null || active.firstAppendAt === null ? null : this.#ctx.clock.monotonic() - active.firstAppendAt,
      segmentMs,
    });
  }

  /** How the region is written at the end of the active segment, and how many zeros go behind it. */
  modeOf(active: ActiveSegment, snapshot: LogSnapshot, { ack, bytes, isLone }: Region): { readonly mode: RegionMode; readonly zerosAhead: ByteCount } {
    const hasQuota = this.#ctx.settings.quotaBytesMax !== null;
    const regionEnd = snapshot.endPosition + bytes;
    // Where overwriting allocates, blocks that are there already promise nothing.
    const blocksEnd = this.overwritesInPlace ? active.blocksEnd : 0;
    const mode = chooseRegionMode({
      ack: unflushedBytes(active, snapshot, regionEnd) > this.#unflushedBytesMax ? 'flushed' : ack,
      recoveryPoint: snapshot.recoveryPoint.offset,
      highWatermark: snapshot.highWatermark,
      regionBytes: bytes,
      isLone,
      regionEnd,
      spaceIsAmple: !hasQuota && this.overwritesInPlace && !active.refusedZeros && (this.volume?.freeBytes ?? 0) >= AMPLE_FREE_BYTES,
      blocksEnd,
    });
    const spaceIsShort = hasQuota || this.#spare.status?.kind !== 'blocks';
    return { mode, zerosAhead: zerosAheadBytes({ mode, regionBytes: bytes, isLone, regionEnd, blocksEnd, segmentBytes: this.segmentBytes, spaceIsShort }) };
  }

  /** Whether enough is written and not flushed to do that beside the next regions. */
  isTimeToFlush(active: ActiveSegment, snapshot: LogSnapshot): boolean {
    return shouldFlushBeside(unflushedBytes(active, snapshot, snapshot.endPosition), this.#unflushedBytesMax);
  }

  /** What is unflushed never exceeds what the spare could re-home. */
  get #unflushedBytesMax(): ByteCount {
    return Math.min(this.#ctx.settings.flushBytesMax, this.#spare.status?.bytes ?? Infinity);
  }
}

/** Of the active segment, were it written up to `end`. */
function unflushedBytes(active: ActiveSegment, { recoveryPoint }: LogSnapshot, end: Position): ByteCount {
  return end - (recoveryPoint.segment === active.baseOffset ? recoveryPoint.position : 0);
}
