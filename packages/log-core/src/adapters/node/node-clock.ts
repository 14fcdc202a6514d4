/**
 * Node's clocks and timers behind the port. INVARIANT: a timer never fires before its delay, also where
 * the delay is longer than `setTimeout` can count; none keeps the process alive unless asked to.
 */
import type { Clock, Timer } from '../../ports/clock.js';

/** What `setTimeout` can wait at once, in milliseconds; past it Node would fire after one. */
const DELAY_MAX_MS = 2 ** 31 - 1;

class NodeTimer implements Timer {
  readonly #callback: () => void;
  readonly #keepAlive: boolean;
  #remainingMs: number;
  #timeout: NodeJS.Timeout;

  constructor(delayMs: number, callback: () => void, keepAlive: boolean) {
    this.#callback = callback;
    this.#keepAlive = keepAlive;
    this.#remainingMs = delayMs;
    this.#timeout = this.#arm();
  }

  #arm(): NodeJS.Timeout {
    const step = Math.min(this.#remainingMs, DELAY_MAX_MS);
    this.#remainingMs -= step;
    const timeout = setTimeout(() => {
      if (this.#remainingMs > 0) this.#timeout = this.#arm();
      else this.#callback();
    }, step);
    return this.#keepAlive ? timeout : timeout.unref();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }
}

/** `queueMicrotask` would make an async resource of each. */
const RESOLVED = Promise.resolve();

/** The host's clock. @internal */
export function nodeClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimer: (delay, callback, keepAlive = false) => new NodeTimer(delay, callback, keepAlive),
    defer(callback) {
      // A tick asked for outside a promise reaction runs before the reactions that are due; one asked for
      // inside runs when all of them have. So: first into a reaction, then a tick.
      const tick = (): void => {
        process.nextTick(callback);
      };
      RESOLVED.then(tick, tick);
    },
  };
}
