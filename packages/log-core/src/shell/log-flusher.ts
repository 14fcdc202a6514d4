/**
 * Making durable what is only written: a barrier for who asks, and in time for who does not, by size beside what is written
 * next or by the clock. A failure nobody waits for is told as a warning.
 */
import { err, ok, type Result } from 'neverthrow';
import { diskError } from '../decide/failure-policy.js';
import type { WriteRefusal } from '../model/errors.js';
import type { Offset } from '../model/units.js';
import type { Timer } from '../ports/clock.js';
import type { LogContext } from './context.js';
import type { FailureResponse } from './failure-response.js';
import type { LogFiles } from './log-files.js';
import type { LockScope } from './lock-scope.js';
import type { StateCell } from './state-cell.js';

type Flushed = Promise<Result<{ readonly recoveryPoint: Offset }, WriteRefusal>>;

/** @internal */
export interface LogFlusherParts {
  readonly files: LogFiles;
  readonly lane: LockScope<'lane'>;
  readonly state: StateCell;
  readonly failures: FailureResponse;
  /** Told after every flush, whether it went well or not. */
  readonly onPublished: () => void;
}

/** @internal */
export class LogFlusher {
  readonly #ctx: LogContext;
  readonly #parts: LogFlusherParts;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(ctx: LogContext, parts: LogFlusherParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** A barrier: what was acknowledged before is durable when it resolves. */
  flush(): Flushed {
    return this.#barrier(() => this.#parts.state.refusal);
  }

  /**
   * The same for the log's own sake (deleting, committing a position), which goes on while there is no room for records:
   * what is written already needs none.
   */
  flushWhileFull(): Flushed {
    return this.#barrier(() => {
      const { state, reason, refusal } = this.#parts.state;
      return state === 'read-only' && (reason === 'disk-full' || reason === 'quota') ? null : refusal;
    });
  }

  /** Sees to it that what only `written` acknowledged is flushed in time. */
  flushInTime(): void {
    // Closing flushes what it still writes, and leaves no timer behind.
    if (this.#stopped) return;
    if (this.#parts.files.shouldFlushBeside) this.#ctx.background.run(this.#flushBeside());
    this.#timer ??= this.#ctx.clock.setTimer(this.#ctx.settings.flushIntervalMs, () => {
      this.#timer = null;
      if (this.#parts.state.accepts) this.#ctx.background.run(this.#flushByTimer());
    });
  }

  /** Nothing is flushed in time from now on; barriers still are. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  async #barrier(refusalNow: () => WriteRefusal | null): Flushed {
    const { files, lane, failures, onPublished } = this.#parts;
    const flushed = await lane.run(async (held) => {
      const refusal = refusalNow();
      if (refusal !== null) return err(refusal);
      const synced = await files.flush(held);
      if (synced.isOk()) return ok(undefined);
      await failures.react(held, synced.error);
      return err(diskError(synced.error.doing, synced.error.failure));
    });
    onPublished();
    return flushed.map(() => ({ recoveryPoint: files.snapshot.recoveryPoint.offset }));
  }

  async #flushBeside(): Promise<void> {
    const { files, lane, failures, onPublished } = this.#parts;
    const flushed = await files.flushBeside();
    if (flushed.isErr()) {
      await lane.run((held) => failures.react(held, flushed.error));
      this.#tellUnasked(diskError(flushed.error.doing, flushed.error.failure), 'flushing by size');
    }
    onPublished();
  }

  async #flushByTimer(): Promise<void> {
    const flushed = await this.flush();
    if (flushed.isErr()) this.#tellUnasked(flushed.error, 'flushing by time');
  }

  #tellUnasked(error: WriteRefusal, during: string): void {
    this.#ctx.events.emit('warning', { error, during });
    this.#ctx.events.dispatch();
  }
}
