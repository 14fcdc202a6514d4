/**
 * The append pipeline: one ordered way from the queue to the disk, one region in flight. Each turn takes what waits,
 * writes it as one group commit, publishes, and resolves; what fails is classified by the failure policy and
 * answered with what it left behind. No timer delays a lone producer.
 * INVARIANT: an append resolves only after everything before it was published.
 */
import type { ResultAsync } from 'neverthrow';
import { diskError, reactionTo, type Doing, type Pressure, type Reaction } from '../decide/failure-policy.js';
import type { Ack, AppendResult } from '../model/api.js';
import type { AppendError, AppendFailure, AppendOutcome, WriteRefusal } from '../model/errors.js';
import type { RecordInput } from '../model/record.js';
import { MIB, type Timestamp } from '../model/units.js';
import type { AppendQueue, QueuedBatch } from './append-queue.js';
import { messageOf } from './contain-bug.js';
import type { FailedStep, LogContext } from './context.js';
import type { FailureResponse } from './failure-response.js';
import type { LogFiles } from './log-files.js';
import type { LogFlusher } from './log-flusher.js';
import type { LockScope, LockToken } from './lock-scope.js';
import { encodeRegion, type EncodedBatch, type Region } from './region.js';
import type { StateCell } from './state-cell.js';

type Lane = LockToken<'lane'>;

/** What the writer asks of the space keeper. @internal */
export interface SpaceRelief {
  /** To be asked before a region is tried: the next spare, while it is made, may take the room that the region needs. */
  readonly spareAttempts: () => number;
  /** Makes room as the policy allows, right now; whether the region should be tried again. */
  readonly relieve: (lane: Lane, why: Pressure, doing: Doing, spareAttempts: number) => Promise<boolean>;
  /** How many more bytes of records the hard cap leaves room for. */
  readonly quotaRoomBytes: () => number;
  /** Told after every commit. */
  readonly onCommitted: (region: Region) => void;
}

/** Bytes of batches in one write: enough to be at the disk's speed, little enough to be answered soon. */
const REGION_BYTES_MAX = 4 * MIB;
/** Under `delete-oldest` one region may wait for so many clean-ups before it is refused. */
const RELIEFS_MAX = 16;

/** How one region ended, to be told after the lane is free. */
type Ending =
  | { readonly kind: 'appended'; readonly batches: readonly QueuedBatch[]; readonly region: Region }
  | {
      readonly kind: 'refused';
      readonly batches: readonly QueuedBatch[];
      /** What waited behind them: nothing of it was written. */
      readonly behind: readonly QueuedBatch[];
      readonly failure: AppendFailure;
      readonly outcome: AppendOutcome;
    }
  | { readonly kind: 'nothing' };

const NOTHING: Ending = { kind: 'nothing' };

/** One try at a region. */
interface Attempt {
  readonly batches: QueuedBatch[];
  /** What was written, or may have been; null where no byte of it can have reached a file. */
  readonly region: Region | null;
  readonly failed: FailedStep | null;
}

/** @internal */
export class LogWriter {
  readonly #ctx: LogContext;
  readonly #files: LogFiles;
  readonly #queue: AppendQueue;
  readonly #lane: LockScope<'lane'>;
  readonly #state: StateCell;
  readonly #failures: FailureResponse;
  readonly #flusher: LogFlusher;
  readonly #relief: SpaceRelief;
  readonly #onPublished: () => void;
  #running = false;
  #turnsTime: Timestamp | null = null;
  #idleWaiters: (() => void)[] = [];
  /** What was taken from the queue and has no ending yet. */
  #inFlight: readonly QueuedBatch[] = [];
  /** Set when closing begins: what the queue is refused with, null where it is still written. */
  #closing: { readonly refusal: WriteRefusal | null } | null = null;

  constructor(
    ctx: LogContext,
    parts: {
      readonly files: LogFiles;
      readonly queue: AppendQueue;
      readonly lane: LockScope<'lane'>;
      readonly state: StateCell;
      readonly failures: FailureResponse;
      readonly flusher: LogFlusher;
      readonly relief: SpaceRelief;
      readonly onPublished: () => void;
    },
  ) {
    this.#ctx = ctx;
    this.#files = parts.files;
    this.#queue = parts.queue;
    this.#lane = parts.lane;
    this.#state = parts.state;
    this.#failures = parts.failures;
    this.#flusher = parts.flusher;
    this.#relief = parts.relief;
    this.#onPublished = parts.onPublished;
  }

  /** From now on the state says `closing`: what was accepted before is still written. */
  beginClosing(): void {
    this.#closing ??= { refusal: this.#state.refusal };
  }

  /** Queues one call's records; the caller has checked the state. */
  append(records: RecordInput | readonly RecordInput[], ack: Ack, signal: AbortSignal | undefined): ResultAsync<AppendResult, AppendError> {
    const settled = this.#queue.append(records, ack, this.#now(), signal);
    this.wake();
    return settled;
  }

  /** What the clock says; asked once for all appends that join others within one turn of the event loop. */
  #now(): Timestamp {
    if (this.#turnsTime !== null) return this.#turnsTime;
    const { clock } = this.#ctx;
    const now = clock.now();
    if (!this.#queue.isEmpty) {
      this.#turnsTime = now;
      clock.defer(() => {
        this.#turnsTime = null;
      });
    }
    return now;
  }

  /** Starts the pipeline where something waits and it is not running. */
  wake(): void {
    if (this.#running || this.#queue.isEmpty) return;
    this.#running = true;
    this.#ctx.clock.defer(() => {
      this.#ctx.background.run(this.#drain());
    });
  }

  /** Resolves when nothing waits and nothing is in flight. */
  idle(): Promise<void> {
    if (!this.#running && this.#queue.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Refuses everything that waits. */
  refuseQueued(failure: AppendFailure): void {
    this.#settle({ kind: 'refused', batches: this.#queue.takeAll(), behind: [], failure, outcome: 'not-appended' });
  }

  async #drain(): Promise<void> {
    while (!this.#queue.isEmpty) {
      const ending = await this.#lane.run((lane) => this.#commitMany(lane)).catch((bug: unknown) => this.#endByBug(messageOf(bug)));
      this.#settle(ending);
      if (ending.kind === 'appended') await this.#turn();
    }
    this.#running = false;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /**
   * Commits region after region, as long as all goes well, nobody else wants the lane and nothing waits to be told
   * outside it. The last one's ending is answered, to be settled by the caller.
   */
  async #commitMany(lane: Lane): Promise<Ending> {
    let ending = await this.#commitNext(lane);
    while (ending.kind === 'appended' && !this.#lane.isWanted && !this.#ctx.events.hasNews) {
      if (this.#queue.hasFullBatch) {
        // Those that are done are resumed, and encode their next ones, while the disk works for the others.
        const next = this.#commitNext(lane);
        this.#settle(ending);
        ending = await next;
      } else {
        this.#settle(ending);
        await this.#turn();
        ending = await this.#commitNext(lane);
      }
    }
    return ending;
  }

  /** Producers that were just resumed append now, so that the next group commit is full. */
  #turn(): Promise<void> {
    return new Promise((resume) => {
      this.#ctx.clock.defer(resume);
    });
  }

  /** Our own bug, in the middle of a region: what it left behind is unknown, and the log is failed. */
  #endByBug(message: string): Ending {
    const failure: AppendFailure = { kind: 'failed', reason: 'assertion', message: `internal error: ${message}` };
    this.#state.change('failed', 'assertion', failure);
    this.#ctx.events.dispatch();
    const batches = this.#inFlight;
    this.refuseQueued(failure);
    return { kind: 'refused', batches, behind: [], failure, outcome: 'unknown' };
  }

  #settle(ending: Ending): void {
    if (ending.kind === 'nothing') return;
    if (ending.kind === 'refused') {
      for (const batch of ending.batches) this.#queue.settleRefused(batch, ending.failure, ending.outcome);
      for (const batch of ending.behind) this.#queue.settleRefused(batch, ending.failure, 'not-appended');
      return;
    }
    this.#onPublished();
    const { batches, region } = ending;
    for (let i = 0; i < batches.length; i += 1) {
      this.#queue.settleAppended(batches[i] as QueuedBatch, (region.batches[i] as EncodedBatch).baseOffset);
    }
  }

  async #commitNext(lane: Lane): Promise<Ending> {
    if (this.#queue.isEmpty) return NOTHING;
    const refusal = this.#closing === null ? this.#state.refusal : this.#closing.refusal;
    if (refusal !== null) return { kind: 'refused', batches: this.#queue.takeAll(), behind: [], failure: refusal, outcome: 'not-appended' };
    let batches: QueuedBatch[] = [];
    let relieved = 0;
    let spentSpares = 0;
    for (;;) {
      const spareAttempts = this.#relief.spareAttempts();
      const attempt = await this.#attempt(lane, batches);
      batches = attempt.batches;
      if (batches.length === 0) return NOTHING;
      const { failed, region } = attempt;
      if (failed === null) return region === null ? NOTHING : { kind: 'appended', batches, region };
      const reaction = reactionTo(failed.doing, failed.failure.symbol);
      const proven = await this.#settleTail(lane, reaction, region);
      if (proven && reaction.error === 'disk-full') {
        const why = reaction.state?.reason === 'quota' ? 'quota' : 'disk-full';
        // It may have been made again meanwhile: no append is refused beside a spare.
        if (spentSpares < RELIEFS_MAX && failed.doing === 'append-write' && this.#files.spare.status !== null) {
          spentSpares += 1;
          await this.#files.retireActive(lane);
          continue;
        }
        if (relieved < RELIEFS_MAX && (await this.#relief.relieve(lane, why, failed.doing, spareAttempts))) {
          relieved += 1;
          continue;
        }
      }
      if (proven && reaction.retry === 'fresh-segment' && spentSpares === 0 && this.#files.snapshot.endPosition > 0) {
        spentSpares = 1;
        await this.#files.retireActive(lane);
        continue;
      }
      return this.#refuse(failed, reaction, batches, { tailProven: proven, outcome: proven || region === null ? 'not-appended' : 'unknown' });
    }
  }

  /** One try at the next region: `taken` are the batches of an earlier try, none for a first one. */
  async #attempt(lane: Lane, taken: readonly QueuedBatch[]): Promise<Attempt> {
    if (taken.length > 0) this.#queue.putBack(taken);
    const next = { bytes: this.#queue.nextBatchBytes, records: this.#queue.nextBatchRecords };
    if (next.bytes > this.#relief.quotaRoomBytes()) return { region: null, batches: this.#take(0), failed: quotaStep(this.#ctx.dir) };
    let active = this.#files.ready(next);
    if (active === null) {
      const prepared = await this.#files.prepare(lane, next);
      if (prepared.isErr()) return { region: null, batches: this.#take(0), failed: prepared.error };
      active = prepared.value;
    }
    const batches = this.#take(Math.min(REGION_BYTES_MAX, this.#files.roomBytes, this.#relief.quotaRoomBytes()));
    if (batches.length === 0) return { region: null, batches, failed: null };
    const region = encodeRegion(batches, this.#queue.isEmpty, this.#files.snapshot, this.#files.tag, this.#ctx.crc32c);
    const written = await this.#files.commit(lane, active, region);
    if (written.isErr()) return { batches, region, failed: written.error };
    this.#inFlight = [];
    this.#relief.onCommitted(region);
    if (this.#files.snapshot.recoveryPoint.offset < region.nextOffset) this.#flusher.flushInTime();
    return { batches, region, failed: null };
  }

  #take(bytesMax: number): QueuedBatch[] {
    const batches = this.#queue.take(bytesMax);
    this.#inFlight = batches;
    return batches;
  }

  /** Does with the bytes behind the end, those of `region`, what the policy says; whether it is proven that they can never appear. */
  async #settleTail(lane: Lane, reaction: Reaction, region: Region | null): Promise<boolean> {
    switch (reaction.tail) {
      case 'none':
        return true;
      case 'cut': {
        const cut = await this.#files.cutBack(lane, region);
        if (cut.isOk()) return true;
        this.#failures.watchLate(cut.error);
        break;
      }
      case 'abandon':
      case 'await-answer':
        break;
    }
    if (reaction.tail !== 'await-answer') await this.#files.retireActive(lane);
    if (region !== null) this.#files.noteUnknown(region.nextOffset - this.#files.snapshot.highWatermark);
    return false;
  }

  /** A failure fails its region and everything queued behind it. */
  #refuse(
    failed: FailedStep,
    reaction: Reaction,
    batches: readonly QueuedBatch[],
    left: { readonly tailProven: boolean; readonly outcome: AppendOutcome },
  ): Ending {
    const failure = diskError(failed.doing, failed.failure);
    const change = left.tailProven ? reaction.state : (reaction.state ?? reaction.stateIfCutFails);
    if (change !== null) this.#state.change(change.to, change.reason, failure);
    this.#failures.watchLate(failed);
    this.#inFlight = [];
    return { kind: 'refused', batches, behind: this.#queue.takeAll(), failure, outcome: left.outcome };
  }
}

/** The log's own hard cap, met before the disk is asked. */
function quotaStep(path: string): FailedStep {
  return {
    doing: 'make-segment',
    failure: { symbol: 'quota', errno: 0, code: 'QUOTA', operation: 'write', path, position: null, message: 'quotaBytesMax is used up' },
  };
}
