/**
 * What the log's owner, or its timer, asks to be deleted: checked, flushed for where needed, the active segment sealed where
 * only it holds what should go; then handed to the deleter. Works while the disk is full.
 */
import { err, type Result } from 'neverthrow';
import { checkOffset } from '../decide/check-arguments.js';
import type { DeletionResult } from '../model/api.js';
import { closedError, offsetOutOfRange, type RetentionError } from '../model/errors.js';
import type { Offset } from '../model/units.js';
import type { LogContext } from './context.js';
import type { FailureResponse } from './failure-response.js';
import type { LockScope, LockToken } from './lock-scope.js';
import type { LogFiles } from './log-files.js';
import type { LogFlusher } from './log-flusher.js';
import type { SegmentDeleter } from './segment-deleter.js';
import { lastSegment } from './snapshot.js';
import type { StateCell } from './state-cell.js';

/** @internal */
export interface LogDeletionsParts {
  readonly files: LogFiles;
  readonly deleter: SegmentDeleter;
  readonly lane: LockScope<'lane'>;
  readonly state: StateCell;
  readonly flusher: LogFlusher;
  readonly failures: FailureResponse;
  /** Told when the log may start elsewhere. */
  readonly onDeleted: () => void;
}

/** @internal */
export class LogDeletions {
  readonly #ctx: LogContext;
  readonly #parts: LogDeletionsParts;

  constructor(ctx: LogContext, parts: LogDeletionsParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** Moves the log start to `offset` and deletes what lies wholly below it. */
  async deleteBefore(offset: Offset): Promise<Result<DeletionResult, RetentionError>> {
    const wrong = checkOffset('offset', offset);
    if (wrong !== null) return err(wrong);
    if (this.#isClosed) return err(closedError());
    const { files, flusher, deleter, onDeleted } = this.#parts;
    const { logStartOffset, highWatermark, recoveryPoint } = files.snapshot;
    if (offset > highWatermark) return err(offsetOutOfRange(offset, logStartOffset, highWatermark));
    if (offset > recoveryPoint.offset) {
      // A log start beyond what is durable would, after a crash, lie beyond the log's end.
      const flushed = await flusher.flushWhileFull();
      if (flushed.isErr()) return err(flushed.error);
    }
    const isAll = offset === highWatermark;
    // Everything is to go: the active segment is sealed first, or nothing of it could be.
    if (isAll) await this.#sealBelow(offset);
    const deleted = await deleter.deleteBefore(offset);
    onDeleted();
    // Where there was no room for a new segment there is now: once sealed, the rest goes by itself.
    if (isAll && deleted.isOk() && deleted.value.stoppedBy === 'active-segment') await this.#sealBelow(offset);
    return deleted;
  }

  /** Deletes what the retention policy lets go now. */
  async retain(): Promise<Result<DeletionResult, RetentionError>> {
    if (this.#isClosed) return err(closedError());
    const { deleter, onDeleted } = this.#parts;
    // One moment for the whole run: what comes of age while it is under way is the next one's.
    const now = this.#ctx.clock.now();
    if (await deleter.sealsActive(now)) await this.#sealActive();
    const deleted = await deleter.runRetention(now);
    if (deleted.isOk() && deleted.value.segments > 0) onDeleted();
    return deleted;
  }

  /** Starts a new segment, so that the one before can be deleted; where that cannot be done now, it stays. */
  async seal(lane: LockToken<'lane'>): Promise<void> {
    const { files, state, failures } = this.#parts;
    if (state.state === 'failed' || state.reason === 'stalled' || this.#isClosed) return;
    const prepared = await files.prepare(lane, { bytes: 0, records: 0 });
    const rolled = prepared.isErr() || files.snapshot.endPosition === 0 ? prepared : await files.roll(lane);
    if (rolled.isErr()) await failures.react(lane, rolled.error);
  }

  /** Lets what is under way come to its end; nothing is deleted from then on. */
  stop(): Promise<void> {
    return this.#parts.deleter.stop();
  }

  get #isClosed(): boolean {
    const { state } = this.#parts.state;
    return state === 'closing' || state === 'closed';
  }

  async #sealBelow(offset: Offset): Promise<void> {
    if (lastSegment(this.#parts.files.snapshot).baseOffset < offset) await this.#sealActive();
  }

  #sealActive(): Promise<void> {
    return this.#parts.lane.run((lane) => this.seal(lane));
  }
}
