/**
 * Work that nobody waits for on the spot: it is kept count of, so that closing can wait for it, and a
 * bug in it (a rejection, which the engine's own functions never give) is reported instead of escaping.
 */

/** @internal */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #onBug: (bug: unknown) => void;

  constructor(onBug: (bug: unknown) => void) {
    this.#onBug = onBug;
  }

  get count(): number {
    return this.#running.size;
  }

  run(work: Promise<unknown>): void {
    const task = work.then(
      () => undefined,
      (bug: unknown) => {
        this.#onBug(bug);
      },
    );
    this.#running.add(task);
    const done = (): void => {
      this.#running.delete(task);
    };
    task.then(done, done);
  }

  /** As `run`, for work behind a call that may never answer: closing does not wait for it. */
  later(work: Promise<unknown>): void {
    work.then(undefined, this.#onBug);
  }

  /** Resolves when everything that runs now, and what it set off, is done. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
