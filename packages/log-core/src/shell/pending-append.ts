/**
 * What an append answers with until its fate is known: a `ResultAsync` that is a native promise itself. Any other thenable costs an
 * `await` one more promise, two functions and a job of their own; with thousands of appends in flight these are most of the garbage.
 */
import { ResultAsync, type Result } from 'neverthrow';
import type { AppendResult } from '../model/api.js';
import type { AppendError } from '../model/errors.js';
import type { Timestamp } from '../model/units.js';

type Settled = Result<AppendResult, AppendError>;
type Settle = (settled: Settled) => void;

/** `ResultAsync` works on the promise it wraps, which here is it. `await` takes a promise as it is where its constructor is `Promise`. */
class SettledLater extends Promise<Settled> {}
const methods: object = SettledLater.prototype;
Object.setPrototypeOf(methods, ResultAsync.prototype);
Object.defineProperties(methods, {
  constructor: { value: Promise },
  then: { value: Reflect.get(Promise.prototype, 'then') },
  _promise: {
    get(this: unknown) {
      return this;
    },
  },
});

/** Of the promise that was made last. One executor for all: none has to be made, and thrown away, for each. */
let settleLast: Settle = () => undefined;
const keepSettle = (settle: Settle): void => {
  settleLast = settle;
};

/** One append that waits; one for a flush has no records. @internal */
export class PendingAppend {
  firstDelta: number;
  readonly count: number;
  readonly timestamp: Timestamp;
  forgetSignal: (() => void) | null = null;
  /** What the caller gets. */
  readonly result = new SettledLater(keepSettle) as Promise<Settled> as unknown as ResultAsync<AppendResult, AppendError>;
  /** To be called once. Nothing of the user's runs before the caller's own turn is over. */
  readonly settle = settleLast;

  constructor(firstDelta: number, count: number, timestamp: Timestamp) {
    this.firstDelta = firstDelta;
    this.count = count;
    this.timestamp = timestamp;
  }
}
