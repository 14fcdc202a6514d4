/**
 * One log's life over any number of processes, on the real engine, a simulated disk and clock: carries operations out
 * and holds everything that is seen against the model.
 * INVARIANT: the same setup and operations make the same calls and give the same outcome.
 */
import type { Result } from 'neverthrow';
import { MessageLog, type AppendError, type AppendResult, type DeletionResult, type LogStatus } from '../../src/index.js';
import { seededRandom, SimulatedClock, SimulatedDisk, type FaultPlan, type Random } from '../../src/testing/index.js';
import { LogModel, Violation, type Attempt, type Content } from './model.js';
import { numberIn, valueOf } from './numbered-values.js';
import { randomProfile, type AppendCall, type Ending, type Operation, type Setup } from './operations.js';

export const LOG_DIR = '/log';

/** What a run tells while it goes: `insideRecovery` where the crash hit an opening. */
export interface RunObserver {
  readonly onCrashState?: (image: SimulatedDisk, insideRecovery: boolean) => void;
  /** Keeps the calls of every process, not only of the last one. */
  readonly wholeTrace?: boolean;
  /** The share of calls, 0 … 1, at which a state that a power cut could leave is opened and checked as well. */
  readonly lookShare?: number;
}

/** Thrown through a step when the process behind it is no more. */
class ProcessEnded extends Error {}

const IO_TIMEOUT_MS = 2_000;
const PATIENCE_MS = 60_000;

type Log = MessageLog;
type AppendAnswer = Result<AppendResult, AppendError>;

/** A state that a power cut could leave at some call, and what is owed then. */
interface Look {
  readonly image: SimulatedDisk;
  readonly model: LogModel;
  /** The disk is full, so that an opening may withhold. */
  readonly troubled: boolean;
}

interface Sent {
  readonly attempt: Attempt;
  result: AppendAnswer | null;
}

/** One log's life over any number of processes. */
export class HistoryRun {
  readonly model: LogModel;
  readonly #setup: Setup;
  readonly #observer: RunObserver;
  readonly #random: Random;
  disk: SimulatedDisk;
  clock = new SimulatedClock();
  log: Log | null = null;
  /** Told when a process starts on what the one before left. */
  onProcessStart: () => void = () => undefined;
  /** What meets the opening after the next end of a process. */
  faultsAfterEnd: FaultPlan = [];
  readonly tracesBefore: string[] = [];
  /** Appends that were made and are not in the model's books yet. */
  #sent: Sent[] = [];
  #opening = false;
  /** States that a power cut could have left at some call, with what was promised by then. */
  #looks: Look[] = [];
  #deletions: DeletionResult[] = [];
  /** What a `die` operation says about the process's end. */
  #doom: { readonly how: Ending; readonly during: readonly number[]; readonly faults?: FaultPlan } = { how: 'process', during: [] };
  /** The fault plan in force, or the disk full: what goes wrong now may have a cause. */
  #troubled = false;
  /** As above, at any time since this log was opened. */
  #wasTroubled = false;
  #hasFlips = false;
  #capacityBytes: number;

  constructor(setup: Setup, observer: RunObserver, from: Look | null = null) {
    this.#setup = setup;
    this.#observer = observer;
    this.#random = seededRandom(setup.seed);
    this.#capacityBytes = setup.capacityBytes;
    this.model = from?.model ?? new LogModel(setup.options);
    if (from !== null) {
      this.disk = from.image;
      this.#troubled = from.troubled;
      return;
    }
    this.disk = new SimulatedDisk({
      seed: setup.seed,
      character: setup.character,
      capacityBytes: setup.capacityBytes,
      wholeWrites: setup.wholeWrites ?? false,
      freeAfterCalls: setup.freeAfterCalls ?? 0,
      now: () => this.clock.now(),
    });
  }

  async begin(): Promise<void> {
    this.#watchCalls();
    await this.step({ do: 'reopen' });
  }

  /** What a process finds that starts here: it opens, reads everything, and is gone. */
  async lookOnce(): Promise<void> {
    await this.#open([]);
    if (this.log === null) throw new Violation('opens', 'the log does not open');
    await this.#checkWhole();
  }

  async step(operation: Operation): Promise<void> {
    if (this.#observer.wholeTrace === true) this.tracesBefore.push(`    at call ${String(this.disk.calls)}: ${JSON.stringify(operation)}`);
    try {
      await this.#carryOut(operation);
      await this.#afterStep();
    } catch (thrown) {
      if (!(thrown instanceof ProcessEnded)) throw thrown;
      await this.#crash(this.#doom.how, this.#doom.during, this.#doom.faults);
    }
    await this.#checkLooks();
  }

  /** All faults end: the log must get back, close, and be found the same, twice over. */
  async end(): Promise<void> {
    await this.step({ do: 'heal' });
    if (this.disk.hungCalls > 0) await this.#crash('process', []);
    if (this.log === null) await this.#open([]);
    if (this.log === null) throw new Violation('gets-back', 'the log does not open though the faults are over');
    await this.#getBack();
    await this.#checkWhole();
    await this.#reopen();
    const before = this.disk.calls;
    await this.#checkWhole();
    if (this.disk.calls - before > 5_000) throw new Violation('gets-back', 'reading goes round in circles');
    await this.#closeLog();
    await this.#crash({ data: 'none', names: 'none' }, []);
    await this.#checkWhole();
    await this.#closeLog();
  }

  async #carryOut(operation: Operation): Promise<void> {
    switch (operation.do) {
      case 'append':
        return this.#append(operation.calls);
      case 'follow':
        return this.#follow(operation.calls);
      case 'flush':
        return this.#flush();
      case 'read':
        return this.#checkWhole();
      case 'iterate':
        return this.#iterate();
      case 'verify':
        return this.#verify();
      case 'deleteBefore':
        return this.#deleteBefore(operation.share);
      case 'retain':
        return this.#retain();
      case 'commit':
        return this.#commit(operation.name, operation.share);
      case 'advance':
        return this.#advance(operation.ms);
      case 'reopen':
        return this.#reopen();
      case 'crash':
        return this.#crash(operation.how, operation.during, operation.faults);
      case 'die':
        this.#doom = operation;
        this.disk.setFaults([{ on: '*', nth: operation.at, effect: { kind: 'halt' } }]);
        return;
      case 'faults':
        this.#hasFlips = operation.plan.some(({ effect }) => effect.kind === 'flip');
        this.disk.setFaults(operation.plan);
        this.#doom = { how: operation.how ?? 'process', during: [] };
        this.#setTroubled();
        return;
      case 'heal':
        return this.#heal();
      case 'fill': {
        const limit = this.disk.usedBytes + operation.leaveBytes;
        this.disk.setLimits(operation.quota === true ? { quotaBytes: limit } : { capacityBytes: limit });
        this.#setTroubled();
        return;
      }
      case 'free':
        this.disk.setLimits({ capacityBytes: this.#capacityBytes, quotaBytes: null });
        return;
      case 'recover':
        return this.#recover();
      case 'wait':
        return this.#waitUntilWritable();
      case 'release':
        this.disk.release();
        return;
    }
  }

  #setTroubled(): void {
    this.#troubled = true;
    this.#wasTroubled = true;
  }

  // Waiting.

  /** The answer of a call; time passes only where the disk keeps somebody waiting. */
  async settle<T>(call: PromiseLike<T>, what: string): Promise<T> {
    const seen: { answer: { readonly value: T } | null; bug: unknown } = { answer: null, bug: null };
    call.then(
      (value) => {
        seen.answer = { value };
      },
      (thrown: unknown) => {
        seen.bug = thrown ?? new Error('rejected with nothing');
      },
    );
    for (let waited = 0; ; waited += IO_TIMEOUT_MS) {
      await this.clock.settle();
      const { answer, bug } = seen;
      if (bug !== null) throw new Violation('never-throws', `${what} rejected: ${bug instanceof Error ? (bug.stack ?? bug.message) : JSON.stringify(bug)}`);
      if (answer !== null) return answer.value;
      if (this.disk.halted) throw new ProcessEnded();
      if (waited > PATIENCE_MS) throw new Violation('settles', `${what} has no answer after ${String(waited)} ms; ${String(this.disk.heldCalls)} calls are held, ${String(this.disk.hungCalls)} hang`);
      await this.clock.advance(IO_TIMEOUT_MS);
    }
  }

  async #advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    if (this.disk.halted) throw new ProcessEnded();
  }

  // Operations.

  async #append(calls: readonly AppendCall[]): Promise<void> {
    const { log } = this;
    if (log === null) return;
    const attempts = calls.map((call) => this.#beginAppend(log, call));
    let stillOpen = true;
    for (const { attempt, answer } of attempts) {
      const result = await this.settle(answer, 'append');
      this.#sent = this.#sent.filter((sent) => sent.attempt !== attempt);
      await this.#returnFromWithheld(attempt.first);
      if (result.isOk()) {
        if (!stillOpen) throw new Violation('order', `record ${String(attempt.first)} was acknowledged behind one that was refused`);
        this.model.acknowledged(attempt, result.value.baseOffset, result.value.lastOffset);
        continue;
      }
      const { error } = result;
      if (typeof error.kind !== 'string' || (error.outcome as string | undefined) === undefined) throw new Violation('never-throws', `an append answered ${JSON.stringify(error)}`);
      this.model.refused(attempt, error.outcome);
      stillOpen = stillOpen && error.kind === 'backpressure';
      this.#needsCause(`append: ${error.kind} ${error.message}`);
    }
  }

  #beginAppend(log: Log, { sizes, ack }: AppendCall): { readonly attempt: Attempt; readonly answer: PromiseLike<AppendAnswer> } {
    const attempt = this.model.begin(sizes, ack, this.clock.now());
    const sent: Sent = { attempt, result: null };
    this.#sent.push(sent);
    const records = sizes.map((size, i) => ({ value: valueOf(attempt.first + i, size) }));
    const call = log.append(records.length === 1 ? records[0]! : records, { ack });
    const answer = (async (): Promise<AppendAnswer> => {
      sent.result = await call;
      return sent.result;
    })();
    return { attempt, answer };
  }

  async #flush(): Promise<void> {
    if (this.log === null) return;
    const { end } = this.model;
    const flushed = await this.settle(this.log.flush(), 'flush');
    if (flushed.isErr()) {
      this.#needsCause(`flush: ${flushed.error.message}`);
      return;
    }
    if (!this.model.withheld && flushed.value.recoveryPoint < end) throw new Violation('never-loses', `flush answered ${String(flushed.value.recoveryPoint)}, acknowledged was ${String(end)}`);
    this.model.flushedTo(flushed.value.recoveryPoint);
  }

  async #deleteBefore(share: number): Promise<void> {
    if (this.log === null) return;
    const { logStartOffset, highWatermark } = this.log.status();
    const offset = logStartOffset + Math.floor((highWatermark - logStartOffset) * share);
    this.model.allowDeleteBefore(offset);
    const quiet = !this.#troubled;
    const deleted = await this.settle(this.log.deleteBefore(offset), 'deleteBefore');
    if (deleted.isErr()) {
      this.#needsCause(`deleteBefore: ${deleted.error.message}`);
      return;
    }
    if (this.log.status().logStartOffset < offset) throw new Violation('log-start', `deleteBefore(${String(offset)}) succeeded, the log start is ${String(this.log.status().logStartOffset)}`);
    if (quiet) this.model.durableStart = Math.max(this.model.durableStart, offset);
  }

  async #retain(): Promise<void> {
    if (this.log === null) return;
    const quiet = !this.#troubled;
    const deleted = await this.settle(this.log.runRetention(), 'runRetention');
    if (deleted.isErr()) {
      this.#needsCause(`runRetention: ${deleted.error.message}`);
      return;
    }
    if (quiet) this.model.durableStart = Math.max(this.model.durableStart, deleted.value.toOffset);
  }

  async #commit(name: string, share: number): Promise<void> {
    if (this.log === null) return;
    const { logStartOffset, highWatermark } = this.log.status();
    const offset = logStartOffset + Math.floor((highWatermark - logStartOffset) * share);
    this.model.commitBegins(name, offset);
    const done = await this.settle(this.log.consumer(name).commit(offset), 'commit');
    if (done.isOk()) this.model.committed(name, offset);
    else this.#needsCause(`commit: ${done.error.message}`);
    const position = await this.settle(this.log.consumer(name).position(), 'position');
    if (position.isOk()) this.model.positionLive(name, position.value);
  }

  async #recover(): Promise<void> {
    if (this.log === null) return;
    const recovered = await this.settle(this.log.recover(), 'recover');
    if (recovered.isErr()) {
      this.#needsCause(`recover: ${recovered.error.message}`);
      return;
    }
    await this.#returnFromWithheld(Infinity);
  }

  async #waitUntilWritable(): Promise<void> {
    if (this.log === null) return;
    const abort = new AbortController();
    const waiting = this.log.waitUntilWritable({ signal: abort.signal });
    await this.#advance(1_500);
    abort.abort();
    const waited = await this.settle(waiting, 'waitUntilWritable');
    if (waited.isOk()) return;
    this.#needsCause(`waitUntilWritable: ${waited.error.message}`);
  }

  async #verify(): Promise<void> {
    if (this.log === null) return;
    const report = await this.settle(this.log.verify(), 'verify');
    if (report.isOk() && report.value.problems.length > 0 && !this.#hasFlips) this.#needsReadFault(`verify found ${JSON.stringify(report.value.problems)}`);
  }

  async #iterate(): Promise<void> {
    if (this.log === null) return;
    const { logStartOffset, highWatermark } = this.log.status();
    let next = logStartOffset;
    const iterator = this.log.records({ from: logStartOffset });
    for (;;) {
      const step = await this.settle(iterator.next(), 'records');
      if (step.done === true) break;
      if (step.value.isErr()) {
        this.#needsReadFault(`records: ${step.value.error.message}`);
        return;
      }
      if (step.value.value.offset !== next) throw new Violation('never-serves', `records gave offset ${String(step.value.value.offset)} instead of ${String(next)}`);
      if (numberIn(step.value.value.value) === null) throw new Violation('never-serves', `records gave changed bytes at ${String(next)}`);
      next += 1;
    }
    if (next !== highWatermark) throw new Violation('never-serves', `records ended at ${String(next)}, the high watermark is ${String(highWatermark)}`);
  }

  /** A follower sees everything that is acknowledged, once and in order, until it is told to stop. */
  async #follow(calls: readonly AppendCall[]): Promise<void> {
    const { log } = this;
    if (log === null) return;
    const stop = new AbortController();
    const from = log.status().logStartOffset;
    const seen: number[] = [];
    const errors: string[] = [];
    const following = (async (): Promise<void> => {
      for await (const step of log.records({ from, follow: true, signal: stop.signal })) {
        if (step.isErr()) errors.push(step.error.kind);
        else seen.push(step.value.offset);
      }
    })();
    await this.#append(calls);
    await this.clock.settle();
    const { highWatermark } = log.status();
    stop.abort();
    await this.settle(following, 'a follower');
    const wrong = seen.findIndex((offset, i) => offset !== from + i);
    if (wrong !== -1) throw new Violation('never-serves', `a follower saw offset ${String(seen[wrong])} instead of ${String(from + wrong)}`);
    if (errors.some((kind) => kind !== 'aborted')) this.#needsReadFault(`a follower ended with ${errors.join(', ')}`);
    else if (from + seen.length !== highWatermark && this.disk.heldCalls + this.disk.hungCalls === 0) {
      throw new Violation('never-serves', `a follower saw ${String(seen.length)} records, ${String(highWatermark - from)} are readable`);
    }
  }

  async #heal(): Promise<void> {
    this.disk.setFaults([]);
    this.disk.setReadOnly(false);
    this.disk.setHandlesMax(Infinity);
    this.disk.setLimits({ capacityBytes: Math.max(this.#capacityBytes, this.disk.usedBytes + 2 ** 19), quotaBytes: null });
    this.disk.release();
    await this.#advance(0);
    this.disk.release();
    this.#hasFlips = false;
    this.#troubled = false;
  }

  /** Once the faults are over, appends work again by themselves, or after `recover()` where the log is failed. */
  async #getBack(): Promise<void> {
    const log = this.log!;
    for (let tries = 0; tries < 8 && log.status().state === 'read-only'; tries += 1) {
      await this.#advance(3_000);
      await this.#afterStep();
    }
    const { state, reason } = log.status();
    const { onDiskFull } = this.#setup.options;
    // Its own cap may be used up, and nothing may be deleted: that is no fault that ends.
    const capped = this.#setup.options.quotaBytesMax !== undefined && onDiskFull !== 'delete-oldest';
    if (state === 'read-only' && (reason === 'quota' || reason === 'disk-full') && capped) return;
    if (state === 'failed') await this.#recover();
    await this.#returnFromWithheld(Infinity);
    if (!['writable', 'low-space'].includes(log.status().state)) throw new Violation('gets-back', `the log stays ${log.status().state} (${String(log.status().reason)}) though the faults are over`);
    if (this.#setup.options.quotaBytesMax !== undefined) return;
    const { attempt, answer } = this.#beginAppend(log, { sizes: [20], ack: 'flushed' });
    const result = await this.settle(answer, 'append');
    this.#sent = [];
    if (result.isErr()) throw new Violation('gets-back', `the log is ${log.status().state}, but an append answers ${result.error.kind}: ${result.error.message}`);
    this.model.acknowledged(attempt, result.value.baseOffset, result.value.lastOffset);
    await this.#afterStep();
  }

  // Checks.

  /** Nothing fails on a well disk. */
  #needsCause(what: string): void {
    if (!this.#wasTroubled && this.#setup.options.quotaBytesMax === undefined) throw new Violation('no-cause', `${what}, on a disk that is well`);
  }

  #needsReadFault(what: string): void {
    if (!this.#troubled && this.disk.faultsFired.length === 0) throw new Violation('reads', `${what}, on a disk that is well`);
    this.model.readsFailed = true;
  }

  async #afterStep(): Promise<void> {
    await this.clock.settle();
    if (this.disk.halted) throw new ProcessEnded();
    const { log } = this;
    if (log === null) return;
    if (this.disk.faultsFired.some(({ rule }) => rule.on === '*' || rule.on.includes('read'))) this.model.readsFailed = true;
    await this.#returnFromWithheld(Infinity);
    const status = log.status();
    this.#takeDeletions(log);
    this.model.liveEnd(status.highWatermark);
    this.#checkStatus(status);
    this.model.flushedTo(status.recoveryPoint);
  }

  #takeDeletions(log: Log): void {
    let { segments, bytes } = log.status();
    const kept = this.#deletions.splice(0).reverse().map((deletion) => {
      const then = { deletion, segments, bytes };
      segments += deletion.segments;
      bytes += deletion.bytes;
      return then;
    });
    for (const { deletion, ...left } of kept.reverse()) this.model.deleted(deletion, { ...left, now: this.clock.now() });
    this.model.liveStart(log.status().logStartOffset, this.disk.heldCalls + this.disk.hungCalls > 0);
  }

  #checkStatus(status: LogStatus): void {
    const { recoveryPoint, highWatermark, logEndOffset, logStartOffset, handles, state } = status;
    if (recoveryPoint > highWatermark || highWatermark > logEndOffset || logStartOffset > highWatermark) {
      throw new Violation('status', `log start ${String(logStartOffset)}, recovery point ${String(recoveryPoint)}, high watermark ${String(highWatermark)}, log end ${String(logEndOffset)}`);
    }
    if (this.disk.heldCalls === 0 && this.disk.hungCalls === 0 && handles.open !== this.disk.openHandles) {
      throw new Violation('leaks', `${String(this.disk.openHandles)} handles are open, the log counts ${String(handles.open)}: ${this.disk.openPaths.join(', ')}`);
    }
    if (status.queueBytes !== 0) throw new Violation('leaks', `${String(status.queueBytes)} bytes are queued though every append was answered`);
    if (state === 'failed' || state === 'read-only') this.#needsCause(`the log is ${state} (${String(status.reason)})`);
  }

  /** Reads a whole live log; null where a fault is in the way. */
  async #readAll(log: Log): Promise<Content | null> {
    const { logStartOffset, highWatermark } = log.status();
    const records: number[] = [];
    let from = logStartOffset;
    while (from < highWatermark) {
      const read = await this.settle(log.read({ from }), 'read');
      if (read.isErr()) {
        this.#needsReadFault(`read(${String(from)}): ${read.error.kind} ${read.error.message}`);
        return null;
      }
      for (const { offset, value } of read.value.records) {
        if (offset !== from) throw new Violation('never-serves', `offset ${String(offset)} was served where ${String(from)} is next`);
        const number = numberIn(value);
        if (number === null || this.model.sizeOf(number) !== value!.byteLength) throw new Violation('never-serves', `offset ${String(offset)} shows bytes that were not appended`);
        records.push(number);
        from += 1;
      }
      if (from < read.value.nextOffset) throw new Violation('never-serves', `offsets ${String(from)} … ${String(read.value.nextOffset - 1)} are a hole`);
      if (from > highWatermark) throw new Violation('never-serves', `a read shows ${String(from - highWatermark)} records beyond the high watermark`);
      if (read.value.nextOffset === logStartOffset) throw new Violation('reads', `a read at ${String(from)} does not go on`);
    }
    return { start: logStartOffset, records };
  }

  async #checkWhole(): Promise<void> {
    const { log } = this;
    if (log === null) return;
    this.#takeDeletions(log);
    const content = await this.#readAll(log);
    this.#takeDeletions(log);
    if (content !== null) this.model.live(content);
  }

  /** A log that withheld a part may have proven it by now; records from `first` on came after that. */
  async #returnFromWithheld(first: number): Promise<void> {
    const { log } = this;
    if (log === null || !this.model.withheld || log.status().withheld !== null) return;
    const content = await this.#readAll(log);
    if (content === null) return;
    const records = content.records.filter((record) => record < first);
    this.#takeDeletions(log);
    this.model.opened({ ...content, records }, true);
  }

  // Openings and endings.

  /** Opens the log; `halts` are the calls at which the next openings end. */
  async #open(halts: readonly number[], how: Ending = 'process'): Promise<void> {
    for (const halt of halts) {
      this.disk.setFaults([{ on: '*', nth: halt, effect: { kind: 'halt' } }]);
      const opening = this.#openOnce();
      try {
        const opened = await opening;
        this.disk.setFaults([]);
        if (!opened) return;
        // The opening needed fewer calls: it goes on as any other.
        await this.#takeOpened();
        return;
      } catch (thrown) {
        if (!(thrown instanceof ProcessEnded)) throw thrown;
        this.#endProcess(how, true);
      }
    }
    if (await this.#openOnce()) await this.#takeOpened();
  }

  async #openOnce(): Promise<boolean> {
    const { disk, clock } = this;
    this.#opening = true;
    const result = await this.settle(MessageLog.open(LOG_DIR, { ...this.#setup.options, fileSystem: disk, clock }), 'open');
    this.log = null;
    this.#opening = false;
    if (result.isErr()) {
      const { error } = result;
      const fired = disk.faultsFired.length > 0 || disk.heldCalls > 0 || disk.hungCalls > 0;
      const full = this.#troubled && error.kind === 'disk-full' && this.model.end === 0;
      if (error.kind === 'corruption' || !(fired || full || this.#troubled)) throw new Violation('opens', `opening answers ${error.kind}: ${error.message}`);
      this.#checkGivenBack('a failed opening');
      return false;
    }
    this.log = result.value;
    return true;
  }

  async #takeOpened(): Promise<void> {
    const log = this.log!;
    this.#wasTroubled = this.#troubled;
    this.model.readsFailed = false;
    this.#deletions = [];
    log.on('delete', (deletion) => {
      this.#deletions.push(deletion);
    });
    const content = await this.#readAll(log);
    if (content === null) {
      // What it holds cannot be known; a process that looks again will tell.
      await this.#crash('process', []);
      return;
    }
    const { withheld, recoveryPoint, state } = log.status();
    if (withheld === null) this.model.opened(content, false);
    else this.model.openedInPart(content);
    if (withheld !== null && this.disk.faultsFired.length === 0 && !this.#troubled) throw new Violation('opens', `opening withholds records and is ${state} on a disk that is well`);
    this.model.flushedTo(recoveryPoint);
    if (recoveryPoint < log.status().highWatermark) throw new Violation('never-loses', 'an opening shows records that it does not hold for durable');
    for (const name of this.model.consumers) {
      const position = await this.settle(log.consumer(name).position(), 'position');
      if (position.isOk()) this.model.positionFound(name, position.value);
    }
    await this.#afterStep();
  }

  async #reopen(): Promise<void> {
    if (this.disk.hungCalls > 0) return this.#crash('process', []);
    if (this.#hasFlips) this.disk.setFaults([]);
    await this.#closeLog();
    await this.#open([]);
  }

  async #closeLog(): Promise<void> {
    const { log } = this;
    if (log === null) return;
    const closed = await this.settle(log.close(), 'close');
    if (closed.isErr()) this.#needsCause(`close: ${closed.error.message}`);
    if (this.disk.heldCalls > 0) {
      for (let rounds = 0; rounds < 20 && this.disk.heldCalls > 0; rounds += 1) {
        this.disk.release();
        await this.#advance(0);
      }
    }
    if (this.disk.halted) throw new ProcessEnded();
    if (log.status().state !== 'closed') throw new Violation('settles', `after close the log is ${log.status().state}`);
    this.#takeDeletions(log);
    const { highWatermark, recoveryPoint } = log.status();
    if (closed.isOk() && recoveryPoint < highWatermark) throw new Violation('never-loses', 'a clean close left records unflushed');
    if (closed.isOk()) this.model.flushedTo(recoveryPoint);
    this.log = null;
    this.model.processEnded();
    this.#checkGivenBack('a closed log');
  }

  #checkGivenBack(who: string): void {
    if (this.disk.hungCalls > 0 || this.disk.heldCalls > 0) return;
    const left = [
      ...this.disk.openPaths.map((path) => `a handle of ${path}`),
      ...(this.clock.pendingTimers > 0 ? [`${String(this.clock.pendingTimers)} timers`] : []),
      ...(this.disk.watcherCount > 0 ? [`${String(this.disk.watcherCount)} watchers`] : []),
    ];
    if (left.length > 0) throw new Violation('leaks', `${who} keeps ${left.join(', ')}`);
  }

  async #crash(how: Ending, during: readonly number[], faults: FaultPlan = []): Promise<void> {
    this.log = null;
    this.#endProcess(how, this.#opening);
    const meeting = faults.length > 0 ? faults : this.faultsAfterEnd;
    if (faults.length === 0) this.faultsAfterEnd = [];
    if (meeting.length > 0) {
      this.disk.setFaults(meeting);
      this.#setTroubled();
      this.#doom = { how, during: [] };
    }
    await this.#open(during, how);
  }

  #endProcess(how: Ending, insideRecovery: boolean): void {
    if (this.#observer.wholeTrace === true) this.tracesBefore.push(...this.disk.trace, `--- ${JSON.stringify(how)}`);
    this.disk.halt();
    this.clock = new SimulatedClock({ startAt: this.clock.now() });
    if (how === 'process') {
      this.model.processEnded();
      this.disk = this.disk.processCrash();
    } else {
      this.model.powerCut();
      this.disk = this.disk.crash(how, this.#random);
      this.#observer.onCrashState?.(this.disk, insideRecovery);
    }
    this.#hasFlips = false;
    this.#sent = [];
    this.#watchCalls();
    this.onProcessStart();
  }

  // States at single calls.

  #watchCalls(): void {
    const share = this.#observer.lookShare ?? 0;
    if (share === 0) return;
    const { disk } = this;
    disk.beforeCall = () => {
      if (disk === this.disk && !disk.halted && this.#random.chance(share)) this.#noteState();
    };
  }

  /** The state a power cut would leave at this call, and what is owed at this moment. */
  #noteState(): void {
    const model = this.model.copy();
    for (const { attempt, result } of this.#sent) {
      if (result === null) continue;
      if (result.isOk() && !model.withheld) model.acknowledged(model.same(attempt), result.value.baseOffset, result.value.lastOffset);
      else if (result.isErr()) model.refused(model.same(attempt), result.error.outcome);
    }
    model.powerCut();
    const image = this.disk.crash(randomProfile(this.#random), this.#random);
    this.#observer.onCrashState?.(image, this.#opening);
    this.#looks.push({ image, model, troubled: this.#troubled });
  }

  async #checkLooks(): Promise<void> {
    const looks = this.#looks;
    this.#looks = [];
    const observer = this.#observer.wholeTrace === undefined ? {} : { wholeTrace: this.#observer.wholeTrace };
    for (const from of looks) {
      const run = new HistoryRun(this.#setup, observer, from);
      try {
        await run.lookOnce();
      } catch (thrown) {
        this.tracesBefore.push('--- looking at a state in between', ...run.disk.trace);
        throw thrown;
      }
    }
  }
}
