/** Holds the snapshot in force and wakes whoever waits for the next one. */
import type { LogSnapshot } from './snapshot.js';

/** @internal */
export class SnapshotCell {
  #current: LogSnapshot;
  #waiting: (() => void)[] = [];

  constructor(first: LogSnapshot) {
    this.#current = first;
  }

  get current(): LogSnapshot {
    return this.#current;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Puts the next snapshot in force. */
  publish(next: LogSnapshot): void {
    this.#current = next;
    if (this.#waiting.length > 0) this.wake();
  }

  /** Wakes all who wait, with or without news: they look again. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves after the next publication, or when `signal` is aborted. */
  next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        const at = this.#waiting.indexOf(wake);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve();
      };
      this.#waiting.push(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
