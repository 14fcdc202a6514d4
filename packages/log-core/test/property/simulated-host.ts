/**
 * The world one log lives in: a simulated disk and clock, the processes that follow one another on them, and what is
 * wrong with them at the moment. It knows whether something has a cause; what the log owes is the model's business.
 * INVARIANT: the same setup and calls give the same answers, images and order.
 */
import { Err, Ok } from 'neverthrow';
import { seededRandom, shuffledSchedule, SimulatedClock, SimulatedDisk, type FaultPlan, type FiredFault, type Random } from '../../src/testing/index.js';
import type { BrimlogError } from '../../src/index.js';
import { addFaults, type RunCounts } from './run-counts.js';
import type { Damage, Ending, Resource, Setup } from './operations.js';
import { refuseOwnBug, Violation } from './violation.js';

export const LOG_DIR = '/log';
export const IO_TIMEOUT_MS = 2_000;
const PATIENCE_MS = 60_000;
/** A process that makes so many calls goes round in circles: the longest histories make a few thousand, EAGAIN storms apart. */
const CALLS_MAX = 200_000;

/** Thrown through a step when the process behind it is no more. */
export class ProcessEnded extends Error {}

export class SimulatedHost {
  readonly setup: Setup;
  readonly counts: RunCounts;
  readonly random: Random;
  disk: SimulatedDisk;
  clock = new SimulatedClock();
  /** The fault plan in force, or the disk full: what goes wrong now may have a cause. */
  troubled: boolean;
  /** As above, at any time since the log was opened. */
  wasTroubled: boolean;
  /** Reads may lie. */
  hasFlips = false;
  /** What every process did, as lines; empty unless the whole trace is kept. */
  readonly traces: string[] = [];
  readonly #wholeTrace: boolean;
  #callsCounted = 0;
  #tracedTo = 0;

  /** `from` is a state that some history left, instead of an empty disk. */
  constructor(setup: Setup, counts: RunCounts, wholeTrace: boolean, from: { readonly disk: SimulatedDisk; readonly troubled: boolean; readonly now: number } | null) {
    this.setup = setup;
    this.counts = counts;
    this.#wholeTrace = wholeTrace;
    this.random = seededRandom(setup.seed);
    this.troubled = from?.troubled ?? false;
    this.wasTroubled = this.troubled;
    if (from !== null) this.clock = new SimulatedClock({ startAt: from.now });
    this.disk = this.#take(from?.disk ?? this.#newDisk());
  }

  #newDisk(): SimulatedDisk {
    const { seed, character, capacityBytes, wholeWrites = false, freeAfterCalls = 0 } = this.setup;
    return new SimulatedDisk({ seed, character, capacityBytes, wholeWrites, freeAfterCalls, callsMax: CALLS_MAX, ...(this.#wholeTrace && { traceCallsMax: Infinity }) });
  }

  /** A disk goes by this host's clock. */
  #take(disk: SimulatedDisk): SimulatedDisk {
    disk.setNow(() => this.clock.now());
    if (this.setup.shuffled === true) disk.setSchedule(shuffledSchedule(this.clock, this.random.fork()));
    return disk;
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
      if (bug instanceof Violation) throw bug;
      if (bug !== null) throw new Violation('never-throws', `${what} rejected: ${bug instanceof Error ? (bug.stack ?? bug.message) : JSON.stringify(bug)}`);
      if (answer !== null) {
        if (answer.value instanceof Err) refuseOwnBug(what, answer.value.error as BrimlogError);
        if (this.#wholeTrace) this.note(`   ${what}: ${described(answer.value)}`);
        return answer.value;
      }
      this.checkAlive();
      if (waited > PATIENCE_MS) throw new Violation('settles', `${what} has no answer after ${String(waited)} ms; ${String(this.disk.heldCalls)} calls are held, ${String(this.disk.hungCalls)} hang`);
      await this.clock.advance(IO_TIMEOUT_MS);
    }
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    this.checkAlive();
  }

  /** Throws where this process is no more. */
  checkAlive(): void {
    if (this.disk.calls > CALLS_MAX) throw new Violation('settles', `a process made more than ${String(CALLS_MAX)} calls`);
    if (this.disk.halted) throw new ProcessEnded();
  }

  /** Calls that have no answer yet, or never will. */
  get unanswered(): number {
    return this.disk.heldCalls + this.disk.hungCalls;
  }

  // What goes wrong, and what comes back.

  setFaults(plan: FaultPlan): void {
    if (plan.length > 0) this.counts.plans += 1;
    this.disk.setFaults(plan);
  }

  beTroubled(): void {
    this.troubled = true;
    this.wasTroubled = true;
  }

  /** A plan comes into force. */
  breakDown(plan: FaultPlan): void {
    this.hasFlips = plan.some(({ effect }) => effect.kind === 'flip');
    this.setFaults(plan);
    this.beTroubled();
  }

  /** Whether this process could not read the checkpoint, not even the second time: it cannot know where the log starts amid a segment. */
  get lacksLogStart(): boolean {
    const isOfRead = ({ path, operation }: FiredFault): boolean => path.endsWith('brimlog.checkpoint') && ['open', 'stat', 'read'].includes(operation);
    return this.disk.faultsFired.filter(isOfRead).length > 1;
  }

  fill(leave: number, of: Resource): void {
    const { disk } = this;
    if (of === 'inodes') disk.setLimits({ inodesMax: disk.usedInodes + leave });
    else disk.setLimits(of === 'quota' ? { quotaBytes: disk.usedBytes + leave } : { capacityBytes: disk.usedBytes + leave });
    this.beTroubled();
  }

  /** There is as much of everything as at the beginning, and some more than is used. */
  free(): void {
    const capacityBytes = Math.max(this.setup.capacityBytes, this.disk.usedBytes + 2 ** 19);
    this.disk.setLimits({ capacityBytes, quotaBytes: null, inodesMax: 2 ** 20 });
  }

  /** Every fault ends. */
  async heal(): Promise<void> {
    this.disk.setFaults([]);
    this.disk.setReadOnly(false);
    this.disk.setHandlesMax(Infinity);
    this.free();
    this.disk.release();
    await this.advance(0);
    this.disk.release();
    this.hasFlips = false;
    this.troubled = false;
  }

  /** Does harm to every file of that name, as an accident outside the log would. */
  async damage({ file, how }: Damage): Promise<void> {
    for (const path of this.disk.files().filter((path) => path.endsWith(file))) {
      const size = this.disk.readFile(path)?.byteLength ?? 0;
      // By another program: it is no call of this process, and none of its faults meets it.
      if (how === 'removed') await this.disk.otherProcess(null).unlink(path).then(() => undefined);
      else if (how === 'flipped') this.disk.flipBit(path, this.random.below(size * 8));
      else {
        const bytes = new Uint8Array(how === 'emptied' ? 0 : size);
        this.random.fill(bytes);
        this.disk.writeFile(path, bytes).unwrapOr(undefined);
      }
    }
  }

  // Ends of processes.

  /** This process is no more; the next one finds what it left. */
  endProcess(how: Ending): void {
    this.note(`--- ${how === 'process' ? 'the process is killed' : `power cut: ${JSON.stringify(how)}`}`);
    this.disk.halt();
    this.#takeCounts();
    this.clock = new SimulatedClock({ startAt: this.clock.now() });
    this.disk = this.#take(how === 'process' ? this.disk.processCrash() : this.disk.crash(how, this.random));
    this.#callsCounted = 0;
    this.#tracedTo = 0;
    this.hasFlips = false;
  }

  /** Adds to the counts what this process did so far. */
  finish(): void {
    this.note('--- the end');
    this.#takeCounts();
  }

  #takeCounts(): void {
    this.counts.calls += this.disk.calls - this.#callsCounted;
    this.#callsCounted = this.disk.calls;
    addFaults(this.counts.faults, this.disk.faultCounts);
  }

  /** Writes a line into the trace, behind the calls that were made so far. */
  note(line: string): void {
    if (!this.#wholeTrace) return;
    const { trace } = this.disk;
    for (const call of trace.slice(this.#tracedTo)) this.traces.push(`      ${call}`);
    this.traces.push(line);
    this.#tracedTo = trace.length;
  }

  /** The trace so far, or its end where the whole was not kept. */
  get trace(): readonly string[] {
    return this.#wholeTrace ? this.traces : this.disk.trace;
  }

  // Causes.

  /** Nothing fails on a well disk. */
  needsCause(what: string): void {
    if (!this.wasTroubled && this.setup.options.quotaBytesMax === undefined) throw new Violation('no-cause', `${what}, on a disk that is well`);
  }

  needsReadFault(what: string): void {
    if (!this.troubled && this.disk.faultsFired.length === 0) throw new Violation('reads', `${what}, on a disk that is well`);
  }

  /** Who gave up a log, or never got one, holds nothing any more. */
  checkGivenBack(who: string): void {
    if (this.unanswered > 0) return;
    const left = [
      ...this.disk.openPaths.map((path) => `a handle of ${path}`),
      ...(this.clock.pendingTimers > 0 ? [`${String(this.clock.pendingTimers)} timers`] : []),
      ...(this.disk.watcherCount > 0 ? [`${String(this.disk.watcherCount)} watchers`] : []),
    ];
    if (left.length > 0) throw new Violation('leaks', `${who} keeps ${left.join(', ')}`);
  }
}

/** What a call was answered with, in a few words. */
function described(value: unknown): string {
  if (value instanceof Err) {
    const { kind, outcome, message } = value.error as { readonly kind: string; readonly outcome?: string; readonly message: string };
    return `${kind}${outcome === undefined ? '' : ` (${outcome})`}: ${message}`;
  }
  const plain: unknown = value instanceof Ok ? value.value : value;
  return plain instanceof Object && Object.getPrototypeOf(plain) === Object.prototype ? JSON.stringify(plain).slice(0, 160) : 'ok';
}
