/**
 * The watchdog: a call of the disk that does not answer within `timeoutMs` is answered for it with the
 * symbol `stalled`, and its late answer can be waited for. One timer serves all calls.
 * INVARIANT: a guarded call settles within `timeoutMs`, whatever the disk does.
 */
import { err, type Result } from 'neverthrow';
import type { IoFailure, IoOperation } from '../model/io-failure.js';
import type { Milliseconds } from '../model/units.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { IoResult } from '../ports/file-system.js';

interface Watch {
  readonly startedAt: Milliseconds;
  readonly expire: () => void;
}

/** @internal */
export class Deadline {
  readonly #clock: Clock;
  readonly #timeoutMs: Milliseconds;
  /** In order of start, so that the first is the next to expire. */
  readonly #watches = new Set<Watch>();
  readonly #late = new WeakMap<IoFailure, Promise<Result<unknown, IoFailure>>>();
  #timer: Timer | null = null;
  #stuck = 0;
  #waitingForAnswers: (() => void)[] = [];

  /** `timeoutMs` 0 turns the watchdog off. */
  constructor(clock: Clock, timeoutMs: Milliseconds) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Calls that were answered for and have not answered themselves yet. */
  get stuckCalls(): number {
    return this.#stuck;
  }

  get timeoutMs(): Milliseconds {
    return this.#timeoutMs;
  }

  /** Passes the call's answer on, or `stalled` after the time is up. `onLate` gets an answer that came after that. */
  guard<T>(
    call: IoResult<T>,
    what: { readonly operation: IoOperation; readonly path: string; readonly position: number | null },
    onLate?: (answer: Result<T, IoFailure>) => void,
  ): IoResult<T> {
    if (this.#timeoutMs === 0) return call;
    return new Promise((resolve, reject) => {
      let expired = false;
      const watch: Watch = {
        startedAt: this.#clock.monotonic(),
        expire: () => {
          expired = true;
          this.#stuck += 1;
          const failure = stalledFailure(what, this.#timeoutMs);
          this.#late.set(failure, call);
          resolve(err(failure));
        },
      };
      this.#watches.add(watch);
      this.#arm(this.#timeoutMs);
      call.then((answer) => {
        this.#watches.delete(watch);
        if (!expired) {
          resolve(answer);
          return;
        }
        this.#stuck -= 1;
        onLate?.(answer);
        if (this.#stuck === 0) this.#wakeWaiting();
      }, reject);
    });
  }

  /** The real answer behind a `stalled` failure, which may never come; null for any other failure. */
  lateAnswer(failure: IoFailure): Promise<Result<unknown, IoFailure>> | null {
    return this.#late.get(failure) ?? null;
  }

  /** Resolves when no call is out that was answered for: which may be never. */
  async answered(): Promise<void> {
    while (this.#stuck > 0) await new Promise<void>((resolve) => this.#waitingForAnswers.push(resolve));
  }

  /** Gives the timer back; to be called when no guarded call is out any more. */
  dispose(): void {
    if (this.#watches.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #wakeWaiting(): void {
    const waiting = this.#waitingForAnswers;
    this.#waitingForAnswers = [];
    for (const resolve of waiting) resolve();
  }

  #arm(delay: Milliseconds): void {
    this.#timer ??= this.#clock.setTimer(delay, () => {
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
      watch.expire();
    }
  }
}

function stalledFailure(
  what: { readonly operation: IoOperation; readonly path: string; readonly position: number | null },
  timeoutMs: Milliseconds,
): IoFailure {
  return {
    symbol: 'stalled',
    errno: 0,
    code: 'STALLED',
    ...what,
    message: `${what.operation} of ${what.path} did not answer within ${String(timeoutMs)} ms`,
  };
}
