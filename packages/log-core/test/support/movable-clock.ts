/** The host's clock, with hands that a test may move. */
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import type { Clock, Timer } from '../../src/index.js';

/** Steady and wall time go on as the host's do; `pass` lets a span go by at once. Timers do not notice. */
export class MovableClock implements Clock {
  readonly #host = nodeClock();
  #passedMs = 0;

  pass(ms: number): void {
    this.#passedMs += ms;
  }

  now(): number {
    return this.#host.now() + this.#passedMs;
  }

  monotonic(): number {
    return this.#host.monotonic() + this.#passedMs;
  }

  setTimer(delay: number, callback: () => void, keepAlive?: boolean): Timer {
    return this.#host.setTimer(delay, callback, keepAlive);
  }

  defer(callback: () => void): void {
    this.#host.defer(callback);
  }
}
