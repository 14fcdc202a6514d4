/**
 * Keeps room for the log: looks at the volume in time, makes the spare, cleans up under pressure, and brings a
 * read-only log back once that is proven. `statfs` only says when to try; the proof is the spare made again (or, on a
 * volume too small for one, an append-sized file), written and synced.
 */
import { err, ok, type Result } from 'neverthrow';
import { reactionTo } from '../decide/failure-policy.js';
import { judgeSpace, nextLookMs, shouldTryReturn, sideBytes, spaceThresholds, spareBytes, type ReturnTry } from '../decide/space.js';
import type { IoFailure } from '../model/io-failure.js';
import { KIB, MIB, type ByteCount, type Milliseconds } from '../model/units.js';
import type { Timer } from '../ports/clock.js';
import type { SpaceFacts } from '../ports/file-system.js';
import { createTemporary, unlinkIfThere, warn, type LogContext } from './context.js';
import type { LogFiles } from './log-files.js';
import type { LockScope, LockToken } from './lock-scope.js';
import type { SpaceRelief } from './log-writer.js';
import type { SegmentDeleter } from './segment-deleter.js';
import { snapshotBytes } from './snapshot.js';
import type { StateCell } from './state-cell.js';
import { writeWhole } from './write-whole.js';

/** How much may be written between two looks at the volume. */
const LOOK_EVERY_BYTES = 4 * MIB;

/** A spare that cannot be made for another reason than space is tried again after this long. */
const SPARE_RETRY_MS = 10_000;

/** @internal */
export interface SpaceKeeperParts {
  readonly files: LogFiles;
  readonly lane: LockScope<'lane'>;
  readonly state: StateCell;
  readonly deleter: SegmentDeleter;
  /** Told when appends work again. */
  readonly onWritable: () => void;
}

/** @internal */
export class SpaceKeeper {
  readonly #ctx: LogContext;
  readonly #parts: SpaceKeeperParts;
  #facts: SpaceFacts | null = null;
  #timer: Timer | null = null;
  #bytesSinceLook = 0;
  #looking = false;
  #lookAgain = false;
  #stopped = false;
  /** Something was appended since opening: before that, nothing is written for the spare's sake. */
  #wrote = false;
  /** A volume or quota too small for a spare was told of already. */
  #toldNoSpare = false;
  #toldNetwork = false;
  /** Steady time before which a spare that could not be made is not tried again. */
  #spareNotBefore: Milliseconds = -Infinity;
  /** The last attempt to return; null where the next look is to try at once. */
  #lastTry: ReturnTry | null = null;

  constructor(ctx: LogContext, parts: SpaceKeeperParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  get space(): { readonly freeBytes: ByteCount; readonly totalBytes: ByteCount } {
    return { freeBytes: this.#facts?.freeBytes ?? 0, totalBytes: this.#facts?.totalBytes ?? 0 };
  }

  /** Not again at once after a failure that is none of space: the timer's look tries again. */
  get #mayMakeSpare(): boolean {
    return !this.#toldNoSpare && this.#ctx.clock.monotonic() >= this.#spareNotBefore;
  }

  /** What the writer may ask for. */
  get relief(): SpaceRelief {
    return {
      relieve: (lane, why) => this.#relieve(lane, why),
      fitsQuota: (bytes) => this.#fitsQuota(bytes),
      onCommitted: (bytes) => {
        this.#onCommitted(bytes);
      },
    };
  }

  /** Takes the first look's answer, which opening made. */
  begin(facts: SpaceFacts | null): void {
    if (facts !== null) this.#take(facts);
    if (this.#parts.state.accepts) this.#judgeMark(true);
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Looks at the volume soon: something was freed, or the state changed. */
  nudge(): void {
    this.#lastTry = null;
    this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#stopped) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#ctx.background.run(this.#look());
  }

  #onCommitted(bytes: ByteCount): void {
    this.#bytesSinceLook += bytes;
    this.#wrote = true;
    const wantsSpare = this.#parts.files.spare.status === null && this.#mayMakeSpare && this.#parts.state.state === 'writable';
    if (this.#bytesSinceLook >= LOOK_EVERY_BYTES || wantsSpare) {
      this.#bytesSinceLook = 0;
      this.nudge();
    }
  }

  /** Whether the log's own cap leaves room for so many more bytes behind the end. */
  #fitsQuota(bytes: ByteCount): boolean {
    const { quotaBytesMax } = this.#ctx.settings;
    if (quotaBytesMax === null) return true;
    const growth = Math.max(0, bytes - this.#parts.files.blocksAhead);
    return this.#usedBytes() + growth <= quotaBytesMax;
  }

  /** Cleans up as the policy allows, inside the lane; whether anything was freed. */
  async #relieve(_lane: LockToken<'lane'>, why: 'disk-full' | 'quota'): Promise<boolean> {
    const deleted = await this.#parts.deleter.runEmergency(this.#reliefBytes(), why);
    return deleted.isOk() && deleted.value.segments > 0;
  }

  #usedBytes(): ByteCount {
    const { files, deleter } = this.#parts;
    const { snapshot } = files;
    const records = snapshotBytes(snapshot);
    return records + files.blocksAhead + (files.spare.status?.bytes ?? 0) + deleter.leftoverBytes + sideBytes(records, snapshot.segments.length);
  }

  #reliefBytes(): ByteCount {
    return Math.max(this.#wantedSpareBytes() ?? 0, this.#ctx.settings.batchBytesMax) + 64 * KIB;
  }

  #wantedSpareBytes(): ByteCount | null {
    const { batchBytesMax, quotaBytesMax, space } = this.#ctx.settings;
    const volumeBytes = this.#facts?.totalBytes ?? Infinity;
    return spareBytes({ reserveBytes: space.reserveBytes, batchBytesMax, segmentBytes: this.#parts.files.segmentBytes, volumeBytes, quotaBytesMax });
  }

  #take(facts: SpaceFacts): void {
    this.#facts = facts;
    this.#parts.files.volumeBytes = facts.totalBytes;
    this.#parts.files.spare.setKind(facts.family === 'copy-on-write' ? 'ballast' : 'blocks');
    if (facts.family === 'network' && !this.#toldNetwork) {
      this.#toldNetwork = true;
      this.#ctx.events.emit('warning', {
        error: { kind: 'network-file-system', message: `${facts.name} is a network file system: durability and locking are not promised there` },
        during: 'looking at the volume',
      });
    }
  }

  /** Counts anew from now: a timer of easier times would come too late for a disk that is full by now. */
  #schedule(): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    const { intervalMs } = this.#ctx.settings.space;
    const thresholds = spaceThresholds(this.#ctx.settings.space, this.#facts?.totalBytes ?? 0);
    const delay = this.#parts.state.state === 'read-only' ? Math.ceil(intervalMs / 10) : nextLookMs(intervalMs, this.#facts?.freeBytes ?? 0, thresholds);
    this.#timer = this.#ctx.clock.setTimer(delay, () => {
      this.#timer = null;
      this.#lookSoon();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    do {
      this.#lookAgain = false;
      await this.#lookOnce();
    } while (this.#mayLookAgain());
    this.#looking = false;
    this.#schedule();
  }

  #mayLookAgain(): boolean {
    return this.#lookAgain && !this.#stopped;
  }

  async #lookOnce(): Promise<void> {
    this.#ctx.counters.statfsCalls += 1;
    const facts = await this.#ctx.fs.statFileSystem(this.#ctx.dir);
    if (this.#stopped) return;
    if (facts.isOk()) this.#take(facts.value);
    switch (this.#parts.state.state) {
      case 'writable':
      case 'low-space':
        await this.#keepSpare();
        break;
      case 'read-only':
        if (this.#parts.state.reason !== 'stalled' && this.#isTimeToTry()) await this.#tryReturn();
        break;
      case 'opening':
      case 'failed':
      case 'closing':
      case 'closed':
        break;
    }
  }

  #isTimeToTry(): boolean {
    const now = { at: this.#ctx.clock.monotonic(), freeBytes: this.#facts?.freeBytes ?? 0 };
    if (!shouldTryReturn(this.#lastTry, now, this.#ctx.settings.space.intervalMs)) return false;
    this.#lastTry = now;
    return true;
  }

  /** With appends working: the spare is made again, and the low mark watched. */
  async #keepSpare(): Promise<void> {
    const made = this.#wrote ? await this.#makeSpare(true) : ok(undefined);
    // While the spare was being made an append may have met the full disk: coming back from that takes its own proof.
    if (this.#stopped || !this.#parts.state.accepts) return;
    const full = made.isErr() ? reactionTo('make-segment', made.error.symbol) : null;
    if (full?.error === 'disk-full') this.#parts.state.change('low-space', full.state?.reason ?? 'disk-full');
    else if (this.#judgeMark(made.isOk()) === 'low') await this.#parts.deleter.runEmergency(0, 'disk-full').then(() => undefined);
    this.#ctx.events.dispatch();
  }

  /** Enters low-space at the low mark, leaves it at the high one where the spare is no obstacle. */
  #judgeMark(spareIsThere: boolean): 'low' | 'between' | 'high' {
    const { state } = this.#parts;
    const facts = this.#facts;
    if (facts === null) return 'between';
    const mark = judgeSpace(facts.freeBytes, spaceThresholds(this.#ctx.settings.space, facts.totalBytes));
    if (mark === 'low' && state.state === 'writable') state.change('low-space', 'disk-full');
    if (mark === 'high' && spareIsThere && state.state === 'low-space') state.change('writable', null);
    return mark;
  }

  /** Makes the spare; where there is no room, what the policy lets go is deleted and it is tried once more. */
  async #makeSpare(mayDelete: boolean): Promise<Result<void, IoFailure>> {
    const { spare } = this.#parts.files;
    if (spare.status !== null) return ok(undefined);
    const bytes = this.#wantedSpareBytes();
    if (bytes === null) {
      this.#tellNoSpare();
      return ok(undefined);
    }
    if (!this.#mayMakeSpare) return ok(undefined);
    const { quotaBytesMax } = this.#ctx.settings;
    const fits = quotaBytesMax === null || this.#usedBytes() + bytes <= quotaBytesMax;
    const made = fits ? await spare.make(bytes) : err(quotaFailure(this.#ctx.dir));
    if (made.isOk()) return made;
    const { error, state } = reactionTo('make-segment', made.error.symbol);
    if (error !== 'disk-full') {
      this.#spareNotBefore = this.#ctx.clock.monotonic() + SPARE_RETRY_MS;
      warn(this.#ctx, 'making the spare', made.error);
      return made;
    }
    if (!mayDelete || this.#stopped) return made;
    const deleted = await this.#parts.deleter.runEmergency(this.#reliefBytes(), state?.reason === 'quota' ? 'quota' : 'disk-full');
    return deleted.isOk() && deleted.value.segments > 0 ? this.#makeSpare(false) : made;
  }

  #tellNoSpare(): void {
    if (this.#toldNoSpare) return;
    this.#toldNoSpare = true;
    this.#ctx.events.emit('warning', {
      error: { kind: 'no-spare', message: 'the volume or quota is too small for a spare: a full disk is met by an append, not before' },
      during: 'making the spare',
    });
  }

  /** Read-only: proves that there is room, puts everything back in one place, and lets appends in. */
  async #tryReturn(): Promise<void> {
    const { lane, state, files } = this.#parts;
    const proven = await this.#prove();
    if (proven.isErr() || this.#stopped) return;
    const returned = await lane.run(async (held) => {
      if (state.state !== 'read-only' || state.reason === 'stalled') return false;
      if (files.unproven !== null) {
        const rehomed = await files.rehomeUnproven(held);
        if (rehomed.isErr()) return false;
      }
      return state.change('writable', null);
    });
    if (returned) this.#parts.onWritable();
  }

  async #prove(): Promise<Result<void, IoFailure>> {
    const { quotaBytesMax, batchBytesMax } = this.#ctx.settings;
    // A spare that is there already says nothing of a file system that refuses to be written.
    const { reason } = this.#parts.state;
    if (reason === 'read-only-fs' || reason === 'permission') return this.#writeProbe(batchBytesMax);
    const hasSpare = this.#wantedSpareBytes() !== null;
    if (hasSpare) {
      const made = await this.#makeSpare(true);
      if (made.isErr()) return made;
    }
    // Under a quota the spare may never have been spent: an append has to fit beside it, or the state would flap.
    if (quotaBytesMax !== null && !this.#fitsQuota(Math.min(batchBytesMax, quotaBytesMax / 8))) {
      const deleted = await this.#parts.deleter.runEmergency(this.#reliefBytes(), 'quota');
      if (deleted.isErr() || !this.#fitsQuota(Math.min(batchBytesMax, quotaBytesMax / 8))) return err(quotaFailure(this.#ctx.dir));
    }
    if (hasSpare) return ok(undefined);
    return this.#writeProbe(batchBytesMax + 4 * KIB);
  }

  /** An append-sized file, written, synced and unlinked: what a tiny one would prove is little. */
  async #writeProbe(bytes: ByteCount): Promise<Result<void, IoFailure>> {
    const created = await createTemporary(this.#ctx, 'probe');
    if (created.isErr()) return err(created.error);
    const handle = created.value;
    const written = await writeWhole(handle, [new Uint8Array(Math.min(bytes, (this.#facts?.totalBytes ?? bytes) / 4))], 0);
    const synced = written.isOk() ? await handle.sync() : written;
    await this.#ctx.pool.close(handle);
    const removed = await unlinkIfThere(this.#ctx, handle.path);
    return synced.isErr() ? synced : removed;
  }
}

function quotaFailure(path: string): IoFailure {
  return { symbol: 'quota', errno: 0, code: 'QUOTA', operation: 'write', path, position: null, message: 'quotaBytesMax is used up' };
}

