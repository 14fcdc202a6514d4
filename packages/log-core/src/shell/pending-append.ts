/**
 * What an append answers with until its fate is known: a promise in all that `ResultAsync` and `await` ask of one, without
 * a native promise as long as it is only awaited. With thousands of appends in flight these would be most of the garbage.
 */
import type { Result } from 'neverthrow';
import type { AppendResult } from '../model/api.js';
import type { AppendError } from '../model/errors.js';
import type { Timestamp } from '../model/units.js';

type Settled = Result<AppendResult, AppendError>;
type Settle = (settled: Settled) => void;

/** One append that waits; one for a flush has no records. @internal */
export class PendingAppend implements PromiseLike<Settled> {
  firstDelta: number;
  readonly count: number;
  readonly timestamp: Timestamp;
  forgetSignal: (() => void) | null = null;
  #settled: Settled | null = null;
  /** Of who awaits it: a function of the engine's, which runs nothing of the user's. */
  #resolve: Settle | null = null;
  #resolveNative: Settle | null = null;
  #native: Promise<Settled> | null = null;

  constructor(firstDelta: number, count: number, timestamp: Timestamp) {
    this.firstDelta = firstDelta;
    this.count = count;
    this.timestamp = timestamp;
  }

  /** Called once. Throws nothing, and nothing of the user's runs before the caller's own turn is over. */
  settle(settled: Settled): void {
    this.#settled = settled;
    this.#resolveNative?.(settled);
    try {
      this.#resolve?.(settled);
    } catch {
      // It was one of the engine's few other functions without a name; what it made of a result is nobody's.
    }
  }

  /** As a promise's: `await` comes here with a resolving function, which is kept; everything else goes through a native promise. */
  then<A = Settled, B = never>(
    onSettled?: ((settled: Settled) => A | PromiseLike<A>) | null,
    onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const resolve: unknown = onSettled;
    if (this.#settled !== null || this.#resolve !== null || !isResolving(resolve)) return this.native.then(onSettled, onFailed);
    this.#resolve = resolve;
    return new AfterResolving(this) as PromiseLike<unknown> as PromiseLike<A>;
  }

  /** The same as a native promise. */
  get native(): Promise<Settled> {
    const settled = this.#settled;
    this.#native ??= new Promise((resolve) => {
      if (settled === null) this.#resolveNative = resolve;
      else resolve(settled);
    });
    return this.#native;
  }
}

/** What `then` with a resolving function answers, which nobody looks at as a rule: such a function gives back nothing. */
class AfterResolving implements PromiseLike<undefined> {
  readonly #append: PendingAppend;

  constructor(append: PendingAppend) {
    this.#append = append;
  }

  then<A = undefined, B = never>(
    onSettled?: ((nothing: undefined) => A | PromiseLike<A>) | null,
    onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.#append.native.then(() => undefined).then(onSettled, onFailed);
  }
}

/** How the engine prints the functions that resolve a promise; those of users, bound ones too, have a name or a source. */
const ENGINE_SOURCE = ((): string => {
  let source = '';
  const probe = new Promise<void>((resolve) => {
    source = sourceOf(resolve);
    resolve();
  });
  probe.then(undefined, () => undefined);
  return source;
})();

function sourceOf(callback: unknown): string {
  return Function.prototype.toString.call(callback);
}

function isResolving(callback: unknown): callback is Settle {
  return typeof callback === 'function' && sourceOf(callback) === ENGINE_SOURCE && callback.name === '';
}
