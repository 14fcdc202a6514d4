/**
 * What a failed call does to the log beyond the append or the flush that met it: the file it was in is given up where
 * it must be, the state changes, and a call that did not answer is watched until it does.
 */
import type { Result } from 'neverthrow';
import { diskError, reactionTo } from '../decide/failure-policy.js';
import type { IoFailure } from '../model/io-failure.js';
import type { FailedStep, LogContext } from './context.js';
import type { LockScope, LockToken } from './lock-scope.js';
import type { LogFiles } from './log-files.js';
import type { StateCell } from './state-cell.js';

type Lane = LockToken<'lane'>;

/** @internal */
export class FailureResponse {
  readonly #ctx: LogContext;
  readonly #files: LogFiles;
  readonly #lane: LockScope<'lane'>;
  readonly #state: StateCell;
  /** A call of the disk is still out after it was answered for. */
  #stuck = false;

  constructor(ctx: LogContext, parts: { readonly files: LogFiles; readonly lane: LockScope<'lane'>; readonly state: StateCell }) {
    this.#ctx = ctx;
    this.#files = parts.files;
    this.#lane = parts.lane;
    this.#state = parts.state;
  }

  /** Reacts to a failure that no append is waiting for. */
  async react(lane: Lane, failed: FailedStep): Promise<void> {
    const reaction = reactionTo(failed.doing, failed.failure.symbol);
    const failure = diskError(failed.doing, failed.failure);
    if (reaction.tail === 'abandon') await this.#files.retireActive(lane);
    if (reaction.state !== null) this.#state.change(reaction.state.to, reaction.state.reason, failure);
    this.watchLate(failed.failure);
  }

  /** When a stalled call answers at last, even a success is cut before service returns. */
  watchLate(failure: IoFailure): void {
    const late = this.#ctx.deadline.lateAnswer(failure);
    if (late === null || this.#stuck) return;
    this.#stuck = true;
    this.#ctx.background.later(
      late.then((answer) => this.#lane.run((lane) => this.#afterStall(lane, failure, answer))),
    );
  }

  async #afterStall(lane: Lane, stalled: IoFailure, answer: Result<unknown, IoFailure>): Promise<void> {
    this.#stuck = false;
    if (this.#state.state === 'closing' || this.#state.state === 'closed') return;
    const syncFailed = answer.isErr() && (stalled.operation === 'sync' || stalled.operation === 'write');
    if (syncFailed) {
      // What a failed call left behind is unknown: nothing more goes into that file.
      await this.#files.retireActive(lane);
      if (stalled.operation === 'sync') {
        this.#state.change('failed', 'sync-failed', { kind: 'sync-failed', message: answer.error.message });
        return;
      }
    }
    if (answer.isOk()) this.#files.forgiveStall();
    const cut = await this.#files.cutBack(lane, null);
    if (cut.isErr()) {
      await this.react(lane, cut.error);
      if (cut.error.failure.symbol !== 'stalled') {
        await this.#files.retireActive(lane);
        this.#state.change('failed', 'io', diskError('cut', cut.error.failure));
      }
      return;
    }
    if (!this.#isStalled()) return;
    const rehomed = await this.#files.rehomeUnproven(lane);
    if (rehomed.isOk()) {
      this.#state.change('writable', null);
      return;
    }
    await this.react(lane, rehomed.error);
    const { failure, doing } = rehomed.error;
    // Stalled again: that call is watched now. A failure that has no state of its own is nothing to come back from alone.
    const hasState = reactionTo(doing, failure.symbol).state !== null;
    if (!hasState) this.#state.change('failed', 'io', diskError(doing, failure));
  }

  #isStalled(): boolean {
    return this.#state.state === 'read-only' && this.#state.reason === 'stalled';
  }
}
