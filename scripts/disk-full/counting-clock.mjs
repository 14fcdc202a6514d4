// @ts-check
// The host's clock for a log, which knows how many of its timers are pending: after each cycle there must be exactly as many as before.

/** @typedef {import('@brimlog/log-core').Clock} Clock */

/** @implements {Clock} */
export class CountingClock {
  pending = 0;

  now() {
    return Date.now();
  }

  monotonic() {
    return performance.now();
  }

  /**
   * @param {number} delay
   * @param {() => void} callback
   * @param {boolean} [keepAlive]
   */
  setTimer(delay, callback, keepAlive = false) {
    this.pending += 1;
    let over = false;
    const end = () => {
      if (!over) this.pending -= 1;
      over = true;
    };
    const timeout = setTimeout(() => {
      end();
      callback();
    }, Math.min(delay, 2 ** 31 - 1));
    if (!keepAlive) timeout.unref();
    return {
      cancel() {
        clearTimeout(timeout);
        end();
      },
    };
  }

  /** @param {() => void} callback */
  defer(callback) {
    queueMicrotask(() => process.nextTick(callback));
  }
}
