/**
 * `MessageLog.openReader`: reading and following a log that another process may be writing. Followers wake when the
 * writer's watermark changes; a slow look in between makes up for changes that were not told.
 */
import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import { checkVerifyOptions } from '../decide/check-arguments.js';
import { SIDE_FILES } from '../decide/file-names.js';
import { plainOptions } from '../decide/given-options.js';
import type {
  AppendResult,
  Consumer,
  DeletionResult,
  FollowOptions,
  LogEvents,
  LogMetrics,
  LogReader,
  LogStatus,
  ReadBatch,
  ReadOptions,
  ReadResult,
  RecoveryReport,
  VerifyOptions,
  VerifyReport,
} from '../model/api.js';
import { closedError, readOnlyError, type AppendError, type CloseError, type ReadError, type ReadOnly, type VerifyError } from '../model/errors.js';
import type { LogRecord } from '../model/record.js';
import type { Milliseconds } from '../model/units.js';
import type { Timer } from '../ports/clock.js';
import { pathIn, type LogContext } from './context.js';
import { contained, internalError } from './contain-bug.js';
import type { ExternalView } from './external-view.js';
import { IndexCache } from './index-cache.js';
import { batches, read, records, type FollowSource } from './log-reading.js';
import { giveBack } from './open-log.js';
import { verifyLog } from './verify-log.js';
import { withinTimeout } from './within-timeout.js';

/** How long a follower waits at most for news before it looks by itself. */
const LOOK_MS = 100;
/** How long a reader that is asked for nothing may hold a file that the writer deleted. */
const IDLE_LOOK_MS = 1_000;

/** @internal */
export class ExternalReader implements LogReader {
  readonly recovery: RecoveryReport;
  readonly #ctx: LogContext;
  readonly #view: ExternalView;
  readonly #indexes: IndexCache;
  readonly #source: FollowSource;
  readonly #openedAt: number;
  /** Those who wait at the end; woken by a change, by time, or by closing. */
  readonly #waiting = new Set<() => void>();
  #unwatch: (() => void) | null = null;
  #idleLook: Timer | null = null;
  #closing: Promise<Result<void, CloseError>> | null = null;
  #closed = false;

  constructor(ctx: LogContext, view: ExternalView, startedAt: Milliseconds) {
    this.#ctx = ctx;
    this.#view = view;
    this.#openedAt = ctx.clock.now();
    this.#indexes = new IndexCache(
      ctx,
      () => null,
      () => false,
    );
    this.#source = this.#makeSource();
    this.recovery = {
      clean: true,
      keptBytes: 0,
      keptToOffset: view.cell.current.highWatermark,
      cut: null,
      rehomed: null,
      quarantined: [],
      repaired: [],
      foreignFiles: [],
      durationMs: ctx.clock.monotonic() - startedAt,
    };
    this.#lookByTime();
  }

  append(): ResultAsync<AppendResult, AppendError> {
    return errAsync({ ...readOnlyError(), outcome: 'not-appended' });
  }

  read(options: ReadOptions): ResultAsync<ReadResult, ReadError> {
    return read(this.#source, options);
  }

  records(options: FollowOptions): AsyncIterableIterator<Result<LogRecord, ReadError>> {
    return records(this.#source, options);
  }

  batches(options: FollowOptions): AsyncIterableIterator<Result<ReadBatch, ReadError>> {
    return batches(this.#source, options);
  }

  flush(): ResultAsync<never, ReadOnly> {
    return errAsync(readOnlyError());
  }

  deleteBefore(): ResultAsync<DeletionResult, ReadOnly> {
    return errAsync(readOnlyError());
  }

  runRetention(): ResultAsync<DeletionResult, ReadOnly> {
    return errAsync(readOnlyError());
  }

  verify(given?: VerifyOptions): ResultAsync<VerifyReport, VerifyError> {
    const options = plainOptions(given);
    const wrong = checkVerifyOptions(options);
    if (wrong !== null) return errAsync(wrong);
    if (this.#closed) return errAsync(closedError());
    return contained(this.#verify(options ?? {}), internalError);
  }

  recover(): ResultAsync<RecoveryReport, ReadOnly> {
    return errAsync(readOnlyError());
  }

  consumer(name: string): Consumer {
    return {
      name,
      position: () => errAsync(readOnlyError()),
      commit: () => errAsync(readOnlyError()),
      forget: () => errAsync(readOnlyError()),
    };
  }

  status(): LogStatus {
    const { logStartOffset, highWatermark, recoveryPoint, segments } = this.#view.cell.current;
    return {
      state: this.#closed ? 'closed' : 'read-only',
      reason: null,
      since: this.#openedAt,
      logStartOffset,
      logEndOffset: highWatermark,
      highWatermark,
      recoveryPoint: recoveryPoint.offset,
      bytes: 0,
      segments: segments.length,
      queueBytes: 0,
      handles: { open: this.#ctx.pool.open, max: this.#ctx.pool.max },
      space: { freeBytes: 0, totalBytes: 0 },
      spare: null,
      withheld: null,
      consumers: [],
    };
  }

  metrics(): LogMetrics {
    return { ...this.#ctx.counters, stateChanges: 0 };
  }

  on<Name extends keyof LogEvents>(event: Name, listener: (value: LogEvents[Name]) => void): () => void {
    return this.#ctx.events.on(event, listener);
  }

  waitUntilWritable(): ResultAsync<void, ReadOnly> {
    return errAsync(readOnlyError());
  }

  close(): ResultAsync<void, CloseError> {
    this.#closing ??= withinTimeout(this.#ctx, this.#close(), () => undefined);
    return new ResultAsync(this.#closing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().unwrapOr(undefined);
  }

  #makeSource(): FollowSource {
    const ctx = this.#ctx;
    const view = this.#view;
    return {
      tag: view.tag,
      crc32c: ctx.crc32c,
      snapshot: () => view.cell.current,
      borrow: (segment) => ctx.pool.borrow(segment.path),
      locate: (segment, offset) => this.#indexes.locate(view.cell.current, segment, offset),
      distrustIndex: (segment) => {
        this.#indexes.distrust(segment);
      },
      countRead: (bytes) => {
        ctx.counters.readBytes += bytes;
        ctx.counters.readBatches += 1;
      },
      limit: (isolation) => {
        if (this.#closed) return null;
        const { highWatermark, recoveryPoint } = view.cell.current;
        return isolation === 'flushed' ? recoveryPoint.offset : highWatermark;
      },
      news: (wake) => this.#news(wake),
      refresh: () => (this.#closed ? Promise.resolve(null) : view.refresh()),
      reload: async () => {
        await view.reload().then(() => undefined);
      },
    };
  }

  async #verify(options: VerifyOptions): Promise<Result<VerifyReport, VerifyError>> {
    const lost = await this.#view.refresh();
    return lost === null ? verifyLog(this.#source, options, await this.#view.fileBytes()) : err(lost);
  }

  /** A reader whose user is busy elsewhere must not keep a deleted file's blocks from being free. */
  #lookByTime(): void {
    this.#idleLook = this.#ctx.clock.setTimer(IDLE_LOOK_MS, () => {
      const look = this.#view.refreshByName().then(() => {
        if (!this.#closed) this.#lookByTime();
      });
      this.#ctx.background.run(look);
    });
  }

  #news(wake: () => void): () => void {
    this.#watch();
    const timer = this.#ctx.clock.setTimer(LOOK_MS, wake, true);
    this.#waiting.add(wake);
    return () => {
      timer.cancel();
      this.#waiting.delete(wake);
    };
  }

  /** Watching is a hint: where it is not possible, time alone wakes. */
  #watch(): void {
    if (this.#unwatch !== null) return;
    const watching = this.#ctx.fs.watch(pathIn(this.#ctx.dir, SIDE_FILES.watermark), () => {
      this.#wakeAll();
    });
    if (watching.isOk()) this.#unwatch = watching.value;
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async #close(): Promise<Result<void, never>> {
    this.#closed = true;
    this.#idleLook?.cancel();
    this.#unwatch?.();
    this.#wakeAll();
    await giveBack(this.#ctx);
    return ok(undefined);
  }
}
