/**
 * A load that does not wait for the one it measures. Request i is meant to begin at i / rate, whatever became of
 * those before it, and its latency counts from that moment: a stall of the log is then seen by every request that
 * should have begun meanwhile, not by one alone (the mistake called coordinated omission).
 */

/** When each of `count` requests is meant to begin. Times are milliseconds since the load's start. */
export class OfferedLoad {
  readonly perSecond: number;
  readonly count: number;
  #started = 0;

  /** `perSecond` > 0; `count` requests in all. */
  constructor(perSecond: number, count: number) {
    this.perSecond = perSecond;
    this.count = count;
  }

  /** Requests that were handed out to be begun. */
  get started(): number {
    return this.#started;
  }

  /** Whether every request was handed out. */
  get isOver(): boolean {
    return this.#started >= this.count;
  }

  /** When request `index` (from 0) is meant to begin. */
  intendedAt(index: number): number {
    return (index * 1000) / this.perSecond;
  }

  /** The next request that should have begun by `now`; −1 where none is due yet or all were begun. */
  takeDue(now: number): number {
    if (this.isOver || this.intendedAt(this.#started) > now) return -1;
    this.#started += 1;
    return this.#started - 1;
  }

  /** What request `index` took if it ended at `now`: from when it was meant to begin. */
  latencyOf(index: number, now: number): number {
    return now - this.intendedAt(index);
  }
}

/** A load was sustained if its last answer came at most this share of its length late. */
const LATE_SHARE_MAX = 0.05;

/** Whether the log kept up: `endedAt` is when the last answer came. A log that did not has latencies that only tell how long it ran. */
export function wasSustained(load: OfferedLoad, endedAt: number): boolean {
  const length = load.intendedAt(load.count);
  return endedAt <= length * (1 + LATE_SHARE_MAX);
}
