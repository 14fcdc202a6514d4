/**
 * What a failed call does to the log beyond the append or the flush that met it: the file it was in is given up where
 * it must be, the state changes, and a call that did not answer is watched until it does.
 */
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
  /** Calls of the disk that are still out after they were answered for. */
  readonly #out = new Set<IoFailure>();
  /** What those that have answered by now failed with. */
  #lateFailures: FailedStep[] = [];

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
    this.watchLate(failed);
  }

  /** When the last of the stalled calls answers at last, even a success is cut before service returns. */
  watchLate({ doing, failure }: FailedStep): void {
    const late = this.#ctx.deadline.lateAnswer(failure);
    if (late === null || this.#out.has(failure)) return;
    this.#out.add(failure);
    this.#ctx.background.later(
      late.then((answer) => {
        this.#out.delete(failure);
        if (answer.isErr()) this.#lateFailures.push({ doing, failure: answer.error });
        return this.#lane.run((lane) => this.#answered(lane));
      }),
    );
  }

  /** A stalled call has answered. What is left behind is looked at when none is out any more. */
  async #answered(lane: Lane): Promise<void> {
    if (this.#out.size > 0 || this.#state.state === 'closing' || this.#state.state === 'closed') return;
    const failures = this.#lateFailures;
    this.#lateFailures = [];
    for (const failed of failures) await (failed.doing === 'cut' ? this.#cutFailed(lane, failed) : this.react(lane, failed));
    const cut = await this.#files.cutBack(lane, null);
    if (cut.isErr()) {
      await (cut.error.failure.symbol === 'stalled' ? this.react(lane, cut.error) : this.#cutFailed(lane, cut.error));
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

  /** What lies behind the end is unknown, and stays. */
  async #cutFailed(lane: Lane, failed: FailedStep): Promise<void> {
    await this.react(lane, failed);
    await this.#files.retireActive(lane);
    this.#state.change('failed', 'io', diskError('cut', failed.failure));
  }

  #isStalled(): boolean {
    return this.#state.state === 'read-only' && this.#state.reason === 'stalled';
  }
}
