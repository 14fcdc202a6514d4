/**
 * Runs retention every `intervalMs` as long as a policy asks for it, and after rolls also for what `deleteBefore` gave up and
 * could not delete yet; a run that takes longer delays the next.
 */
import type { Timer } from '../ports/clock.js';
import type { LogContext } from './context.js';

/** @internal */
export class RetentionTimer {
  readonly #ctx: LogContext;
  readonly #run: () => Promise<void>;
  readonly #hasGivenUp: () => boolean;
  #timer: Timer | null = null;
  #running = false;
  #stopped = false;

  /** `hasGivenUp` tells whether there are files of segments wholly below the log start. */
  constructor(ctx: LogContext, run: () => Promise<void>, hasGivenUp: () => boolean) {
    this.#ctx = ctx;
    this.#run = run;
    this.#hasGivenUp = hasGivenUp;
  }

  begin(): void {
    this.#arm();
  }

  /** Runs soon, because a segment was sealed, or what could not be deleted before may go now. */
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

  #arm(): void {
    if (this.#stopped || !this.#hasPolicy) return;
    this.#timer = this.#ctx.clock.setTimer(this.#ctx.settings.retention.intervalMs, () => {
      this.#timer = null;
      this.#ctx.background.run(this.#runOnce());
    });
  }

  async #runOnce(): Promise<void> {
    this.#timer?.cancel();
    this.#running = true;
    await this.#run();
    this.#running = false;
    this.#arm();
  }
}
