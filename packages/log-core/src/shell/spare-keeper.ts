/**
 * Makes the spare again after it was spent. Where there is no room for it, what the policy lets go is deleted and it is
 * tried once more: so a full disk is met here, off the append path.
 */
import { err, ok, type Result } from 'neverthrow';
import { pressureOf, type Pressure } from '../decide/failure-policy.js';
import { meanRegionBytes, spareBytes } from '../decide/space.js';
import type { IoFailure } from '../model/io-failure.js';
import { KIB, type ByteCount, type Milliseconds } from '../model/units.js';
import { warn, type LogContext } from './context.js';
import type { LogFiles } from './log-files.js';
import type { LogUsage } from './log-usage.js';
import type { Region } from './region.js';

/** A spare that cannot be made for another reason than space is tried again after this long. */
const RETRY_MS = 10_000;

/** @internal */
export interface SpareKeeperParts {
  readonly files: LogFiles;
  readonly usage: LogUsage;
  /** The volume's size at the last look; null where it is not known. */
  readonly volumeBytes: () => ByteCount | null;
  /** Deletes what the policy lets go under pressure, until about so much is freed; whether anything was. */
  readonly cleanUp: (bytesWanted: ByteCount, why: Pressure) => Promise<boolean>;
}

/** @internal */
export class SpareKeeper {
  readonly #ctx: LogContext;
  readonly #parts: SpareKeeperParts;
  #making: Promise<Result<void, IoFailure>> | null = null;
  #attempts = 0;
  /** A volume or quota too small for a spare was told of already. */
  #toldNone = false;
  /** About how large a region is that is flushed by itself; null before the first. */
  #regionBytes: ByteCount | null = null;
  /** Steady time before which a spare that could not be made is not tried again. */
  #notBefore: Milliseconds = -Infinity;

  constructor(ctx: LogContext, parts: SpareKeeperParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** How large a spare should be; null on a volume or quota too small for one. */
  get wantedBytes(): ByteCount | null {
    const { batchBytesMax, quotaBytesMax, space } = this.#ctx.settings;
    const volumeBytes = this.#parts.volumeBytes() ?? Infinity;
    return spareBytes({ reserveBytes: space.reserveBytes, batchBytesMax, segmentBytes: this.#parts.files.rules.segmentBytes, volumeBytes, quotaBytesMax, regionBytes: this.#regionBytes ?? 0 });
  }

  /** A region was committed: what is only written waits for a flush of many. */
  noteRegion({ ack, bytes }: Region): void {
    this.#regionBytes = meanRegionBytes(this.#regionBytes, ack === 'flushed' ? bytes : 0);
  }

  /** How much has to be freed, so that the next spare and the next append have room; of the log's own cap never more than a quarter. */
  get reliefBytes(): ByteCount {
    const { batchBytesMax, quotaBytesMax } = this.#ctx.settings;
    return Math.min(Math.max(this.wantedBytes ?? 0, batchBytesMax) + 64 * KIB, Math.floor((quotaBytesMax ?? Infinity) / 4));
  }

  /** Whether there is none and an attempt makes sense now: not at once after a failure that is none of space. */
  get isMissing(): boolean {
    if (this.#parts.files.spare.status !== null || this.#ctx.clock.monotonic() < this.#notBefore) return false;
    return !this.#toldNone || this.wantedBytes !== null;
  }

  /** How many attempts to make one have ended. */
  get attempts(): number {
    return this.#attempts;
  }

  /**
   * Whether one was being made since there had been so many attempts: then what it took is a spare, or is given back by now.
   * Waits for one that is under way.
   */
  async settledSince(attempts: number): Promise<boolean> {
    if (this.#making !== null) await this.#making.then(() => undefined);
    return this.#attempts > attempts;
  }

  /** Makes the spare where it is missing. An error is why it cannot be had now. */
  async keep(): Promise<Result<void, IoFailure>> {
    const made = await this.#tryOnce();
    if (made.isOk()) return made;
    const why = pressureOf(made.error.symbol);
    if (why === null) {
      this.#notBefore = this.#ctx.clock.monotonic() + RETRY_MS;
      warn(this.#ctx, 'making the spare', made.error);
      return made;
    }
    const freed = await this.#parts.cleanUp(this.reliefBytes, why);
    return freed ? this.#tryOnce() : made;
  }

  async #tryOnce(): Promise<Result<void, IoFailure>> {
    const { files, usage } = this.#parts;
    if (files.spare.status !== null) return ok(undefined);
    const bytes = this.wantedBytes;
    if (bytes === null) {
      this.#tellNone();
      return ok(undefined);
    }
    if (!this.isMissing) return ok(undefined);
    if (usage.quotaFreeBytes < bytes) return err(usage.quotaFailure());
    usage.claimedBytes = bytes;
    this.#making = files.spare.make(bytes).finally(() => {
      this.#making = null;
      this.#attempts += 1;
      usage.claimedBytes = 0;
    });
    return this.#making;
  }

  #tellNone(): void {
    if (this.#toldNone) return;
    this.#toldNone = true;
    this.#ctx.events.emit('warning', {
      error: { kind: 'no-spare', message: 'the volume or quota is too small for a spare: a full disk is met by an append, not before' },
      during: 'making the spare',
    });
  }
}
