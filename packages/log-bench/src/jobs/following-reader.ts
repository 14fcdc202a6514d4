/** A reader beside the producers, in the same process: touches every record as it comes, and says when it has seen so many. */
import type { BenchStore } from '../stores/bench-store.js';

export class FollowingReader {
  readonly #stopper = new AbortController();
  readonly #following: Promise<void>;
  #seen = 0;
  #sum = 0;
  #wanted = Infinity;
  #onSeen: () => void = () => undefined;

  /** Begins to follow; throws where the store cannot be followed. */
  constructor(store: BenchStore) {
    if (store.follow === null) throw new Error('this store cannot be followed');
    this.#following = store.follow((key, value) => {
      this.#sum += (key[key.length - 1] ?? 0) + (value[value.length - 1] ?? 0);
      this.#seen += 1;
      if (this.#seen >= this.#wanted) this.#onSeen();
    }, this.#stopper.signal);
  }

  /** Resolves once `count` records were seen in all; rejects where following ended before. */
  async seen(count: number): Promise<void> {
    if (this.#seen >= count) return;
    const reached = new Promise<void>((resolve) => {
      this.#wanted = count;
      this.#onSeen = resolve;
    });
    const ended = this.#following.then(() => {
      throw new Error(`the follower ended at ${this.#seen} records of ${count}`);
    });
    await Promise.race([reached, ended]);
    this.#wanted = Infinity;
  }

  /** Ends the following; answers the sum of what was touched, so that touching is no work for nothing. */
  async stop(): Promise<number> {
    this.#stopper.abort();
    await this.#following;
    return this.#sum;
  }
}
