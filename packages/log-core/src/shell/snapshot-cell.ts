/** Holds the snapshot in force and wakes whoever waits for the next one. */
import type { LogSnapshot } from './snapshot.js';

/** @internal */
export class SnapshotCell {
  #current: LogSnapshot;
  #waiting = new Set<() => void>();

  constructor(first: LogSnapshot) {
    this.#current = first;
  }

  get current(): LogSnapshot {
    return this.#current;
  }

  /** Puts the next snapshot in force. */
  publish(next: LogSnapshot): void {
    this.#current = next;
    if (this.#waiting.size > 0) this.wake();
  }

  /** Wakes all who wait, with or without news: they look again. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /** Calls `wake` once, after the next publication; answers how to call that off. */
  onNext(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => {
      this.#waiting.delete(wake);
    };
  }
}
