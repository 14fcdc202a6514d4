/**
 * What the engine needs of time: a wall clock for timestamps, a steady one for durations, timers,
 * and a way to run after everything that is runnable now. Nothing else in the engine may ask the time.
 */
import type { Milliseconds, Timestamp } from '../model/units.js';

/** A pending timer. @public */
export interface Timer {
  /** Takes the timer back; its callback will not run. Calling it again is harmless. */
  cancel(): void;
}

/** @public */
export interface Clock {
  /** Wall time; may jump both ways. */
  now(): Timestamp;
  /** Steady time with an arbitrary zero; never goes back. */
  monotonic(): Milliseconds;
  /**
   * Runs `callback` once after `delay`. Only a `keepAlive` timer keeps the process from exiting.
   */
  setTimer(delay: Milliseconds, callback: () => void, keepAlive?: boolean): Timer;
  /**
   * Runs `callback` after the current task and every promise reaction it set off: so that all
   * producers that were just resumed have appended again before the next group commit is cut.
   */
  defer(callback: () => void): void;
}
