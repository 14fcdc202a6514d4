/**
 * The one place where locks are taken. A lock lives as long as one function runs and is given back on
 * every path; a function that needs it held asks for the token. Events that were raised inside are told
 * to listeners after the release: no user code runs under a lock.
 *
 * Order, where two are held: lane → deletions, lane → index-writing. Nobody waits for space while holding one.
 */
import { Mutex } from 'async-mutex';

declare const held: unique symbol;

/** Proof that the lock is held; there is no other way to get one. @internal */
export interface LockToken<Name extends string> {
  readonly [held]: Name;
}

/** @internal */
export class LockScope<Name extends string> {
  readonly #mutex = new Mutex();
  readonly #onRelease: () => void;
  #waiting = 0;

  constructor(_name: Name, onRelease: () => void) {
    this.#onRelease = onRelease;
  }

  /** Whether somebody holds the lock: for tests of leaks, never to decide by. */
  get isHeld(): boolean {
    return this.#mutex.isLocked();
  }

  /** Whether somebody waits for the lock: who holds it for more than one piece of work gives it up between two. */
  get isWanted(): boolean {
    return this.#waiting > 0;
  }

  async run<T>(work: (token: LockToken<Name>) => Promise<T>): Promise<T> {
    this.#waiting += 1;
    try {
      return await this.#mutex.runExclusive(() => {
        this.#waiting -= 1;
        return work(TOKEN as LockToken<Name>);
      });
    } finally {
      this.#onRelease();
    }
  }
}

const TOKEN: unknown = Object.freeze({});
