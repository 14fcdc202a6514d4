/**
 * Runs retention every `intervalMs` as long as a policy asks for it, and after rolls also for what `deleteBefore` gave up and
 * could not delete yet; a run that takes longer delays the next.
 */
import type { Milliseconds } from '../model/units.js';
import type { Timer } from '../ports/clock.js';
import type { LogContext } from './context.js';

/** After a run the return to `writable` waits so long for the next: what that run could not do may be why the log had left it. */
const AFTER_RETURN_MS = 1_000;

/** @internal */
export class RetentionTimer {
  readonly #ctx: LogContext;
  readonly #run: () => Promise<void>;
  readonly #hasGivenUp: () => boolean;
  #timer: Timer | null = null;
  #running = false;
  #stopped = false;
  #lastAt: Milliseconds = -Infinity;

  /** `hasGivenUp` tells whether there are files of segments wholly below the log start. */
  constructor(ctx: LogContext, run: () => Promise<void>, hasGivenUp: () => boolean) {
    this.#ctx = ctx;
    this.#run = run;
    this.#hasGivenUp = hasGivenUp;
  }

  begin(): void {
    this.#arm();
  }

  /** Appends work again: what could not be deleted before may go now. */
  returned(): void {
    const wait = this.#lastAt + AFTER_RETURN_MS - this.#ctx.clock.monotonic();
    if (wait <= 0 || !this.#hasPolicy) this.soon();
    else if (!this.#running) this.#arm(Math.min(wait, this.#ctx.settings.retention.intervalMs));
  }

  /** Runs soon, because a segment was sealed. */
  soon(): void {
    if (!this.#stopped && !this.#running && (this.#hasPolicy || this.#hasGivenUp())) this.#ctx.background.run(this.#runOnce());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  get #hasPolicy(): boolean {
    const { bytes, ms, segmentsMax } = this.#ctx.settings.retention;
    return bytes !== null || ms !== null || segmentsMax !== null;
  }

  #arm(delay: Milliseconds = this.#ctx.settings.retention.intervalMs): void {
    if (this.#stopped || !this.#hasPolicy) return;
    this.#timer?.cancel();
    this.#timer = this.#ctx.clock.setTimer(delay, () => {
      this.#timer = null;
      this.#ctx.background.run(this.#runOnce());
    });
  }

  async #runOnce(): Promise<void> {
    this.#timer?.cancel();
    this.#running = true;
    this.#lastAt = this.#ctx.clock.monotonic();
    await this.#run();
    this.#running = false;
    this.#arm();
  }
}
