/**
 * Appends that wait for a group commit. Each call's records are encoded inside the call, straight into the
 * batch they will be written with, so nothing of the user's is kept. INVARIANT: what waits and what is in
 * flight never exceeds `queueBytesMax`; batches leave in the order in which calls came.
 */
import { err, ok, type Result } from 'neverthrow';
import { BatchBuilder } from '../codec/batch-builder.js';
import type { Ack, AppendResult } from '../model/api.js';
import { abortedError, invalidArgument, type AppendError, type AppendFailure, type AppendOutcome } from '../model/errors.js';
import type { RecordInput } from '../model/record.js';
import type { ByteCount, Offset, Timestamp } from '../model/units.js';

type Settle = (result: Result<AppendResult, AppendError>) => void;

interface Waiter {
  settle: Settle;
  firstDelta: number;
  count: number;
  bytes: ByteCount;
  timestamp: Timestamp;
  forgetSignal: (() => void) | null;
}

/** One record batch in the making, and who waits for it. @internal */
export interface QueuedBatch {
  readonly builder: BatchBuilder;
  readonly waiters: Waiter[];
  ack: Ack;
}

/** Builders kept for reuse: one that fills, one that is written, and one to spare. */
const IDLE_BUILDERS_MAX = 3;

/** @internal */
export class AppendQueue {
  readonly #batchBytesMax: ByteCount;
  readonly #queueBytesMax: ByteCount;
  readonly #counters: { refusedAppends: number };
  readonly #idle: BatchBuilder[] = [];
  /** Oldest first; the last one still takes records. */
  #batches: QueuedBatch[] = [];
  #bytes = 0;

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

  /** Takes one call's records: the promise settles when their fate is known. Never rejects. */
  append(
    records: RecordInput | readonly RecordInput[],
    ack: Ack,
    now: Timestamp,
    signal: AbortSignal | undefined,
  ): Promise<Result<AppendResult, AppendError>> {
    let batch = this.#batches[this.#batches.length - 1] ?? this.#openBatch();
    let added = batch.builder.tryAppend(records, now);
    if (added.kind === 'full') {
      batch = this.#openBatch();
      added = batch.builder.tryAppend(records, now);
    }
    if (added.kind !== 'appended') {
      this.#dropIfEmpty(batch);
      return this.#refuse(
        added.kind === 'invalid'
          ? invalidArgument('records', added.message)
          : tooLarge(added.kind === 'too-large' ? added.bytes : this.#batchBytesMax, this.#batchBytesMax),
      );
    }
    const { firstDelta, count, bytes, timestamp } = added;
    if (this.#bytes + bytes > this.#queueBytesMax) {
      batch.builder.removeRecords(firstDelta, count);
      this.#dropIfEmpty(batch);
      return this.#refuse(backpressure(this.#bytes, this.#queueBytesMax));
    }
    this.#bytes += bytes;
    if (ack === 'flushed') batch.ack = 'flushed';
    return new Promise((settle) => {
      const waiter: Waiter = { settle, firstDelta, count, bytes, timestamp, forgetSignal: null };
      batch.waiters.push(waiter);
      if (signal !== undefined) this.#listen(batch, waiter, signal);
    });
  }

  /** Resolves when everything that waits now was settled, one way or the other. */
  afterQueued(): Promise<void> {
    const last = this.#batches[this.#batches.length - 1];
    if (last === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        resolve();
      };
      last.waiters.push({ settle, firstDelta: 0, count: 0, bytes: 0, timestamp: 0, forgetSignal: null });
    });
  }

  /** Bytes of the batch that is next, header included; 0 when nothing waits. */
  get nextBatchBytes(): ByteCount {
    return this.#batches[0]?.builder.bytes ?? 0;
  }

  /** Records of the batch that is next. */
  get nextBatchRecords(): number {
    return this.#batches[0]?.builder.recordsCount ?? 0;
  }

  /** Takes the oldest batch, and more as long as all together stay within `bytesMax`. */
  take(bytesMax: ByteCount): QueuedBatch[] {
    let count = 0;
    let bytes = 0;
    for (const batch of this.#batches) {
      bytes += batch.builder.bytes;
      if (count > 0 && bytes > bytesMax) break;
      count += 1;
    }
    return this.#batches.splice(0, count);
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
      this.#bytes -= waiter.bytes;
      waiter.forgetSignal?.();
      waiter.settle(ok({ baseOffset: first, lastOffset: first + waiter.count - 1, timestamp: waiter.timestamp }));
    }
    this.#recycle(batch);
  }

  settleRefused(batch: QueuedBatch, failure: AppendFailure, outcome: AppendOutcome): void {
    const result = err({ ...failure, outcome });
    for (const waiter of batch.waiters) {
      // Who waits for a flush has no records.
      if (waiter.count > 0) this.#counters.refusedAppends += 1;
      this.#bytes -= waiter.bytes;
      waiter.forgetSignal?.();
      waiter.settle(result);
    }
    this.#recycle(batch);
  }

  #openBatch(): QueuedBatch {
    const builder = this.#idle.pop() ?? new BatchBuilder(this.#batchBytesMax);
    const batch: QueuedBatch = { builder, waiters: [], ack: 'written' };
    this.#batches.push(batch);
    return batch;
  }

  #refuse(failure: AppendFailure): Promise<Result<AppendResult, AppendError>> {
    this.#counters.refusedAppends += 1;
    return Promise.resolve(err({ ...failure, outcome: 'not-appended' }));
  }

  #dropIfEmpty(batch: QueuedBatch): void {
    const last = this.#batches.length - 1;
    if (batch.builder.recordsCount > 0 || this.#batches[last] !== batch) return;
    this.#batches.pop();
    this.#recycle(batch);
  }

  #recycle(batch: QueuedBatch): void {
    batch.builder.reset();
    if (this.#idle.length < IDLE_BUILDERS_MAX) this.#idle.push(batch.builder);
  }

  /** While it waits, an aborted append is taken out again; once it is being written, the real result comes. */
  #listen(batch: QueuedBatch, waiter: Waiter, signal: AbortSignal): void {
    const onAbort = (): void => {
      if (!this.#batches.includes(batch)) return;
      const at = batch.waiters.indexOf(waiter);
      batch.waiters.splice(at, 1);
      batch.builder.removeRecords(waiter.firstDelta, waiter.count);
      for (const later of batch.waiters) if (later.firstDelta > waiter.firstDelta) later.firstDelta -= waiter.count;
      this.#bytes -= waiter.bytes;
      if (batch.builder.recordsCount === 0) {
        this.#batches.splice(this.#batches.indexOf(batch), 1);
        this.settleRefused(batch, abortedError(), 'not-appended');
      }
      this.#counters.refusedAppends += 1;
      waiter.settle(err({ ...abortedError(), outcome: 'not-appended' }));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    waiter.forgetSignal = () => {
      signal.removeEventListener('abort', onAbort);
    };
  }
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
