/**
 * The open log: puts the parts together and offers the public surface. What happens in which order is decided in the
 * parts; here calls are checked, handed on, and their answers given.
 */
import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import { checkAppendOptions, checkSignalOptions, checkVerifyOptions } from '../decide/check-arguments.js';
import { diskError } from '../decide/failure-policy.js';
import { plainOptions } from '../decide/given-options.js';
import type {
  AppendOptions,
  AppendResult,
  Consumer,
  DeletionResult,
  FollowOptions,
  LogEvents,
  LogMetrics,
  LogStatus,
  MessageLog,
  ReadBatch,
  ReadOptions,
  ReadResult,
  RecoveryReport,
  VerifyOptions,
  VerifyReport,
} from '../model/api.js';
import {
  abortedError,
  closedError,
  type AppendError,
  type CloseError,
  type Failed,
  type FlushError,
  type ReadError,
  type RecoverError,
  type RetentionError,
  type VerifyError,
  type WaitError,
  type WriteRefusal,
} from '../model/errors.js';
import type { LogRecord, RecordInput } from '../model/record.js';
import type { Offset } from '../model/units.js';
import { AppendQueue } from './append-queue.js';
import type { LogContext } from './context.js';
import { contained, internalError } from './contain-bug.js';
import { FailureResponse } from './failure-response.js';
import { IndexCache } from './index-cache.js';
import { LockScope } from './lock-scope.js';
import { LogConsumers } from './log-consumers.js';
import { LogDeletions } from './log-deletions.js';
import { LogFiles } from './log-files.js';
import { batches, read, records, type FollowSource } from './log-reading.js';
import { LogFlusher } from './log-flusher.js';
import { LogWriter } from './log-writer.js';
import { giveBack } from './open-log.js';
import type { OpenedFiles } from './opened-files.js';
import type { PositionsFile } from './positions-file.js';
import { RetentionTimer } from './retention-timer.js';
import { recoverLog } from './recover-log.js';
import { SegmentDeleter } from './segment-deleter.js';
import { hasGivenUp, snapshotBytes } from './snapshot.js';
import type { SnapshotCell } from './snapshot-cell.js';
import { SpaceKeeper } from './space-keeper.js';
import { StateCell } from './state-cell.js';
import { verifyLog } from './verify-log.js';
import { waitUntilWritable } from './wait-until-writable.js';
import { WatermarkFile } from './watermark-file.js';
import { withinTimeout } from './within-timeout.js';

/** @internal */
export class OpenLog implements MessageLog {
  readonly recovery: RecoveryReport;
  readonly #ctx: LogContext;
  readonly #cell: SnapshotCell;
  readonly #state: StateCell;
  readonly #lane: LockScope<'lane'>;
  readonly #files: LogFiles;
  readonly #failures: FailureResponse;
  readonly #queue: AppendQueue;
  readonly #flusher: LogFlusher;
  readonly #writer: LogWriter;
  readonly #indexes: IndexCache;
  readonly #deletions: LogDeletions;
  readonly #space: SpaceKeeper;
  readonly #positions: PositionsFile;
  readonly #watermark: WatermarkFile;
  readonly #retention: RetentionTimer;
  readonly #source: FollowSource;
  readonly #consumers: LogConsumers;
  #closing: Promise<Result<void, CloseError>> | null = null;
  #stopListening: () => void = () => undefined;

  constructor(opened: OpenedFiles, positions: PositionsFile) {
    const { ctx, start, report } = opened;
    this.#ctx = ctx;
    this.recovery = report;
    this.#cell = start.cell;
    this.#positions = positions;
    this.#state = new StateCell(ctx.clock, ctx.events);
    this.#lane = new LockScope('lane', () => {
      ctx.events.dispatch();
    });
    this.#files = new LogFiles(ctx, start);
    this.#failures = new FailureResponse(ctx, { files: this.#files, lane: this.#lane, state: this.#state });
    this.#queue = new AppendQueue(ctx.settings.batchBytesMax, ctx.settings.queueBytesMax, ctx.counters);
    this.#indexes = new IndexCache(
      ctx,
      () => this.#files.liveIndex,
      () => this.#state.accepts,
    );
    const deleter = new SegmentDeleter(ctx, {
      files: this.#files,
      indexes: this.#indexes,
      slowestConsumer: () => positions.slowest,
      onFreed: () => {
        this.#space.nudge();
        // Readers in other processes hold files too, and give them back when they are told.
        this.#published();
      },
    });
    this.#space = new SpaceKeeper(ctx, {
      files: this.#files,
      lane: this.#lane,
      state: this.#state,
      deleter,
      seal: (lane) => this.#deletions.seal(lane),
      react: (lane, failed) => this.#failures.react(lane, failed),
      onWritable: () => {
        this.#published();
        this.#retention.returned();
      },
    });
    const onPublished = (): void => {
      this.#published();
    };
    const shared = { files: this.#files, lane: this.#lane, state: this.#state, failures: this.#failures };
    this.#flusher = new LogFlusher(ctx, { ...shared, onPublished });
    this.#writer = new LogWriter(ctx, { ...shared, queue: this.#queue, flusher: this.#flusher, relief: this.#space.relief, onPublished });
    this.#deletions = new LogDeletions(ctx, { ...shared, deleter, flusher: this.#flusher, onDeleted: onPublished });
    const generation = ctx.crc32c(new TextEncoder().encode(`${String(ctx.clock.now())} ${String(ctx.clock.monotonic())}`));
    this.#watermark = new WatermarkFile(ctx, opened.bootId, () => {
      const { highWatermark, recoveryPoint, logStartOffset } = this.#cell.current;
      return { generation, highWatermark, recoveryPoint: recoveryPoint.offset, logStartOffset, closed: this.#state.state === 'closed' };
    });
    const retain = async (): Promise<void> => {
      const deleted = await this.#deletions.retain();
      if (deleted.isErr() && deleted.error.kind !== 'closed') ctx.events.emit('warning', { error: deleted.error, during: 'retention' });
    };
    this.#retention = new RetentionTimer(ctx, retain, () => hasGivenUp(this.#cell.current) || deleter.leftoverBytes > 0);
    this.#source = this.#makeSource(start.tag);
    this.#consumers = new LogConsumers(positions, {
      snapshot: () => this.#cell.current,
      isClosed: () => this.#isClosed,
      flush: () => this.#flusher.flushWhileFull(),
      onReleased: () => {
        if (ctx.settings.retention.keepUnconsumed) this.#space.consumerMoved();
      },
    });
    positions.onFull = async (why) => {
      const gaveUp = await this.#space.giveUpSpare(why);
      ctx.events.dispatch();
      return gaveUp;
    };
    this.#begin(opened);
  }

  append(input: RecordInput | readonly RecordInput[], given?: AppendOptions): ResultAsync<AppendResult, AppendError> {
    const options = plainOptions(given);
    const refused = this.#state.appendRefusal ?? refusedFor(options);
    if (refused !== null) {
      this.#ctx.counters.refusedAppends += 1;
      return errAsync(refused);
    }
    return this.#writer.append(input, options?.ack ?? this.#ctx.settings.ack, options?.signal);
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

  flush(): ResultAsync<{ readonly recoveryPoint: Offset }, FlushError> {
    return contained(this.#flush(), (message) => this.#failedByBug(message));
  }

  deleteBefore(offset: Offset): ResultAsync<DeletionResult, RetentionError> {
    return contained(this.#deletions.deleteBefore(offset), (message) => this.#failedByBug(message));
  }

  runRetention(): ResultAsync<DeletionResult, RetentionError> {
    return contained(this.#deletions.retain(), (message) => this.#failedByBug(message));
  }

  verify(given?: VerifyOptions): ResultAsync<VerifyReport, VerifyError> {
    const options = plainOptions(given);
    const wrong = checkVerifyOptions(options);
    if (wrong !== null) return errAsync(wrong);
    if (this.#isClosed) return errAsync(closedError());
    return contained(verifyLog(this.#source, options ?? {}, snapshotBytes(this.#cell.current)), internalError);
  }

  recover(): ResultAsync<RecoveryReport, RecoverError> {
    if (this.#isClosed) return errAsync(closedError());
    const parts = { ctx: this.#ctx, files: this.#files, lane: this.#lane, state: this.#state };
    return contained(recoverLog(parts), (message) => this.#failedByBug(message)).map((report) => {
      this.#published();
      return report;
    });
  }

  consumer(name: string): Consumer {
    return this.#consumers.consumer(name);
  }

  status(): LogStatus {
    const snapshot = this.#cell.current;
    const { unproven } = this.#files;
    const { state, reason, since } = this.#state;
    const withheld = unproven === null || unproven.toOffset <= snapshot.highWatermark ? null : { fromOffset: unproven.from.offset, toOffset: unproven.toOffset };
    return {
      state,
      reason,
      since,
      logStartOffset: snapshot.logStartOffset,
      logEndOffset: snapshot.logEndOffset,
      highWatermark: snapshot.highWatermark,
      recoveryPoint: snapshot.recoveryPoint.offset,
      bytes: snapshotBytes(snapshot),
      segments: snapshot.segments.length,
      queueBytes: this.#queue.bytes,
      handles: { open: this.#ctx.pool.open, max: this.#ctx.pool.max },
      space: this.#space.space,
      spare: this.#files.spare.status,
      withheld,
      consumers: this.#positions.consumers,
    };
  }

  metrics(): LogMetrics {
    return { ...this.#ctx.counters, stateChanges: this.#state.changes };
  }

  on<Name extends keyof LogEvents>(event: Name, listener: (value: LogEvents[Name]) => void): () => void {
    return this.#ctx.events.on(event, listener);
  }

  waitUntilWritable(given?: { readonly signal?: AbortSignal }): ResultAsync<void, WaitError> {
    const options = plainOptions(given);
    const wrong = checkSignalOptions(options);
    return wrong === null ? new ResultAsync(waitUntilWritable(this.#ctx.clock, this.#state, options?.signal)) : errAsync(wrong);
  }

  close(): ResultAsync<void, CloseError> {
    this.#closing ??= this.#close();
    return contained(this.#closing, (message) => this.#failedByBug(message));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().match(
      () => undefined,
      () => undefined,
    );
  }

  get #isClosed(): boolean {
    return this.#state.state === 'closing' || this.#state.state === 'closed';
  }

  #begin(opened: OpenedFiles): void {
    const { readOnly } = opened;
    if (readOnly === null) this.#state.change('writable', null);
    else {
      this.#state.change(readOnly.failed ? 'failed' : 'read-only', readOnly.reason, readOnly.cause);
      this.#failures.watchLate(readOnly.step);
    }
    this.#state.watch(() => {
      // What could be done about it is looked at at once, and whoever follows or waits looks again.
      if (this.#state.state === 'read-only') this.#space.nudge();
    });
    this.#space.begin(opened.space);
    this.#retention.begin();
    this.#stopListening = this.#ctx.events.on('roll', () => {
      this.#retention.soon();
    });
    if (!opened.report.clean && readOnly === null) this.#watermark.note();
  }

  /** Our own bug: what is true of the log is not known any more, so nothing is written until it is recovered. */
  #failedByBug(message: string): Failed {
    const failure: Failed = { kind: 'failed', reason: 'assertion', message: `internal error: ${message}` };
    this.#state.change('failed', 'assertion', failure);
    this.#ctx.events.dispatch();
    return failure;
  }

  #published(): void {
    this.#watermark.note();
  }

  #makeSource(tag: number): FollowSource {
    const ctx = this.#ctx;
    return {
      tag,
      crc32c: ctx.crc32c,
      snapshot: () => this.#cell.current,
      borrow: (segment) => ctx.pool.borrow(segment.path),
      locate: (segment, offset) => this.#indexes.locate(this.#cell.current, segment, offset),
      distrustIndex: (segment) => {
        this.#indexes.distrust(segment);
      },
      countRead: (bytes) => {
        ctx.counters.readBytes += bytes;
        ctx.counters.readBatches += 1;
      },
      limit: (isolation) => {
        if (this.#isClosed) return null;
        const { highWatermark, recoveryPoint } = this.#cell.current;
        return isolation === 'flushed' ? recoveryPoint.offset : highWatermark;
      },
      news: (wake) => this.#cell.onNext(wake),
      refresh: () => Promise.resolve(null),
      reload: () => Promise.resolve(),
    };
  }

  async #flush(): Promise<Result<{ readonly recoveryPoint: Offset }, FlushError>> {
    if (this.#isClosed) return err(closedError());
    await this.#queue.afterQueued();
    return this.#flusher.flush();
  }

  async #close(): Promise<Result<void, CloseError>> {
    const wasUsable = this.#state.accepts || this.#state.state === 'read-only';
    const refusalBefore = this.#state.refusal;
    this.#writer.beginClosing();
    this.#state.change('closing', null);
    this.#cell.wake();
    this.#space.stop();
    this.#retention.stop();
    this.#stopListening();
    this.#flusher.stop();
    return withinTimeout(this.#ctx, this.#finish(wasUsable, refusalBefore), () => {
      this.#state.change('closed', null);
      this.#ctx.events.dispatch();
    });
  }

  async #finish(wasUsable: boolean, refusalBefore: WriteRefusal | null): Promise<Result<void, CloseError>> {
    await this.#writer.idle();
    await this.#ctx.background.idle();
    await this.#deletions.stop();
    const finished = await this.#lane.run(async (lane): Promise<Result<void, CloseError>> => {
      if (!wasUsable) return refusalBefore === null ? ok(undefined) : err(refusalBefore);
      // A write that is stuck may reach the file later: the next opening has to look at the end.
      if (this.#ctx.deadline.stuckCalls > 0) return err({ kind: 'stalled', message: 'a call of the disk has not answered: the log is closed without its end being proven' });
      const done = await this.#files.finish(lane);
      return done.mapErr(({ doing, failure }) => diskError(doing, failure));
    });
    await this.#files.spare.release(true);
    await this.#positions.close();
    await this.#watermark.close(finished.isOk());
    await this.#files.closeHandles();
    await giveBack(this.#ctx);
    this.#state.change('closed', null);
    this.#ctx.events.dispatch();
    this.#cell.wake();
    return finished;
  }
}

/** What keeps an append with these options from being taken, whatever the log's state. */
function refusedFor(options: AppendOptions | undefined): AppendError | null {
  const failure = checkAppendOptions(options) ?? (options?.signal?.aborted === true ? abortedError() : null);
  return failure === null ? null : { ...failure, outcome: 'not-appended' };
}
