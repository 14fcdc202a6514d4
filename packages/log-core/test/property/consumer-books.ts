/** What is owed to named consumers: a position is a committed one, never later, and an acknowledged commit is durable. */
import { Violation } from './violation.js';

/** One call of `commit`, or, with null, of `forget`. */
export interface Commit {
  readonly offset: number | null;
}

interface Position {
  /** What the last acknowledged commit said; null: nothing, or forgotten. */
  readonly acknowledged: number | null;
  /** Commits that were begun since, in the order of the calls; each of them may have become durable. */
  readonly attempted: readonly Commit[];
  /** What the live log says: committed, or found at opening (then perhaps in the page cache only). */
  readonly live: number | null;
}

const NO_POSITION: Position = { acknowledged: null, attempted: [], live: null };

export class ConsumerBooks {
  readonly #positions = new Map<string, Position>();
  /** Where each stood when the step under way began. */
  #before = new Map<string, number | null>();

  copy(): ConsumerBooks {
    const copy = new ConsumerBooks();
    for (const [name, position] of this.#positions) copy.#positions.set(name, position);
    copy.#before = this.#before;
    return copy;
  }

  /** What is deleted in this step may be deleted before, or after, what is committed in it. */
  stepBegins(): void {
    this.#before = new Map([...this.#positions].map(([name, { live }]) => [name, live]));
  }

  get names(): string[] {
    return [...this.#positions.keys()];
  }

  /** What holds retention back. */
  get slowest(): number {
    let slowest = Infinity;
    for (const [name, { live, attempted }] of this.#positions) {
      // A commit under way may have counted already; one that is not registered, or is being forgotten, may hold nothing back.
      const stood = [live, this.#before.get(name) ?? null, ...attempted.map(({ offset }) => offset)];
      slowest = Math.min(slowest, Math.max(...stood.map((offset) => offset ?? Infinity)));
    }
    return slowest;
  }

  /** A commit begins; null: the consumer is to be forgotten. */
  begins(name: string, offset: number | null): Commit {
    const known = this.#of(name);
    const commit = { offset };
    this.#positions.set(name, { ...known, attempted: [...known.attempted, commit] });
    return commit;
  }

  /** A commit was answered with success: what was begun before it does not count any more. */
  committed(name: string, commit: Commit): void {
    const { attempted } = this.#of(name);
    this.#positions.set(name, { acknowledged: commit.offset, attempted: attempted.slice(attempted.indexOf(commit) + 1), live: commit.offset });
  }

  /** A position as an opening found it; `same` where nothing can have changed since the log was last open. */
  found(name: string, position: number | null, same: boolean): void {
    const known = this.#of(name);
    const { acknowledged, attempted, live } = known;
    if (position !== acknowledged && !attempted.some(({ offset }) => offset === position)) {
      const begun = attempted.map(({ offset }) => String(offset)).join(', ');
      throw new Violation('consumers', `${name} stands at ${String(position)}; committed was ${String(acknowledged)}, begun ${begun || 'nothing'}`);
    }
    // A commit that failed may be in the file all the same.
    if (same && attempted.length === 0 && position !== live) throw new Violation('opens-twice', `${name} stands at ${String(position)}, and stood at ${String(live)} before`);
    this.#positions.set(name, { ...known, live: position });
  }

  /** A position in a live log. */
  seen(name: string, position: number | null): void {
    const { live } = this.#of(name);
    if (position !== live) throw new Violation('consumers', `${name} stands at ${String(position)}, committed was ${String(live)}`);
  }

  #of(name: string): Position {
    return this.#positions.get(name) ?? NO_POSITION;
  }
}
