/**
 * The reading half of the public surface, the same for a log of this process and for a reader of another's: one
 * read, and iteration by records or by batches, following or not.
 */
import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { decodeRecords, isCompressed } from '../codec/decode-records.js';
import type { FollowOptions, Isolation, ReadBatch, ReadOptions, ReadResult } from '../model/api.js';
import { checkFollowOptions, checkReadOptions } from '../decide/check-arguments.js';
import { plainOptions } from '../decide/given-options.js';
import { abortedError, closedError, offsetOutOfRange, type Gone, type InvalidArgument, type ReadError } from '../model/errors.js';
import type { LogRecord } from '../model/record.js';
import { MIB, type Offset } from '../model/units.js';
import { contained, internalError, messageOf } from './contain-bug.js';
import { BatchCursor, type CursorBatch, type ReadSource } from './batch-cursor.js';

/** A source that can be waited on. @internal */
export interface FollowSource extends ReadSource {
  /** The end of what may be read; null once the log is closed. */
  readonly limit: (isolation: Isolation) => Offset | null;
  /** Calls `wake` once, when there may be news or the log closes; answers how to call that off. */
  readonly news: (wake: () => void) => () => void;
  /** Looks again at what is there, where that takes I/O; a log of this process knows already. Answers why there is nothing. */
  readonly refresh: () => Promise<Gone | null>;
}

/** Bytes of batches one `read` gives at most, unless it is told otherwise. */
const READ_BYTES = MIB;

/** @internal */
export function read(source: FollowSource, options: ReadOptions): ResultAsync<ReadResult, ReadError> {
  return contained(readOnce(source, options), internalError);
}

async function readOnce(source: FollowSource, given: ReadOptions): Promise<Result<ReadResult, ReadError>> {
  const options = plainOptions(given);
  const wrong = checkReadOptions(options);
  if (wrong !== null) return err(wrong);
  const { from, bytesMax = READ_BYTES, isolation = 'acknowledged', signal } = options;
  if (signal?.aborted === true) return err(abortedError());
  const lost = await source.refresh();
  const limit = source.limit(isolation);
  if (limit === null) return err(closedError());
  if (lost !== null) return err(lost);
  const outside = checkRange(source, from, limit);
  if (outside !== null) return err(outside);
  const cursor = new BatchCursor(source, from, 'once');
  const batches: CursorBatch[] = [];
  let bytes = 0;
  let nextOffset = from;
  for (;;) {
    const next = cursor.nextInMemory(limit) ?? (await cursor.next(limit));
    const batch = 'header' in next ? next : next.isOk() ? next.value : null;
    const failed = 'header' in next || next.isOk() ? null : next.error;
    if (failed !== null && source.limit(isolation) === null) return err(closedError());
    const refused = failed ?? (batch === null ? null : unreadable(batch));
    if (refused !== null && batches.length === 0) return err(refused);
    if (batch === null || refused !== null || (batches.length > 0 && bytes + batch.header.batchBytes > bytesMax)) break;
    batches.push(batch);
    bytes += batch.header.batchBytes;
    nextOffset = batch.nextOffset;
    if (bytes >= bytesMax) break;
  }
  if (isAborted(signal)) return err(abortedError());
  return ok({ records: new BatchesRecords(batches, from), nextOffset, highWatermark: source.snapshot().highWatermark, bytes });
}

/** Batch by batch; an error comes once, then the iteration ends. @internal */
export function batches(source: FollowSource, options: FollowOptions): AsyncIterableIterator<Result<ReadBatch, ReadError>> {
  const iteration = new BatchIteration(source, options);
  return asyncIterator(
    () => iteration.nextInMemory()?.map((batch) => toReadBatch(batch, iteration.from)) ?? null,
    async () => (await iteration.next())?.map((batch) => toReadBatch(batch, iteration.from)) ?? null,
    () => {
      iteration.end();
    },
  );
}

/** Record by record; one promise a record, but no I/O for records that are in memory. @internal */
export function records(source: FollowSource, options: FollowOptions): AsyncIterableIterator<Result<LogRecord, ReadError>> {
  const iteration = new BatchIteration(source, options);
  let current: Iterator<LogRecord> | null = null;
  const inMemory = (): Result<LogRecord, ReadError> | null => {
    const record = current?.next();
    return record === undefined || record.done === true ? null : ok(record.value);
  };
  const next = async (): Promise<Result<LogRecord, ReadError> | null> => {
    for (;;) {
      const record = inMemory();
      if (record !== null) return record;
      const batch = await iteration.next();
      if (batch === null) return null;
      if (batch.isErr()) return err(batch.error);
      const { bytes, at, header } = batch.value;
      current = decodeRecords(bytes, at, header, iteration.from)[Symbol.iterator]();
    }
  };
  return asyncIterator(inMemory, next, () => {
    iteration.end();
  });
}

/** The steps of one iteration: checked options, a cursor, waiting at the end while following. */
class BatchIteration {
  readonly #source: FollowSource;
  readonly #options: FollowOptions;
  readonly #wrong: InvalidArgument | null;
  /** Begun on a closed log: an error, where one that is closed meanwhile ends a follower in peace. */
  readonly #beganClosed: boolean;
  #cursor: BatchCursor | null = null;
  #ended = false;
  /** Ends the waiting at the end; null while there is none. */
  #wake: (() => void) | null = null;

  constructor(source: FollowSource, given: FollowOptions) {
    this.#source = source;
    const options = plainOptions(given);
    this.#wrong = checkFollowOptions(options);
    this.#options = this.#wrong === null ? options : { from: 0 };
    this.#beganClosed = source.limit('acknowledged') === null;
  }

  get from(): Offset {
    return this.#options.from;
  }

  /** The next batch where it is in memory already; null where `next` has to be asked. */
  nextInMemory(): Result<CursorBatch, ReadError> | null {
    if (this.#cursor === null || this.#ended) return null;
    const next = this.#tryInMemory(this.#cursor);
    if (next?.isErr() === true) this.#ended = true;
    return next;
  }

  async next(): Promise<Result<CursorBatch, ReadError> | null> {
    if (this.#ended) return null;
    const next = await this.#step().catch((bug: unknown) => err(internalError(messageOf(bug))));
    if (next === null || next.isErr()) this.#ended = true;
    return next;
  }

  /** Whoever iterates wants no more: a step that waits is over. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  #tryInMemory(cursor: BatchCursor): Result<CursorBatch, ReadError> | null {
    const { isolation = 'acknowledged', signal } = this.#options;
    try {
      const limit = isAborted(signal) ? null : this.#source.limit(isolation);
      const batch = limit === null ? null : cursor.nextInMemory(limit);
      return batch === null ? null : readable(batch);
    } catch (bug) {
      return err(internalError(messageOf(bug)));
    }
  }

  async #step(): Promise<Result<CursorBatch, ReadError> | null> {
    if (this.#wrong !== null) return err(this.#wrong);
    const { isolation = 'acknowledged', follow = false, signal } = this.#options;
    const mayEnd = follow && !this.#beganClosed;
    const started = this.#cursor ?? (await this.#start(isolation, signal));
    if (!(started instanceof BatchCursor)) return started.kind === 'closed' && mayEnd ? null : err(started);
    for (;;) {
      if (this.#ended) return null;
      if (isAborted(signal)) return err(abortedError());
      const limit = this.#source.limit(isolation);
      if (limit === null) return mayEnd ? null : err(closedError());
      const inMemory = started.nextInMemory(limit);
      const next = inMemory === null ? await started.next(limit) : ok(inMemory);
      if (next.isErr()) {
        if (this.#source.limit(isolation) !== null) return err(next.error);
        return mayEnd ? null : err(closedError());
      }
      if (next.value !== null) return readable(next.value);
      if (!follow) return null;
      // What came, or ended it, while it was looked is told by nobody again.
      if (this.#source.limit(isolation) === limit && !isAborted(signal)) await this.#news(signal);
      const lost = await this.#source.refresh();
      if (lost !== null && this.#source.limit(isolation) !== null) return err(lost);
    }
  }

  /** Resolves when there may be news, or nobody waits for them any more. */
  #news(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        callOff();
        signal?.removeEventListener('abort', wake);
        this.#wake = null;
        resolve();
      };
      const callOff = this.#source.news(wake);
      this.#wake = wake;
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  async #start(isolation: Isolation, signal: AbortSignal | undefined): Promise<BatchCursor | ReadError> {
    const { from } = this.#options;
    if (isAborted(signal)) return abortedError();
    const lost = await this.#source.refresh();
    const limit = this.#source.limit(isolation);
    if (limit === null) return closedError();
    if (lost !== null) return lost;
    const outside = checkRange(this.#source, from, limit);
    if (outside !== null) return outside;
    this.#cursor = new BatchCursor(this.#source, from, 'forward');
    return this.#cursor;
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Iterables of the records of some batches, decoded while they are walked. */
class BatchesRecords implements Iterable<LogRecord> {
  readonly #batches: readonly CursorBatch[];
  readonly #from: Offset;

  constructor(found: readonly CursorBatch[], from: Offset) {
    this.#batches = found;
    this.#from = from;
  }

  *[Symbol.iterator](): IterableIterator<LogRecord> {
    for (const { bytes, at, header } of this.#batches) yield* decodeRecords(bytes, at, header, this.#from);
  }
}

function toReadBatch(batch: CursorBatch, from: Offset): ReadBatch {
  const { bytes, at, header } = batch;
  return {
    baseOffset: Math.max(header.baseOffset, from),
    lastOffset: batch.nextOffset - 1,
    records: decodeRecords(bytes, at, header, from),
  };
}

function checkRange(source: ReadSource, from: Offset, limit: Offset): ReadError | null {
  const { logStartOffset } = source.snapshot();
  return from < logStartOffset || from > limit ? offsetOutOfRange(from, logStartOffset, limit) : null;
}

function readable(batch: CursorBatch): Result<CursorBatch, ReadError> {
  const refused = unreadable(batch);
  return refused === null ? ok(batch) : err(refused);
}

/** A batch whose records this version does not decode. */
function unreadable({ header }: CursorBatch): ReadError | null {
  if (!isCompressed(header)) return null;
  return {
    kind: 'incompatible-format',
    message: `the batch at offset ${String(header.baseOffset)} is compressed (codec ${String(header.attributes & 7)}), which this version does not read`,
  };
}

/**
 * An async iterator over `next`, which answers null at the end, and `inMemory`, which is asked first and answers what
 * takes no waiting, or null; steps asked for at once are taken in order. `end` is called when no more is wanted, and ends
 * a `next` that waits.
 */
function asyncIterator<T>(inMemory: () => T | null, next: () => Promise<T | null>, end: () => void): AsyncIterableIterator<T> {
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let ended = false;
  const take = async (): Promise<IteratorResult<T>> => {
    const value = ended ? null : await next();
    waiting -= 1;
    return value === null ? { done: true, value: undefined } : { done: false, value };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const value = waiting > 0 || ended ? null : inMemory();
      if (value !== null) return Promise.resolve({ done: false, value });
      waiting += 1;
      const step = tail.then(take);
      tail = step;
      return step;
    },
    return() {
      ended = true;
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
