/**
 * The watchdog in front of every call of the disk: one that does not answer within `timeoutMs` is answered for it with
 * the symbol `stalled`, and its late answer can be waited for. EAGAIN is tried again, and a port that throws has failed.
 * One timer serves all calls. INVARIANT: a guarded call settles within `timeoutMs`, whatever the disk does.
 */
import { err, type Result } from 'neverthrow';
import { reactionTo } from '../decide/failure-policy.js';
import type { IoFailure, IoOperation } from '../model/io-failure.js';
import type { Milliseconds, Position } from '../model/units.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { IoResult } from '../ports/file-system.js';
import { messageOf } from './contain-bug.js';

/** What a failure of a call will name. @internal */
export interface CallSite {
  readonly operation: IoOperation;
  readonly path: string;
  readonly position: Position | null;
}

/** What may still change a file or a name when it comes through late. */
const CHANGES: ReadonlySet<IoOperation> = new Set(['create', 'write', 'sync', 'truncate', 'rename', 'unlink']);

/** A disk that goes on answering EAGAIN is broken: after so many tries the error is passed on. */
const AGAIN_TRIES_MAX = 1_000;

/** @internal */
export class Deadline {
  readonly #clock: Clock;
  readonly #timeoutMs: Milliseconds;
  /** In order of start, so that the first is the next to expire. */
  readonly #watches = new Set<Watch>();
  readonly #late = new WeakMap<IoFailure, Promise<Result<unknown, IoFailure>>>();
  #timer: Timer | null = null;
  readonly #stuck = new Set<Watch>();
  #waitingForAnswers: (() => void)[] = [];

  /** `timeoutMs` 0 turns the watchdog off. */
  constructor(clock: Clock, timeoutMs: Milliseconds) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Calls that were answered for and have not answered themselves yet. */
  get stuckCalls(): number {
    return this.#stuck.size;
  }

  /** Whether one of them may still change a file or a name. */
  get hasStuckChange(): boolean {
    for (const { operation } of this.#stuck) if (CHANGES.has(operation)) return true;
    return false;
  }

  get timeoutMs(): Milliseconds {
    return this.#timeoutMs;
  }

  /**
   * Starts `call` and passes its answer on, or `stalled` after the time is up. `onLate` gets an answer that came after
   * that. `call` may be started again, after EAGAIN.
   */
  guard<T>(call: () => IoResult<T>, site: CallSite, onLate?: (answer: Result<T, IoFailure>) => void): IoResult<T> {
    return new Promise((resolve) => {
      const guarded = new GuardedCall(call, site, resolve, (answer) => {
        this.#ended(guarded, answer, onLate);
      });
      if (this.#timeoutMs > 0) this.#watch(guarded);
      guarded.try();
    });
  }

  /** The real answer behind a `stalled` failure, which may never come; null for any other failure. */
  lateAnswer(failure: IoFailure): Promise<Result<unknown, IoFailure>> | null {
    return this.#late.get(failure) ?? null;
  }

  /** Resolves when no call is out that was answered for: which may be never. */
  async answered(): Promise<void> {
    while (this.#stuck.size > 0) await new Promise<void>((resolve) => this.#waitingForAnswers.push(resolve));
  }

  /** Gives the timer back; to be called when no guarded call is out any more. */
  dispose(): void {
    if (this.#watches.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #watch(guarded: Watch): void {
    guarded.startedAt = this.#clock.monotonic();
    this.#watches.add(guarded);
    if (this.#timer === null) this.#arm(this.#timeoutMs);
  }

  #ended<T>(guarded: GuardedCall<T>, answer: Result<T, IoFailure>, onLate?: (answer: Result<T, IoFailure>) => void): void {
    if (!guarded.hasExpired) {
      this.#watches.delete(guarded);
      return;
    }
    this.#stuck.delete(guarded);
    onLate?.(answer);
    if (this.#stuck.size > 0) return;
    const waiting = this.#waitingForAnswers;
    this.#waitingForAnswers = [];
    for (const resolve of waiting) resolve();
  }

  #arm(delay: Milliseconds): void {
    this.#timer = this.#clock.setTimer(delay, () => {
      this.#timer = null;
      this.#expireDue();
    });
  }

  #expireDue(): void {
    const now = this.#clock.monotonic();
    for (const watch of this.#watches) {
      const left = watch.startedAt + this.#timeoutMs - now;
      if (left > 0) {
        this.#arm(Math.ceil(left));
        return;
      }
      this.#watches.delete(watch);
      this.#stuck.add(watch);
      const { failure, late } = watch.expire(this.#timeoutMs);
      this.#late.set(failure, late);
    }
  }
}

/** A call whose time is counted. */
interface Watch {
  readonly operation: IoOperation;
  startedAt: Milliseconds;
  expire(timeoutMs: Milliseconds): { readonly failure: IoFailure; readonly late: Promise<Result<unknown, IoFailure>> };
}

/** One call on its way. It settles once: by its answer, or by expiring, and then its answer is late. */
class GuardedCall<T> implements Watch {
  readonly #call: () => IoResult<T>;
  readonly #site: CallSite;
  readonly #resolve: (answer: Result<T, IoFailure>) => void;
  readonly #onEnd: (answer: Result<T, IoFailure>) => void;
  #tries = 0;
  #answerLate: ((answer: Result<T, IoFailure>) => void) | null = null;
  startedAt: Milliseconds = 0;

  constructor(call: () => IoResult<T>, site: CallSite, resolve: (answer: Result<T, IoFailure>) => void, onEnd: (answer: Result<T, IoFailure>) => void) {
    this.#call = call;
    this.#site = site;
    this.#resolve = resolve;
    this.#onEnd = onEnd;
  }

  get operation(): IoOperation {
    return this.#site.operation;
  }

  get hasExpired(): boolean {
    return this.#answerLate !== null;
  }

  try(): void {
    this.#tries += 1;
    try {
      this.#call().then(
        (answer) => {
          if (answer.isErr() && this.#mayTryAgain(answer.error)) this.try();
          else this.#end(answer);
        },
        (thrown: unknown) => {
          this.#end(this.#threw(thrown));
        },
      );
    } catch (thrown) {
      this.#end(this.#threw(thrown));
    }
  }

  expire(timeoutMs: Milliseconds): { readonly failure: IoFailure; readonly late: Promise<Result<unknown, IoFailure>> } {
    const late = new Promise<Result<T, IoFailure>>((resolve) => {
      this.#answerLate = resolve;
    });
    const { operation, path } = this.#site;
    const message = `${operation} of ${path} did not answer within ${String(timeoutMs)} ms`;
    const failure: IoFailure = { ...this.#site, symbol: 'stalled', errno: 0, code: 'STALLED', message };
    this.#resolve(err(failure));
    return { failure, late };
  }

  #mayTryAgain({ symbol }: IoFailure): boolean {
    return this.#tries < AGAIN_TRIES_MAX && reactionTo('read', symbol).retry === 'now';
  }

  #end(answer: Result<T, IoFailure>): void {
    this.#onEnd(answer);
    if (this.#answerLate === null) this.#resolve(answer);
    else this.#answerLate(answer);
  }

  /** A port that throws or rejects breaks its word: whatever the call has done, it counts as failed. */
  #threw(thrown: unknown): Result<T, IoFailure> {
    const { operation, path } = this.#site;
    return err({ ...this.#site, symbol: 'other', errno: 0, code: 'THROWN', message: `${operation} of ${path} threw: ${messageOf(thrown)}` });
  }
}
