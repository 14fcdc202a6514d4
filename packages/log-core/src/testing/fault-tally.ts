/**
 * Counts what went wrong, by operation and by what it looked like, so that a run can show which faults it met
 * and which it never did. It knows nothing of plans: a full disk counts as well as an injected ENOSPC.
 */
import type { IoOperation, IoSymbol } from '../model/io-failure.js';
import type { FaultEffect } from './fault-plan.js';

/** How a fault shows: an errno by its symbol, or what happened to the call where there is none. @public */
export type FaultSign = IoSymbol | Exclude<FaultEffect['kind'], 'fail' | 'fail-sync' | 'done-then-fail'> | 'done-then-fail' | 'drop' | 'poison' | 'false-failure';

/** How often each operation met each sign; what is missing was never met. @public */
export type FaultCounts = Readonly<Partial<Record<IoOperation, Readonly<Partial<Record<FaultSign, number>>>>>>;

/** Refusals of a limited disk; every other one without a fault behind it is an ordinary answer. */
const OF_LIMITS: ReadonlySet<IoSymbol> = new Set(['no-space', 'no-inodes', 'quota', 'fd-exhausted', 'file-too-large', 'read-only-fs']);

/** @internal */
export class FaultTally {
  readonly #counts: Partial<Record<IoOperation, Partial<Record<FaultSign, number>>>> = {};

  get counts(): FaultCounts {
    return this.#counts;
  }

  /** A fault took effect; `symbol` is what the call was answered with, null for a success or no answer. */
  effect(operation: IoOperation, effect: FaultEffect, symbol: IoSymbol | null): void {
    if (symbol !== null) this.#add(operation, symbol);
    if (effect.kind === 'fail') return;
    this.#add(operation, effect.kind === 'fail-sync' ? effect.flavour : effect.kind);
  }

  /** A call without a fault was refused. */
  refusal(operation: IoOperation, symbol: IoSymbol): void {
    if (OF_LIMITS.has(symbol)) this.#add(operation, symbol);
  }

  #add(operation: IoOperation, sign: FaultSign): void {
    const row = (this.#counts[operation] ??= {});
    row[sign] = (row[sign] ?? 0) + 1;
  }
}
