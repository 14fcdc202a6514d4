/** Counts what happens in steps of time while a volume is filled, kept full, and freed. All times are milliseconds since `begin`. */
import type { Timeline } from '../model/sample.js';

const STEP_MS = 50;

export class TimelineRecorder {
  readonly #acknowledged: number[] = [];
  readonly #refused: number[] = [];
  #startedAt = 0;
  #fullAt = NaN;
  #freedAt = NaN;
  #backAt = NaN;

  begin(): void {
    this.#startedAt = performance.now();
  }

  /** The volume is full now. */
  markFull(): void {
    this.#fullAt = this.#now();
  }

  /** Space comes back now. */
  markFreed(): void {
    this.#freedAt = this.#now();
  }

  get sinceFullMs(): number {
    return this.#now() - this.#fullAt;
  }

  /** Whether an append was acknowledged since space came back. */
  get isBack(): boolean {
    return !Number.isNaN(this.#backAt);
  }

  acknowledged(): void {
    const now = this.#now();
    if (Number.isNaN(this.#backAt) && now >= this.#freedAt) this.#backAt = now;
    count(this.#acknowledged, now);
  }

  refused(): void {
    count(this.#refused, this.#now());
  }

  /** The rate between two moments, of whole steps; NaN where there is none. */
  acknowledgedPerSecond(fromMs: number, toMs: number): number {
    const [first, end] = [Math.ceil(fromMs / STEP_MS), Math.floor(toMs / STEP_MS)];
    if (end <= first) return NaN;
    const sum = this.#acknowledged.slice(first, end).reduce((total, records) => total + records, 0);
    return (sum * 1000) / ((end - first) * STEP_MS);
  }

  /** Everything, gaps filled with zeros. */
  finish(): Timeline {
    const steps = Math.max(this.#acknowledged.length, this.#refused.length);
    const filled = (counts: readonly number[]): number[] => Array.from({ length: steps }, (_, at) => counts[at] ?? 0);
    return { stepMs: STEP_MS, acknowledged: filled(this.#acknowledged), refused: filled(this.#refused), fullAtMs: this.#fullAt, freedAtMs: this.#freedAt, backAtMs: this.#backAt };
  }

  #now(): number {
    return performance.now() - this.#startedAt;
  }
}

function count(counts: number[], now: number): void {
  const step = Math.floor(now / STEP_MS);
  counts[step] = (counts[step] ?? 0) + 1;
}
