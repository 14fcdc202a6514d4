/**
 * The last calls of a simulated disk, for a failing test to print. Keeping it costs a few stores a call;
 * lines are made when somebody reads them.
 */
import type { IoOperation } from '../model/io-failure.js';

/** A call as it is made. @public */
export interface CallFacts {
  /** Counted over all calls of the disk, from 1. */
  readonly number: number;
  readonly operation: IoOperation;
  readonly path: string;
  /** The new name, of a rename. */
  readonly to: string | null;
  readonly position: number | null;
  /** Bytes asked for by a read or write, else null. */
  readonly bytes: number | null;
}

/** A call in the trace; its outcome is filled in when it is known. @internal */
export interface TracedCall extends CallFacts {
  outcome: string;
}

/** A ring of the last `callsMax` calls. @internal */
export class CallTrace {
  readonly #callsMax: number;
  readonly #ring: TracedCall[] = [];
  #next = 0;

  constructor(callsMax: number) {
    this.#callsMax = callsMax;
  }

  /** Notes a call and answers its record. */
  begin({ number, operation, path, to, position, bytes }: CallFacts): TracedCall {
    const call: TracedCall = { number, operation, path, to, position, bytes, outcome: 'no answer yet' };
    if (this.#ring.length < this.#callsMax) this.#ring.push(call);
    else this.#ring[this.#next] = call;
    this.#next = (this.#next + 1) % this.#callsMax;
    return call;
  }

  /** One line a call, the oldest first. */
  lines(): string[] {
    const inOrder = this.#ring.length < this.#callsMax ? this.#ring : [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    return inOrder.map(({ number, operation, path, to, position, bytes, outcome }) => {
      const target = to === null ? '' : ` to ${to}`;
      const at = position === null ? '' : ` at ${position}`;
      const count = bytes === null ? '' : ` (${bytes} bytes)`;
      return `#${number} ${operation} ${path}${target}${at}${count}: ${outcome}`;
    });
  }
}
