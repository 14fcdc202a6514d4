/**
 * Every call of a simulated disk passes here: it is numbered, traced, given its fault, and answered by a
 * promise. INVARIANT: an answer never comes before the caller's task is done, and never rejects.
 * It does not know what a call does.
 */
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure, IoOperation } from '../model/io-failure.js';
import type { IoResult } from '../ports/file-system.js';
import { CallTrace, type CallFacts } from './call-trace.js';
import { FaultSchedule, type FaultEffect, type FaultPlan, type FiredFault } from './fault-plan.js';
import { FaultTally, type FaultCounts } from './fault-tally.js';
import { simulatedFailure } from './simulated-failure.js';

/**
 * Decides when a call is carried out: `run` does the work and answers; it must be called once, at any time.
 * With fast-check's scheduler: `(label, run) => { scheduler.schedule(Promise.resolve(), label).then(run, run); }`. @public
 */
export type Schedule = (label: string, run: () => void) => void;

/** Effects that the work itself has to know of; every other one is dealt with here. @internal */
export type WorkEffect = Extract<FaultEffect, { kind: 'fail' | 'short' | 'fail-sync' | 'flip' }>;

/** One call. @internal */
export interface Call<T> {
  readonly operation: IoOperation;
  readonly path: string;
  /** The new name of a rename. */
  readonly otherPath?: string;
  readonly position: number | null;
  readonly bytes: number | null;
  /** Does the work; `effect` is what the work itself must do wrongly. */
  readonly work: (effect: WorkEffect | null) => Result<T, IoFailure>;
  /** What a lying disk answers; absent where there is nothing plausible, so that the work is done. */
  readonly lie?: T;
  /** Takes back what a success made, when the answer is a failure all the same. */
  readonly discard?: (value: T) => void;
  /** Told before and after, where the answer does not come at once. */
  readonly handle?: { begin(): void; end(): void };
}

/** The disk behind the calls: what a call is counted by, and what a fault changes for all later ones. @internal */
export interface Standing {
  countCall(): void;
  setHandlesMax(max: number): void;
  setReadOnly(readOnly: boolean): void;
  rot(path: string, bit: number): void;
}

const neverAnswered = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** The calls of one process on one disk. @internal */
export class CallDispatcher {
  calls = 0;
  beforeCall: ((call: CallFacts) => void) | null = null;
  schedule: Schedule | null;
  /** Calls that were started and will never answer. */
  hungCalls = 0;
  readonly #standing: Standing;
  readonly #trace: CallTrace;
  readonly #callsMax: number;
  readonly #tally = new FaultTally();
  #faults: FaultSchedule | null = null;
  #held: (() => void)[] = [];
  #halted = false;
  #tellHalted: (() => void) | null = null;
  /** Resolves when the process behind this is no more. */
  readonly whenHalted = new Promise<void>((resolve) => {
    this.#tellHalted = resolve;
  });

  constructor(standing: Standing, { schedule, traceCallsMax = 256, callsMax = Infinity }: { readonly schedule?: Schedule; readonly traceCallsMax?: number; readonly callsMax?: number }) {
    this.#standing = standing;
    this.schedule = schedule ?? null;
    this.#trace = new CallTrace(traceCallsMax);
    this.#callsMax = callsMax;
  }

  get halted(): boolean {
    return this.#halted;
  }

  /** From now on nothing is done and nothing answers. */
  halt(): void {
    this.#halted = true;
    this.#tellHalted?.();
  }

  setFaults(plan: FaultPlan): void {
    this.#faults = plan.length === 0 ? null : new FaultSchedule(plan);
  }

  get faultsFired(): readonly FiredFault[] {
    return this.#faults?.fired ?? [];
  }

  get faultCounts(): FaultCounts {
    return this.#tally.counts;
  }

  get trace(): string[] {
    return this.#trace.lines();
  }

  get heldCalls(): number {
    return this.#held.length;
  }

  /** Lets the oldest `count` held calls answer. */
  release(count: number): void {
    for (const answer of this.#held.splice(0, count)) answer();
  }

  /** Carries a call out and answers it. */
  run<T>(call: Call<T>): IoResult<T> {
    this.calls += 1;
    this.#standing.countCall();
    const { operation, path, otherPath, position, bytes } = call;
    const facts: CallFacts = { number: this.calls, operation, path, to: otherPath ?? null, position, bytes };
    this.beforeCall?.(facts);
    if (this.calls > this.#callsMax) this.halt();
    if (this.#halted) return neverAnswered();
    const traced = this.#trace.begin(facts);
    const effect = this.#faults?.effectOn(this.calls, operation, path, call.otherPath) ?? null;
    if (effect === null && this.schedule === null) {
      const answer = call.work(null);
      this.#note(call.operation, null, answer, traced);
      return Promise.resolve(answer);
    }
    return this.#runLater(call, effect, traced);
  }

  /** As `run`, for the one call of the port that answers at once. */
  runNow<T>(call: Call<T>): Result<T, IoFailure> {
    this.calls += 1;
    this.#standing.countCall();
    const { operation, path, position, bytes } = call;
    const facts: CallFacts = { number: this.calls, operation, path, to: null, position, bytes };
    this.beforeCall?.(facts);
    const traced = this.#trace.begin(facts);
    const effect = this.#faults?.effectOn(this.calls, operation, path, call.otherPath) ?? null;
    const answer = this.#carryOut(call, effect);
    this.#note(operation, effect, answer, traced);
    return answer;
  }

  #runLater<T>(call: Call<T>, effect: FaultEffect | null, traced: { outcome: string }): IoResult<T> {
    if (effect?.kind === 'halt' || effect?.kind === 'done-then-halt') {
      this.#tally.effect(call.operation, effect, null);
      if (effect.kind === 'done-then-halt') call.work(null).unwrapOr(undefined);
      this.halt();
      traced.outcome = 'halted';
      return neverAnswered();
    }
    call.handle?.begin();
    if (effect?.kind === 'hang') {
      this.hungCalls += 1;
      this.#tally.effect(call.operation, effect, null);
      traced.outcome = 'hangs';
      return neverAnswered();
    }
    return new Promise((resolve) => {
      const run = (): void => {
        if (this.#halted) return;
        const answer = this.#carryOut(call, effect);
        this.#note(call.operation, effect, answer, traced);
        if (effect?.kind === 'late' && effect.work === 'first') this.#held.push(() => settle(answer));
        else settle(answer);
      };
      const settle = (answer: Result<T, IoFailure>): void => {
        if (this.#halted) return;
        call.handle?.end();
        resolve(answer);
      };
      if (effect?.kind === 'late' && effect.work === 'last') this.#held.push(run);
      else if (this.schedule === null) run();
      else this.schedule(`${call.operation} ${call.path}`, run);
    });
  }

  #note(operation: IoOperation, effect: FaultEffect | null, answer: Result<unknown, IoFailure>, traced: { outcome: string }): void {
    traced.outcome = outcomeOf(answer, effect);
    if (effect !== null) this.#tally.effect(operation, effect, answer.isErr() ? answer.error.symbol : null);
    else if (answer.isErr()) this.#tally.refusal(operation, answer.error.symbol);
  }

  #carryOut<T>(call: Call<T>, effect: FaultEffect | null): Result<T, IoFailure> {
    switch (effect?.kind) {
      case undefined:
      case 'hang':
      case 'halt':
      case 'done-then-halt':
      case 'late':
        return call.work(null);
      case 'fail':
        return this.#fail(call, effect);
      case 'short':
      case 'flip':
        return call.work(effect);
      case 'fail-sync':
        return isSync(call.operation) ? call.work(effect) : this.#fail(call, { kind: 'fail', symbol: effect.symbol });
      case 'done-then-fail': {
        const done = call.work(null);
        if (done.isErr()) return done;
        call.discard?.(done.value);
        return err(simulatedFailure(effect.symbol, call.operation, call.path, call.position));
      }
      case 'lie':
        return 'lie' in call ? ok(call.lie) : call.work(null);
      case 'rot':
        this.#standing.rot(call.path, effect.bit);
        return call.work(null);
      case 'handles':
        this.#standing.setHandlesMax(effect.max);
        return call.work(null);
      case 'read-only':
        this.#standing.setReadOnly(true);
        return call.work(null);
    }
  }

  #fail<T>(call: Call<T>, effect: Extract<FaultEffect, { kind: 'fail' }>): Result<T, IoFailure> {
    if (isSync(call.operation) && effect.symbol !== 'again') return call.work(effect);
    // A descriptor is given back whatever close answers.
    if (call.operation === 'close') call.work(null).unwrapOr(undefined);
    return err(simulatedFailure(effect.symbol, call.operation, call.path, call.position));
  }
}

/** Operations whose failure leaves something behind. */
function isSync(operation: IoOperation): boolean {
  return operation === 'sync' || operation === 'sync-directory' || operation === 'dsync-write';
}

function outcomeOf(answer: Result<unknown, IoFailure>, effect: FaultEffect | null): string {
  const outcome = answer.isOk() ? 'ok' : answer.error.code;
  return effect === null ? outcome : `${outcome} [${effect.kind}]`;
}
