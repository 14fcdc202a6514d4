/**
 * What the log takes of the space it may have: records, blocks ahead, the spare, files that could not be removed, and the
 * small files beside them. With `quotaBytesMax` that is its own hard cap, told without asking the disk.
 */
import { sideBytes } from '../decide/space.js';
import type { IoFailure } from '../model/io-failure.js';
import type { ByteCount } from '../model/units.js';
import type { LogContext } from './context.js';
import type { LogFiles } from './log-files.js';
import type { SegmentDeleter } from './segment-deleter.js';
import { snapshotBytes } from './snapshot.js';

/** @internal */
export class LogUsage {
  readonly #ctx: LogContext;
  readonly #files: LogFiles;
  readonly #deleter: SegmentDeleter;
  /** Bytes of a spare that is being written. */
  claimedBytes: ByteCount = 0;

  constructor(ctx: LogContext, files: LogFiles, deleter: SegmentDeleter) {
    this.#ctx = ctx;
    this.#files = files;
    this.#deleter = deleter;
  }

  get usedBytes(): ByteCount {
    const { snapshot, blocksAhead, spare } = this.#files;
    const records = snapshotBytes(snapshot);
    const spareBytes = spare.status?.bytes ?? this.claimedBytes;
    return records + blocksAhead + spareBytes + this.#deleter.leftoverBytes + sideBytes(records, snapshot.segments.length);
  }

  /** What the quota leaves, negative where it is exceeded; without a quota there is no end to it. */
  get quotaFreeBytes(): ByteCount {
    const { quotaBytesMax } = this.#ctx.settings;
    return quotaBytesMax === null ? Infinity : quotaBytesMax - this.usedBytes;
  }

  /** How many bytes of records the quota has room for; blocks ahead are counted already. */
  get quotaRoomBytes(): ByteCount {
    return this.quotaFreeBytes + this.#files.blocksAhead;
  }

  /** The failure by which the log's own cap is met. */
  quotaFailure(): IoFailure {
    return { symbol: 'quota', errno: 0, code: 'QUOTA', operation: 'write', path: this.#ctx.dir, position: null, message: 'quotaBytesMax is used up' };
  }
}
