/**
 * Listeners and what they are told. Events are queued while a lock is held and told after its release, so
 * that no user code runs under one; a listener that throws becomes a `warning`, nothing else.
 */
import type { LogEvents } from '../model/api.js';
import { messageOf } from './contain-bug.js';

type Name = keyof LogEvents;
type Listener = (value: never) => void;

/** Enough to tell a broken disk's story; more would be a flood. */
const WAITING_MAX = 1_000;

/** @internal */
export class EventHub {
  readonly #listeners = new Map<Name, Set<Listener>>();
  readonly #waiting: { readonly name: Name; readonly value: LogEvents[Name] }[] = [];
  #dispatching = false;

  /** Counts the listeners, for tests of leaks. */
  get listenersCount(): number {
    let count = 0;
    for (const set of this.#listeners.values()) count += set.size;
    return count;
  }

  /** Whether something waits to be told. */
  get hasNews(): boolean {
    return this.#waiting.length > 0;
  }

  on<N extends Name>(name: N, listener: (value: LogEvents[N]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set<Listener>();
    this.#listeners.set(name, set);
    // A wrapper of its own, so that the same function may listen twice and leave once.
    const entry: Listener = (value) => {
      listener(value);
    };
    set.add(entry);
    return () => {
      set.delete(entry);
    };
  }

  /** Queues an event; `dispatch` tells it. */
  emit<N extends Name>(name: N, value: LogEvents[N]): void {
    if (this.#listeners.get(name)?.size && this.#waiting.length < WAITING_MAX) this.#waiting.push({ name, value });
  }

  /** Tells every queued event, in order. To be called with no lock held. */
  dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      for (const listener of [...(this.#listeners.get(next.name) ?? [])]) this.#tell(listener, next.name, next.value);
    }
    this.#dispatching = false;
  }

  #tell(listener: Listener, name: Name, value: LogEvents[Name]): void {
    try {
      listener(value as never);
    } catch (thrown) {
      // A throwing warning listener is not told of itself: that would never end.
      if (name === 'warning') return;
      this.emit('warning', { error: { kind: 'listener', message: messageOf(thrown) }, during: `a listener of ${name}` });
    }
  }
}
