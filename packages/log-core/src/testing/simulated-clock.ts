/**
 * Time that a test moves. Nothing passes by itself: timers run inside `advance`, in the order they are due,
 * and whatever they set off has come to rest before the next one runs.
 * INVARIANT: the same calls give the same order, on every host; monotonic time never goes back.
 *
 * `defer` and `settle` give way to the event loop by `setImmediate`: that is past every promise reaction by
 * the loop's own rule, where a counted chain of microtasks would be a guess, and takes about 1 µs.
 */
import type { Milliseconds, Timestamp } from '../model/units.js';
import type { Clock, Timer } from '../ports/clock.js';

/** Where the wall clock of a simulation begins unless told otherwise: 2026-01-01T00:00:00Z. @public */
export const SIMULATION_STARTS_AT: Timestamp = 1_767_225_600_000;

/** Turns of the event loop after which something that never rests is taken for a loop in the code under test. */
const TURNS_MAX = 100_000;

interface PendingTimer {
  readonly due: Milliseconds;
  readonly callback: () => void;
}

/** Gives way to the event loop once. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @public */
export class SimulatedClock implements Clock {
  #monotonic: Milliseconds = 0;
  #wallAhead: number;
  #timers: PendingTimer[] = [];
  #deferred = 0;

  /** `startAt`: the wall time at the start. */
  constructor({ startAt = SIMULATION_STARTS_AT }: { readonly startAt?: Timestamp } = {}) {
    this.#wallAhead = startAt;
  }

  now(): Timestamp {
    return Math.floor(this.#wallAhead + this.#monotonic);
  }

  monotonic(): Milliseconds {
    return this.#monotonic;
  }

  setTimer(delay: Milliseconds, callback: () => void): Timer {
    const timer: PendingTimer = { due: this.#monotonic + Math.max(0, delay), callback };
    // Kept in order; of two that are due together the one set first comes first.
    const after = this.#timers.findIndex((other) => other.due > timer.due);
    this.#timers.splice(after === -1 ? this.#timers.length : after, 0, timer);
    return {
      cancel: () => {
        const index = this.#timers.indexOf(timer);
        if (index !== -1) this.#timers.splice(index, 1);
      },
    };
  }

  defer(callback: () => void): void {
    this.#deferred += 1;
    setImmediate(() => {
      this.#deferred -= 1;
      callback();
    });
  }

  /** How many timers wait; 0 is what a closed log must leave behind. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Time until the next timer is due, or null where none waits. */
  get nextTimerIn(): Milliseconds | null {
    const next = this.#timers[0];
    return next === undefined ? null : next.due - this.#monotonic;
  }

  /**
   * Lets `ms` pass: runs the timers that come due, those they set in turn as well, and lets everything come to
   * rest before the first, between them and after the last. Rejects with what a timer's callback threw.
   */
  async advance(ms: Milliseconds): Promise<void> {
    await this.settle();
    const end = this.#monotonic + Math.max(0, ms);
    for (let next = this.#timers[0]; next !== undefined && next.due <= end; next = this.#timers[0]) {
      this.#timers.shift();
      this.#monotonic = Math.max(this.#monotonic, next.due);
      next.callback();
      await this.settle();
    }
    this.#monotonic = end;
  }

  /** Moves the wall clock by `ms`, back where negative, as an administrator does; no timer runs. */
  jump(ms: Milliseconds): void {
    this.#wallAhead += ms;
  }

  /**
   * Resolves when every promise reaction has run and nothing deferred is left: all that can happen without
   * time passing has happened. Rejects where that never comes.
   */
  async settle(): Promise<void> {
    await turn();
    for (let turns = 0; this.#deferred > 0; turns += 1) {
      if (turns >= TURNS_MAX) throw new Error(`no rest after ${TURNS_MAX} turns: something defers itself for ever`);
      await turn();
    }
  }
}
