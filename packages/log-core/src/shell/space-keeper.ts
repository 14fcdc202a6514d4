/**
 * Keeps room for the log: looks at the volume in time, keeps the spare, cleans up under pressure, and brings a
 * read-only log back once that is proven. `statfs` only says when to try.
 */
import { pressureOf, type Doing, type Pressure } from '../decide/failure-policy.js';
import { judgeLogSpace, lookEveryBytes, nextLookMs, shouldTryReturn, shouldTrySpare, spaceThresholds, type ReturnTry, type SpaceThresholds } from '../decide/space.js';
import type { ByteCount } from '../model/units.js';
import type { Timer } from '../ports/clock.js';
import type { SpaceFacts } from '../ports/file-system.js';
import type { FailedStep, LogContext } from './context.js';
import type { LogFiles } from './log-files.js';
import { LogUsage } from './log-usage.js';
import type { LockScope, LockToken } from './lock-scope.js';
import type { SpaceRelief } from './log-writer.js';
import { proveWritable, type ReturnProofParts } from './return-proof.js';
import type { SegmentDeleter } from './segment-deleter.js';
import type { Region } from './region.js';
import { SpareKeeper } from './spare-keeper.js';
import type { StateCell } from './state-cell.js';

type Lane = LockToken<'lane'>;

/** @internal */
export interface SpaceKeeperParts {
  readonly files: LogFiles;
  readonly lane: LockScope<'lane'>;
  readonly state: StateCell;
  readonly deleter: SegmentDeleter;
  /** Starts a new segment, so that the one before can be deleted; where that cannot be done now, it stays. */
  readonly seal: (lane: Lane) => Promise<void>;
  /** Told what failed on the way back. */
  readonly react: (lane: Lane, failed: FailedStep) => Promise<void>;
  /** Told when appends work again. */
  readonly onWritable: () => void;
}

/** @internal */
export class SpaceKeeper {
  readonly #ctx: LogContext;
  readonly #parts: SpaceKeeperParts;
  readonly #usage: LogUsage;
  readonly #spare: SpareKeeper;
  readonly #proof: ReturnProofParts;
  #facts: SpaceFacts | null = null;
  #timer: Timer | null = null;
  #bytesSinceLook = 0;
  #looking = false;
  #lookAgain = false;
  #stopped = false;
  /** Something was appended since opening: before that, nothing is written for the spare's sake. */
  #wrote = false;
  #toldNetwork = false;
  /** The last attempts to return, and to make a spare that could not be had; null where the next look is to try at once. */
  #lastTry: ReturnTry | null = null;
  #lastSpareTry: ReturnTry | null = null;

  constructor(ctx: LogContext, parts: SpaceKeeperParts) {
    this.#ctx = ctx;
    this.#parts = parts;
    const { files, deleter, lane, state } = parts;
    const usage = new LogUsage(ctx, files, deleter);
    const shared = {
      usage,
      volumeBytes: () => this.#volumeBytes,
      cleanUp: (bytesWanted: ByteCount, why: Pressure) => this.#cleanUp(bytesWanted, why, () => lane.run((held) => parts.seal(held))),
    };
    this.#usage = usage;
    this.#spare = new SpareKeeper(ctx, { ...shared, files });
    this.#proof = { ...shared, files, state, spare: this.#spare };
  }

  get space(): { readonly freeBytes: ByteCount; readonly totalBytes: ByteCount } {
    return { freeBytes: this.#facts?.freeBytes ?? 0, totalBytes: this.#facts?.totalBytes ?? 0 };
  }

  /** What the writer may ask for. */
  get relief(): SpaceRelief {
    return {
      spareAttempts: () => this.#spare.attempts,
      relieve: (lane, why, doing, spareAttempts) => this.#relieve(lane, why, doing, spareAttempts),
      quotaRoomBytes: () => this.#usage.quotaRoomBytes,
      onCommitted: (region) => {
        this.#onCommitted(region);
      },
    };
  }

  get #volumeBytes(): ByteCount | null {
    return this.#facts?.totalBytes ?? null;
  }

  get #thresholds(): SpaceThresholds {
    return spaceThresholds(this.#ctx.settings.space, this.#volumeBytes ?? 0);
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
    this.#lastSpareTry = null;
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

  #onCommitted(region: Region): void {
    this.#spare.noteRegion(region);
    this.#bytesSinceLook += region.bytes;
    this.#wrote = true;
    const isWritable = this.#parts.state.state === 'writable';
    // The log's own cap needs no look at the disk.
    if (isWritable && this.#ctx.settings.quotaBytesMax !== null) this.#judgeMark(true);
    const isTime = this.#bytesSinceLook >= lookEveryBytes(this.#facts?.freeBytes ?? 0, this.#thresholds);
    if (isTime || (isWritable && this.#spare.isMissing)) {
      this.#bytesSinceLook = 0;
      this.#lookSoon();
    }
  }

  /** Makes room for the region that found none, inside the lane; whether it should be tried again. */
  async #relieve(lane: Lane, why: Pressure, doing: Doing, spareAttempts: number): Promise<boolean> {
    if (await this.#spare.settledSince(spareAttempts)) return true;
    if (await this.#cleanUp(this.#spare.reliefBytes, why, () => this.#parts.seal(lane))) return this.#parts.state.accepts;
    // Of the log's own cap the spare is a part, and a file in front of the records is smaller: it is given up before an append is refused.
    return (why === 'quota' || doing === 'make-segment') && this.giveUpSpare(why);
  }

  /** Gives the spare's space back for something smaller that finds none; whether there was one. */
  async giveUpSpare(why: Pressure): Promise<boolean> {
    const { files, state } = this.#parts;
    if (files.spare.status === null) return false;
    await files.spare.release(false);
    if (state.state === 'writable') state.change('low-space', why);
    this.#lastSpareTry = this.#now;
    return true;
  }

  /** A consumer went past the end of the oldest segment, which may be enough to return. */
  consumerMoved(): void {
    if (this.#parts.state.state === 'read-only') this.nudge();
  }

  /** Deletes what the policy lets go under pressure; whether anything was. */
  async #cleanUp(bytesWanted: ByteCount, why: Pressure, seal: () => Promise<void>): Promise<boolean> {
    const { deleter } = this.#parts;
    if (await deleter.sealsActiveFor(bytesWanted)) await seal();
    const deleted = await deleter.runEmergency(bytesWanted, why);
    return deleted.isOk() && deleted.value.segments > 0;
  }

  #take(facts: SpaceFacts): void {
    this.#facts = facts;
    this.#parts.files.rules.volume = facts;
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
    const isReadOnly = this.#parts.state.state === 'read-only';
    const delay = isReadOnly ? Math.ceil(intervalMs / 10) : nextLookMs(intervalMs, this.#facts?.freeBytes ?? 0, this.#thresholds);
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

  get #now(): ReturnTry {
    return { at: this.#ctx.clock.monotonic(), freeBytes: this.#facts?.freeBytes ?? 0 };
  }

  #isTimeToTry(): boolean {
    const now = this.#now;
    if (!shouldTryReturn(this.#lastTry, now, this.#ctx.settings.space.intervalMs)) return false;
    this.#lastTry = now;
    return true;
  }

  /** With appends working: the spare is made again, and the low mark watched. */
  async #keepSpare(): Promise<void> {
    const { state, deleter } = this.#parts;
    const why = await this.#trySpare();
    // While the spare was being made an append may have met the full disk: coming back from that takes its own proof.
    if (this.#stopped || !state.accepts) return;
    if (why !== null && why !== 'later') state.change('low-space', why);
    else if (this.#judgeMark(why === null) === 'low') await deleter.runEmergency(0, 'disk-full').then(() => undefined);
    this.#ctx.events.dispatch();
  }

  /** What keeps the spare from being there; null where nothing does that a state is for. */
  async #trySpare(): Promise<Pressure | 'later' | null> {
    const { space } = this.#ctx.settings;
    const now = this.#now;
    if (!this.#wrote || !this.#spare.isMissing) return null;
    if (!shouldTrySpare(this.#lastSpareTry, now, this.#spare.wantedBytes ?? 0, space.intervalMs)) return 'later';
    const made = await this.#spare.keep();
    const why = made.isErr() ? pressureOf(made.error.symbol) : null;
    this.#lastSpareTry = why === null ? null : now;
    return made.isErr() ? (why ?? 'later') : null;
  }

  /** Enters low-space at a low mark, of the volume or of the quota; leaves it above both high ones where the spare is no obstacle. */
  #judgeMark(spareIsThere: boolean): 'low' | 'between' | 'high' {
    const { state } = this.#parts;
    const { mark, reason } = judgeLogSpace(this.#ctx.settings, this.#facts, this.#usage.quotaFreeBytes);
    if (mark === 'low' && state.state === 'writable') state.change('low-space', reason);
    if (mark === 'high' && spareIsThere && state.state === 'low-space') state.change('writable', null);
    return mark;
  }

  /** Read-only: proves that there is room, puts everything back in one place, and lets appends in. */
  async #tryReturn(): Promise<void> {
    const { lane, state, files } = this.#parts;
    const proven = await proveWritable(this.#ctx, this.#proof);
    if (proven.isErr() || this.#stopped) return;
    const returned = await lane.run(async (held) => {
      if (state.state !== 'read-only' || state.reason === 'stalled') return false;
      if (files.unproven !== null) {
        const rehomed = await files.rehomeUnproven(held);
        if (rehomed.isErr()) {
          await this.#parts.react(held, rehomed.error);
          return false;
        }
      }
      return state.change('writable', null);
    });
    if (returned) this.#parts.onWritable();
  }
}
