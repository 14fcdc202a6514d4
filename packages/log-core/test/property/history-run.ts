/**
 * One log's life over any number of processes, on the real engine, a simulated disk and clock: carries operations out
 * and holds everything that is seen against the model.
 * INVARIANT: the same setup and operations make the same calls and give the same outcome.
 */
import { MessageLog, type CloseError } from '../../src/index.js';
import type { FaultPlan, SimulatedDisk } from '../../src/testing/index.js';
import type { Result } from 'neverthrow';
import { CheckedLog } from './checked-log.js';
import { begin, finishRank, send, type Finish, type Scene, type SentAppend } from './client-operations.js';
import { CrashLooks, type Look } from './crash-looks.js';
import { LogModel, type OpeningFacts } from './model.js';
import { printOperation } from './operation-text.js';
import { isOfTheWorld, type ClientOperation, type Damage, type Ending, type Operation, type Setup } from './operations.js';
import { noCounts, type RunCounts } from './run-counts.js';
import { LOG_DIR, ProcessEnded, SimulatedHost } from './simulated-host.js';
import { Violation } from './violation.js';

/** How a run is observed. */
export interface RunObserver {
  /** Keeps the calls of every process, not only the last of the last one. */
  readonly wholeTrace?: boolean;
  /** Overrides the setup's share of looks. */
  readonly lookShare?: number;
}

/** What is to happen when the process ends. */
interface Doom {
  readonly how: Ending;
  readonly during: readonly number[];
  readonly faults?: FaultPlan;
}

/** What an opening finds, beside what the model allows: what was shown last, or that where it finds the clean mark. */
type Finds = 'anything' | 'the same' | 'same if clean';

const KILLED: Doom = { how: 'process', during: [] };

/** Each process starts without faults: by then a log can be read, or something is wrong. */
const UNREADABLE_MAX = 20;

export class HistoryRun {
  readonly host: SimulatedHost;
  readonly model: LogModel;
  readonly #setup: Setup;
  readonly #looks: CrashLooks;
  #checked: CheckedLog | null = null;
  /** Appends that were made and are not in the model's books yet. */
  readonly #sent = new Set<SentAppend>();
  #opening = false;
  /** Openings in a row of which nothing could be read. */
  #unreadable = 0;
  #steps = 0;
  #doom: Doom = KILLED;
  /** The log was closed with success and nothing has touched the disk since; `quiet`: nothing was ever wrong while it was open. */
  #closed: { readonly quiet: boolean } | null = null;
  /** Told when a process starts on what the one before left. */
  onProcessStart: () => void = () => undefined;

  constructor(setup: Setup, { wholeTrace = false, lookShare = setup.looks ?? 0 }: RunObserver, from: Look | null = null, counts: RunCounts = noCounts()) {
    this.#setup = setup;
    this.model = from?.model ?? new LogModel(setup.options);
    this.host = new SimulatedHost(setup, counts, wholeTrace, from === null ? null : { disk: from.image, troubled: from.troubled, now: from.now });
    this.#looks = new CrashLooks(from === null ? lookShare : 0, {
      host: this.host,
      model: this.model,
      sent: this.#sent,
      isOpening: () => this.#opening,
      visit: (look) => new HistoryRun(setup, { wholeTrace }, look, counts),
    });
  }

  get log(): MessageLog | null {
    return this.#checked?.log ?? null;
  }

  async begin(): Promise<void> {
    this.#looks.watch(this.host.disk);
    if (this.#setup.fresh !== true) await this.step({ do: 'reopen' });
  }

  /** What a process finds that starts here: it opens and reads everything; `twice`: and another one after it finds the same. */
  async lookOnce(twice: Ending | null): Promise<void> {
    await this.#open([]);
    const checked = this.#mustBeOpen('the log does not open');
    await checked.checkWhole();
    if (twice === null || checked.log.status().withheld !== null) return;
    await this.#crash({ how: twice, during: [] }, 'the same');
    this.#mustBeOpen('the log does not open a second time');
  }

  async step(operation: Operation): Promise<void> {
    this.#steps += 1;
    this.host.note(`${String(this.#steps)}. ${printOperation(operation)}`);
    this.model.consumers.stepBegins();
    let carryOut = (): Promise<void> => this.#carryOut(operation);
    for (let ended = true; ended; ) {
      try {
        await carryOut();
        await this.#afterStep();
        ended = false;
      } catch (thrown) {
        if (!(thrown instanceof ProcessEnded)) throw thrown;
        const doom = this.#doom;
        carryOut = () => this.#crash(doom);
      }
    }
    await this.#looks.check();
  }

  /** All faults end: the log must get back, close, and be found the same, twice over. */
  async end(): Promise<void> {
    await this.step({ do: 'heal' });
    this.host.note('the faults are over: the log must get back, close, and be found the same');
    if (this.host.disk.hungCalls > 0) await this.#crash(KILLED);
    if (this.#checked === null) await this.#open([]);
    await this.#getBack(this.#mustBeOpen('the log does not open though the faults are over'));
    await this.#checked?.checkWhole();
    await this.#reopen(this.#beginClose());
    const before = this.host.disk.calls;
    await this.#checked?.checkWhole();
    if (this.host.disk.calls - before > 5_000) throw new Violation('gets-back', 'reading goes round in circles');
    await this.#close(this.#beginClose());
    await this.#crash({ how: { data: 'none', names: 'none' }, during: [] }, this.#closed === null ? 'anything' : 'same if clean');
    await this.#checked?.checkWhole();
    await this.#close(this.#beginClose());
    this.host.finish();
  }

  async #carryOut(operation: Operation): Promise<void> {
    const { host } = this;
    if (!isOfTheWorld(operation)) return this.#together([operation]);
    switch (operation.do) {
      case 'together':
        return this.#together(operation.operations);
      case 'damage':
        return this.#reopen(this.#beginClose(), operation.damage);
      case 'advance':
        return host.advance(operation.ms);
      case 'jump':
        host.clock.jump(operation.ms);
        this.model.sawTime(host.clock.now());
        return;
      case 'crash':
        return this.#crash(operation);
      case 'die':
        this.#doom = operation;
        host.setFaults([{ on: '*', nth: operation.at, effect: { kind: 'halt' } }]);
        return;
      case 'faults':
        host.breakDown(operation.plan);
        this.#doom = { how: operation.how ?? 'process', during: [] };
        return;
      case 'heal':
        return host.heal();
      case 'fill':
        host.fill(operation.leave, operation.of);
        return;
      case 'free':
        host.free();
        return;
      case 'release':
        host.disk.release();
        return;
    }
  }

  async #together(operations: readonly ClientOperation[]): Promise<void> {
    if (this.#checked === null) {
      if (operations.some((operation) => operation.do === 'reopen')) await this.#reopen(null);
      return;
    }
    if (this.model.withheld && operations.length > 1) {
      // What is there is not settled yet, so that each has to be told to the record by itself.
      for (const operation of operations) await this.#together([operation]);
      return;
    }
    const scene = this.#scene(this.#checked, operations.length === 1);
    const begun = operations.map((operation) => ({ rank: finishRank(operation), finish: begin(scene, operation) }));
    begun.sort((a, b) => a.rank - b.rank);
    for (const { finish } of begun) await finish();
  }

  #scene(checked: CheckedLog, alone: boolean): Scene {
    const reopen = (): Finish => {
      const closing = this.#beginClose();
      return () => this.#reopen(closing);
    };
    return { host: this.host, model: this.model, sent: this.#sent, checked, alone, reopen };
  }

  async #afterStep(): Promise<void> {
    await this.host.clock.settle();
    this.host.checkAlive();
    await this.#checked?.afterStep();
  }

  #mustBeOpen(what: string): CheckedLog {
    if (this.#checked === null) throw new Violation('opens', what);
    return this.#checked;
  }

  /** Once the faults are over, appends work again by themselves, or after `recover()` where the log is failed. */
  async #getBack(checked: CheckedLog): Promise<void> {
    const { log } = checked;
    for (let tries = 0; tries < 8 && log.status().state === 'read-only'; tries += 1) {
      await this.host.advance(3_000);
      await this.#afterStep();
    }
    const { state, reason } = log.status();
    const { onDiskFull, quotaBytesMax, keepBytesMin, retention } = this.#setup.options;
    // Its own cap may be used up, and nothing may be deleted, or nothing more above a floor or a consumer: that is no fault that ends.
    const capped = quotaBytesMax !== undefined && (onDiskFull !== 'delete-oldest' || keepBytesMin !== undefined || retention?.keepUnconsumed === true);
    if (state === 'read-only' && (reason === 'quota' || reason === 'disk-full') && capped) return;
    if (state === 'failed') await begin(this.#scene(checked, true), { do: 'recover' })();
    await checked.returnFromWithheld();
    if (!['writable', 'low-space'].includes(log.status().state)) throw new Violation('gets-back', `the log stays ${log.status().state} (${String(log.status().reason)}) though the faults are over`);
    if (quotaBytesMax !== undefined) return;
    const { sent, answer } = send(this.#scene(checked, true), { sizes: [20], ack: 'flushed' });
    const result = await this.host.settle(answer, 'append');
    this.#sent.delete(sent);
    if (result.isErr()) throw new Violation('gets-back', `the log is ${log.status().state}, but an append answers ${result.error.kind}: ${result.error.message}`);
    this.model.acknowledged(sent.attempt, result.value.baseOffset, result.value.lastOffset);
    await this.#afterStep();
  }

  // Openings and endings.

  /** Opens the log; `halts` are the calls at which the next openings end, `faults` what meets the last one. */
  async #open(halts: readonly number[], { how = 'process', faults, finds = 'anything' }: { readonly how?: Ending; readonly faults?: FaultPlan; readonly finds?: Finds } = {}): Promise<void> {
    for (const halt of halts) {
      this.host.disk.setFaults([{ on: '*', nth: halt, effect: { kind: 'halt' } }]);
      try {
        const opened = await this.#openOnce();
        this.host.disk.setFaults([]);
        // The opening needed fewer calls: it goes on as any other.
        if (opened) await this.#takeOpened(finds);
        return;
      } catch (thrown) {
        if (!(thrown instanceof ProcessEnded)) throw thrown;
        this.#endProcess(how);
      }
    }
    if (faults !== undefined) this.host.breakDown(faults);
    if (await this.#openOnce()) await this.#takeOpened(finds);
  }

  async #openOnce(): Promise<boolean> {
    const { host } = this;
    const changesBefore = host.disk.changes;
    this.#opening = true;
    const result = await host.settle(MessageLog.open(LOG_DIR, { ...this.#setup.options, fileSystem: host.disk, clock: host.clock }), 'open');
    if (host.lacksLogStart) this.model.forgetDurableStart();
    this.#opening = false;
    if (result.isErr()) {
      const { error } = result;
      const fired = host.disk.faultsFired.length > 0 || host.unanswered > 0;
      const full = host.troubled && error.kind === 'disk-full' && this.model.end === 0;
      if (error.kind === 'corruption' || !(fired || full || host.troubled)) throw new Violation('opens', `opening answers ${error.kind}: ${error.message}`);
      host.checkGivenBack('a failed opening');
      return false;
    }
    this.#checked = new CheckedLog(result.value, host, this.model);
    if (this.#closed !== null && host.disk.faultsFired.length === 0) this.#checkAfterClose(this.#closed.quiet, result.value.recovery.clean, changesBefore);
    return true;
  }

  /** A log that was closed well opens clean; opening a clean one removes leftovers at most. */
  #checkAfterClose(quiet: boolean, clean: boolean, before: SimulatedDisk['changes']): void {
    if (quiet && !clean) throw new Violation('opens', 'a log that was closed on a well disk does not open clean');
    const { bytes, names } = this.host.disk.changes;
    if (clean && (bytes !== before.bytes || names !== before.names)) {
      throw new Violation('writes-nothing', `opening a clean log changes ${String(bytes - before.bytes)} times bytes and ${String(names - before.names)} times names`);
    }
  }

  /** Reads what was opened, and enters it in the books. */
  async #takeOpened(finds: Finds): Promise<void> {
    const { host, model } = this;
    const checked = this.#checked!;
    const { log } = checked;
    // Without the clean mark, what was refused as unknown may be found behind the end.
    const isSame = finds === 'the same' || ((finds === 'same if clean' || this.#closed !== null) && log.recovery.clean);
    this.#closed = null;
    host.wasTroubled = host.troubled;
    model.readsFailed = false;
    model.sawTime(host.clock.now());
    const content = await checked.readAll();
    if (content === null) {
      // What it holds cannot be known; a process that looks again will tell.
      this.#unreadable += 1;
      if (this.#unreadable > UNREADABLE_MAX) throw new Violation('reads', `${String(UNREADABLE_MAX)} openings in a row could not be read`);
      await this.#crash(KILLED);
      return;
    }
    this.#unreadable = 0;
    const { withheld, recoveryPoint, state, segments } = log.status();
    const facts: OpeningFacts = { durable: false, same: isSame, segments };
    if (withheld === null) model.opened(content, facts);
    else model.openedInPart(content, segments);
    if (log.recovery.rehomed !== null) model.rehomed(log.recovery.rehomed);
    if (withheld !== null && host.disk.faultsFired.length === 0 && !host.troubled) throw new Violation('opens', `opening withholds records and is ${state} on a disk that is well`);
    model.flushedTo(recoveryPoint);
    if (recoveryPoint < log.status().highWatermark) throw new Violation('never-loses', 'an opening shows records that it does not hold for durable');
    for (const name of model.consumers.names) {
      const position = await host.settle(log.consumer(name).position(), 'position');
      if (position.isErr()) continue;
      model.version += 1;
      model.consumers.found(name, position.value, isSame);
      if (position.value !== null && !model.withheld && position.value > model.end) throw new Violation('consumers', `${name} stands at ${String(position.value)}, beyond the log's end ${String(model.end)}`);
    }
    await this.#afterStep();
  }

  /** Closes the log, harms its files where that is asked for, and opens it again. */
  async #reopen(closing: Closing | null, damage: readonly Damage[] = []): Promise<void> {
    if (this.host.disk.hungCalls > 0) return this.#crash(KILLED);
    if (this.host.hasFlips) this.host.disk.setFaults([]);
    await this.#close(closing);
    for (const each of damage) await this.host.damage(each);
    if (damage.length > 0) this.#closed = null;
    await this.#open([]);
  }

  /** The call of `close`, to be waited for; null where no log is open. */
  #beginClose(): Closing | null {
    return this.#checked === null ? null : { checked: this.#checked, call: this.#checked.log.close() };
  }

  async #close(closing: Closing | null): Promise<void> {
    if (closing === null) return;
    const { host, model } = this;
    const { checked, call } = closing;
    const closed = await host.settle(call, 'close');
    if (closed.isErr()) host.needsCause(`close: ${closed.error.message}`);
    for (let rounds = 0; rounds < 20 && host.disk.heldCalls > 0; rounds += 1) {
      host.disk.release();
      await host.advance(0);
    }
    host.checkAlive();
    const { state, highWatermark, recoveryPoint } = checked.log.status();
    if (state !== 'closed') throw new Violation('settles', `after close the log is ${state}`);
    checked.takeDeletions();
    if (closed.isOk() && recoveryPoint < highWatermark) throw new Violation('never-loses', 'a clean close left records unflushed');
    if (closed.isOk()) model.flushedTo(recoveryPoint);
    this.#checked = null;
    model.processEnded();
    host.checkGivenBack('a closed log');
    this.#closed = closed.isOk() && host.unanswered === 0 && !model.withheld ? { quiet: !host.wasTroubled && this.#setup.options.quotaBytesMax === undefined } : null;
  }

  async #crash({ how, during, faults, then }: Doom & { readonly then?: FaultPlan }, finds: Finds = 'anything'): Promise<void> {
    this.#endProcess(how);
    this.#doom = { how, during: [], ...(then !== undefined && { faults: then }) };
    await this.#open(during, { how, finds, ...(faults !== undefined && { faults }) });
  }

  #endProcess(how: Ending): void {
    const { host, model } = this;
    if (this.#opening && host.lacksLogStart) model.forgetDurableStart();
    if (how === 'process') model.processEnded();
    else {
      model.powerCut();
      this.#closed = null;
    }
    const insideRecovery = this.#opening;
    this.#checked = null;
    host.endProcess(how);
    this.#opening = false;
    this.#sent.clear();
    if (how !== 'process') this.#looks.count(host.disk, insideRecovery);
    this.#looks.watch(host.disk);
    this.onProcessStart();
  }
}

interface Closing {
  readonly checked: CheckedLog;
  readonly call: PromiseLike<Result<void, CloseError>>;
}
