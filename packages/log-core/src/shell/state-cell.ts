/**
 * The log's state: one value, changed in one place, told by one event per change. The error every write is
 * refused with is made once per change, so that a flood of refusals costs nothing.
 */
import type { LogState, StateReason } from '../model/api.js';
import type { AppendError, WriteRefusal } from '../model/errors.js';
import type { Timestamp } from '../model/units.js';
import type { Clock } from '../ports/clock.js';
import { acceptsAppends, mayChange, refusalIn, type StateValue } from '../decide/log-state.js';
import type { EventHub } from './event-hub.js';

/** @internal */
export class StateCell {
  readonly #clock: Clock;
  readonly #events: EventHub;
  readonly #watchers = new Set<() => void>();
  #value: StateValue = { state: 'opening', reason: null };
  #refusal: WriteRefusal | null = refusalIn(this.#value, null);
  #appendRefusal: AppendError | null = asAppendError(this.#refusal);
  #since: Timestamp;
  #changes = 0;

  constructor(clock: Clock, events: EventHub) {
    this.#clock = clock;
    this.#events = events;
    this.#since = clock.now();
  }

  get state(): LogState {
    return this.#value.state;
  }

  get reason(): StateReason | null {
    return this.#value.reason;
  }

  get since(): Timestamp {
    return this.#since;
  }

  get changes(): number {
    return this.#changes;
  }

  /** What a write is refused with now; null where it is accepted. */
  get refusal(): WriteRefusal | null {
    return this.#refusal;
  }

  /** The same as an append's error: one value for all of them, which nobody can change. */
  get appendRefusal(): AppendError | null {
    return this.#appendRefusal;
  }

  get accepts(): boolean {
    return acceptsAppends(this.#value.state);
  }

  /** Changes the state where the table allows it; `cause` is the error that made it so. */
  change(state: LogState, reason: StateReason | null, cause: WriteRefusal | null = null): boolean {
    const next: StateValue = { state, reason };
    if (!mayChange(this.#value, next)) return false;
    const from = this.#value.state;
    this.#value = next;
    this.#refusal = refusalIn(next, cause);
    this.#appendRefusal = asAppendError(this.#refusal);
    this.#since = this.#clock.now();
    this.#changes += 1;
    this.#events.emit('stateChange', { from, to: state, reason, at: this.#since });
    for (const watcher of [...this.#watchers]) watcher();
    return true;
  }

  /** Calls `watcher` after every change, until unsubscribed. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }
}

/** Nothing of a refused append was written. */
function asAppendError(refusal: WriteRefusal | null): AppendError | null {
  return refusal === null ? null : Object.freeze({ ...refusal, outcome: 'not-appended' });
}
