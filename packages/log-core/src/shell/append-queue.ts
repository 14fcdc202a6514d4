/**
 * Appends that wait for a group commit. Each call's records are encoded inside the call, straight into the
 * batch they will be written with, so nothing of the user's is kept. INVARIANT: what waits and what is in
 * flight never exceeds `queueBytesMax`; batches leave in the order in which calls came.
 */
import { err, errAsync, ok, type ResultAsync } from 'neverthrow';
import { BatchBuilder, type AppendToBatch } from '../codec/batch-builder.js';
import { BATCH_HEADER_BYTES } from '../codec/batch-header.js';
import type { Ack, AppendResult } from '../model/api.js';
import { abortedError, invalidArgument, type AppendError, type AppendFailure, type AppendOutcome } from '../model/errors.js';
import type { RecordInput } from '../model/record.js';
import type { ByteCount, Offset, Timestamp } from '../model/units.js';
import { PendingAppend } from './pending-append.js';

/** One record batch in the making, and who waits for it. @internal */
export interface QueuedBatch {
  readonly builder: BatchBuilder;
  waiters: PendingAppend[];
  ack: Ack;
}

/** Builders kept for reuse: some that fill, some that are written. */
const IDLE_BUILDERS_MAX = 12;

/**
 * A batch is full when it is as much work as all that is in front of it: its producers are resumed, and encode as much
 * again, while the disk works for the others. Less than this would cost more commits than is won, more would keep them
 * waiting. Counted in records; an append, with its producer, weighs as much as three more.
 */
const WORK_PER_BATCH_MIN = 2_000;
const WORK_PER_BATCH_MAX = 4_000;
const APPEND_WORK = 3;

/** @internal */
export class AppendQueue {
  readonly #batchBytesMax: ByteCount;
  readonly #queueBytesMax: ByteCount;
  readonly #counters: { refusedAppends: number };
  readonly #idle: BatchBuilder[] = [];
  /** Oldest first; the last one takes records until it is full. */
  #batches: QueuedBatch[] = [];
  #bytes = 0;
  /** Of all that waits and is in flight. */
  #work = 0;

  constructor(batchBytesMax: ByteCount, queueBytesMax: ByteCount, counters: { refusedAppends: number }) {
    this.#batchBytesMax = batchBytesMax;
    this.#queueBytesMax = queueBytesMax;
    this.#counters = counters;
  }

  /** Encoded bytes that wait or are in flight. */
  get bytes(): ByteCount {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Whether a batch waits that takes no more records: waiting longer would not make its commit any fuller. */
  get hasFullBatch(): boolean {
    const first = this.#batches[0];
    return first !== undefined && (this.#batches.length > 1 || this.#isFull(first));
  }

  /** Takes one call's records: what it answers settles when their fate is known. Never rejects. */
  append(
    records: RecordInput | readonly RecordInput[],
    ack: Ack,
    now: Timestamp,
    signal: AbortSignal | undefined,
  ): ResultAsync<AppendResult, AppendError> {
    let batch = this.#openBatch();
    let added = batch.builder.tryAppend(records, now);
    if (added.kind === 'full') {
      batch = this.#startBatch();
      added = batch.builder.tryAppend(records, now);
    }
    if (added.kind !== 'appended') {
      this.#dropIfEmpty(batch);
      return this.#refuse(this.#complaintOf(added));
    }
    const { firstDelta, count, bytes, timestamp } = added;
    if (this.#bytes + bytes > this.#queueBytesMax) {
      batch.builder.removeRecords(firstDelta, count);
      this.#dropIfEmpty(batch);
      return this.#refuse(backpressure(this.#bytes, this.#queueBytesMax));
    }
    this.#bytes += bytes;
    this.#work += count + APPEND_WORK;
    if (ack === 'flushed') batch.ack = 'flushed';
    const waiter = new PendingAppend(firstDelta, count, timestamp);
    batch.waiters.push(waiter);
    if (signal !== undefined) this.#listen(batch, waiter, signal);
    return waiter.result;
  }

  /** Resolves when everything that waits now was settled, one way or the other. */
  async afterQueued(): Promise<void> {
    const last = this.#batches[this.#batches.length - 1];
    if (last === undefined) return;
    const flush = new PendingAppend(0, 0, 0);
    last.waiters.push(flush);
    this.#work += APPEND_WORK;
    await flush.result.then(() => undefined);
  }

  /** Bytes of the batch that is next, header included; 0 when nothing waits. */
  get nextBatchBytes(): ByteCount {
    return this.#batches[0]?.builder.bytes ?? 0;
  }

  /** Records of the batch that is next. */
  get nextBatchRecords(): number {
    return this.#batches[0]?.builder.recordsCount ?? 0;
  }

  /** Takes the oldest batch, and more as long as all together stay within `bytesMax` and make one commit. */
  take(bytesMax: ByteCount): QueuedBatch[] {
    let taken = 0;
    let bytes = 0;
    let work = 0;
    for (const batch of this.#batches) {
      bytes += batch.builder.bytes;
      work += workOf(batch);
      if (taken > 0 && (bytes > bytesMax || work > WORK_PER_BATCH_MIN)) break;
      taken += 1;
    }
    return this.#batches.splice(0, taken);
  }

  /** Takes everything that waits, to be refused. */
  takeAll(): QueuedBatch[] {
    const all = this.#batches;
    this.#batches = [];
    return all;
  }

  /** Puts taken batches back in front, in their order: nothing of them was written. */
  putBack(batches: readonly QueuedBatch[]): void {
    this.#batches.unshift(...batches);
  }

  settleAppended(batch: QueuedBatch, baseOffset: Offset): void {
    for (const waiter of batch.waiters) {
      const first = baseOffset + waiter.firstDelta;
      waiter.forgetSignal?.();
      waiter.settle(ok({ baseOffset: first, lastOffset: first + waiter.count - 1, timestamp: waiter.timestamp }));
    }
    this.#recycle(batch);
  }

  settleRefused(batch: QueuedBatch, failure: AppendFailure, outcome: AppendOutcome): void {
    const result = err({ ...failure, outcome });
    for (const waiter of batch.waiters) {
      if (waiter.count > 0) this.#counters.refusedAppends += 1;
      waiter.forgetSignal?.();
      waiter.settle(result);
    }
    this.#recycle(batch);
  }

  #isFull(batch: QueuedBatch): boolean {
    const work = workOf(batch);
    return work >= WORK_PER_BATCH_MIN && work >= Math.min(this.#work - work, WORK_PER_BATCH_MAX);
  }

  /** The batch that takes records now. */
  #openBatch(): QueuedBatch {
    const last = this.#batches[this.#batches.length - 1];
    return last === undefined || this.#isFull(last) ? this.#startBatch() : last;
  }

  #startBatch(): QueuedBatch {
    const builder = this.#idle.pop() ?? new BatchBuilder(this.#batchBytesMax);
    const batch: QueuedBatch = { builder, waiters: [], ack: 'written' };
    this.#batches.push(batch);
    return batch;
  }

  #complaintOf(added: Exclude<AppendToBatch, { readonly kind: 'appended' }>): AppendFailure {
    if (added.kind === 'invalid') return invalidArgument('records', added.message);
    return tooLarge(added.kind === 'too-large' ? added.bytes : this.#batchBytesMax, this.#batchBytesMax);
  }

  #refuse(failure: AppendFailure): ResultAsync<AppendResult, AppendError> {
    this.#counters.refusedAppends += 1;
    return errAsync({ ...failure, outcome: 'not-appended' });
  }

  /** A batch that nothing was put into must not be written; a getter of a record may have queued another one behind it. */
  #dropIfEmpty(batch: QueuedBatch): void {
    if (batch.builder.recordsCount > 0) return;
    const at = this.#batches.indexOf(batch);
    this.#batches.splice(at, 1);
    this.#recycle(batch);
  }

  #recycle(batch: QueuedBatch): void {
    this.#bytes -= batch.builder.bytes - BATCH_HEADER_BYTES;
    this.#work -= workOf(batch);
    batch.builder.reset();
    if (this.#idle.length < IDLE_BUILDERS_MAX) this.#idle.push(batch.builder);
  }

  /** While it waits, an aborted append is taken out again; once it is being written, the real result comes. */
  #listen(batch: QueuedBatch, waiter: PendingAppend, signal: AbortSignal): void {
    const onAbort = (): void => {
      if (this.#batches.includes(batch)) this.#takeOut(batch, waiter);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    waiter.forgetSignal = () => {
      signal.removeEventListener('abort', onAbort);
    };
  }

  #takeOut(batch: QueuedBatch, waiter: PendingAppend): void {
    const before = batch.builder.bytes;
    batch.waiters = batch.waiters.filter((other) => other !== waiter);
    batch.builder.removeRecords(waiter.firstDelta, waiter.count);
    for (const later of batch.waiters) if (later.firstDelta > waiter.firstDelta) later.firstDelta -= waiter.count;
    this.#bytes += batch.builder.bytes - before;
    this.#work -= waiter.count + APPEND_WORK;
    if (batch.builder.recordsCount === 0) {
      this.#batches.splice(this.#batches.indexOf(batch), 1);
      this.settleRefused(batch, abortedError(), 'not-appended');
    }
    this.#counters.refusedAppends += 1;
    waiter.settle(err({ ...abortedError(), outcome: 'not-appended' }));
  }
}

function workOf({ builder, waiters }: QueuedBatch): number {
  return builder.recordsCount + APPEND_WORK * waiters.length;
}

function tooLarge(bytes: ByteCount, limit: ByteCount): AppendFailure {
  return {
    kind: 'record-too-large',
    bytes,
    limit,
    message: `the records of one append take ${String(bytes)} bytes as a batch; batchBytesMax is ${String(limit)}`,
  };
}

function backpressure(queueBytes: ByteCount, limit: ByteCount): AppendFailure {
  return {
    kind: 'backpressure',
    queueBytes,
    limit,
    message: `${String(queueBytes)} bytes wait to be written already (queueBytesMax is ${String(limit)}): await an append, then try again`,
  };
}
