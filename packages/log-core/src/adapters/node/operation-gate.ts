/**
 * Keeps the library's file operations from filling libuv's thread pool: a hung disk may hold every place
 * of this gate, and the host still has a thread for its own files, DNS and crypto.
 * INVARIANT: at most `limit` operations are between `enter` and `leave`, over all logs of the process,
 * also where the library was loaded twice. It does not know what an operation does.
 */

/** Writes and syncs go first; reads get every ninth place while both wait, so that neither starves. @internal */
export type Lane = 'urgent' | 'read';

/** An operation that waits for a place; a link of its lane's list. @internal */
export interface WaitingOperation {
  readonly lane: Lane;
  start: (() => void) | null;
  previous: WaitingOperation | null;
  next: WaitingOperation | null;
}

/** The gate of a process. The shape is shared by all copies of the library: extend it, never change it. @internal */
export interface OperationGate {
  readonly limit: number;
  /**
   * Calls `start` at once where a place is free and answers null; else answers the waiting operation.
   * `start` must not throw, and whoever was started must call `leave` once.
   */
  enter(lane: Lane, start: () => void): WaitingOperation | null;
  /** Gives a place back and starts what waits. */
  leave(): void;
  /** Takes a waiting operation out; answers false where it was started already. Nothing of it stays behind. */
  withdraw(waiting: WaitingOperation): boolean;
  /** Operations in flight, and waiting. */
  counts(): { readonly running: number; readonly waiting: number };
}

const URGENT_IN_A_ROW_MAX = 8;

class WaitingLine {
  first: WaitingOperation | null = null;
  last: WaitingOperation | null = null;
  length = 0;

  push(waiting: WaitingOperation): void {
    waiting.previous = this.last;
    if (this.last === null) this.first = waiting;
    else this.last.next = waiting;
    this.last = waiting;
    this.length += 1;
  }

  remove(waiting: WaitingOperation): void {
    if (waiting.previous === null) this.first = waiting.next;
    else waiting.previous.next = waiting.next;
    if (waiting.next === null) this.last = waiting.previous;
    else waiting.next.previous = waiting.previous;
    waiting.previous = null;
    waiting.next = null;
    this.length -= 1;
  }
}

/** Makes a gate for `limit` (≥ 1) operations at a time. @internal */
export function createOperationGate(limit: number): OperationGate {
  const urgent = new WaitingLine();
  const reads = new WaitingLine();
  let running = 0;
  let urgentInARow = 0;
  let draining = false;

  const lineOf = (lane: Lane): WaitingLine => (lane === 'urgent' ? urgent : reads);

  const takeNext = (): (() => void) | null => {
    const readIsDue = reads.first !== null && (urgent.first === null || urgentInARow >= URGENT_IN_A_ROW_MAX);
    const next = readIsDue ? reads.first : urgent.first;
    if (next === null) return null;
    urgentInARow = readIsDue ? 0 : urgentInARow + 1;
    lineOf(next.lane).remove(next);
    const start = next.start;
    next.start = null;
    return start;
  };

  return {
    limit,
    enter(lane, start) {
      if (running < limit) {
        running += 1;
        start();
        return null;
      }
      const waiting: WaitingOperation = { lane, start, previous: null, next: null };
      lineOf(lane).push(waiting);
      return waiting;
    },
    leave() {
      running -= 1;
      // An operation that ends inside its own start would recurse; the outermost call does the work.
      if (draining) return;
      draining = true;
      while (running < limit) {
        const start = takeNext();
        if (start === null) break;
        running += 1;
        start();
      }
      draining = false;
    },
    withdraw(waiting) {
      if (waiting.start === null) return false;
      waiting.start = null;
      lineOf(waiting.lane).remove(waiting);
      return true;
    },
    counts: () => ({ running, waiting: urgent.length + reads.length }),
  };
}

/**
 * How many operations a process may have in flight: one less than the pool's threads, at least one.
 * `poolSize` is the text of `UV_THREADPOOL_SIZE`, read as libuv reads it (default 4, 1 … 1,024). With a
 * pool of one thread nothing can be kept free. @internal
 */
export function operationLimit(poolSize: string | undefined): number {
  const asked = poolSize === undefined ? 4 : Number.parseInt(poolSize, 10);
  const threads = Math.min(1024, Math.max(1, Number.isNaN(asked) ? 1 : asked));
  return Math.max(1, threads - 1);
}

const SHARED_KEY = Symbol.for('brimlog.operation-gate');

function isGate(value: unknown): value is OperationGate {
  return typeof value === 'object' && value !== null && 'enter' in value && 'leave' in value && 'withdraw' in value;
}

/**
 * The one gate of this process (of this thread, where workers are used: each has its own global object
 * while the pool is common, so a host that runs logs in several workers should widen the pool). @internal
 */
export function sharedOperationGate(): OperationGate {
  const shared = globalThis as { [SHARED_KEY]?: unknown };
  const existing = shared[SHARED_KEY];
  if (isGate(existing)) return existing;
  const gate = createOperationGate(operationLimit(process.env['UV_THREADPOOL_SIZE']));
  shared[SHARED_KEY] = gate;
  return gate;
}
