/**
 * What goes wrong on the simulated disk, and when, as a plain value: it can be generated, shrunk, printed
 * and compared. A plan never changes; what has fired is counted beside it.
 */
import type { IoOperation, IoSymbol } from '../model/io-failure.js';
import type { SyncFailureFlavour } from './file-inode.js';

/**
 * What happens to a matching call.
 * - `fail`: nothing is done, it fails. On a sync, any symbol but `again` also does what `fail-sync` does.
 * - `short`: a read or write handles at most `bytes` bytes; with `then`, the next matching call fails with that.
 *   Like `flip`, it does nothing to other calls.
 * - `fail-sync`: a sync or dsync write fails and leaves behind what the flavour says; on other calls as `fail`.
 * - `done-then-fail`: everything is done, and the answer is a failure.
 * - `lie`: nothing is done, and the answer is a success.
 * - `flip`: a read shows one bit wrong, once; bit numbers count from the first byte read.
 * - `rot`: one bit of the file is wrong from now on, in the cache and on the platter; counted from its start.
 * - `hang`: nothing is done, and no answer ever comes.
 * - `late`: the answer comes when the test calls `release()`; the work is done `first` or `last`.
 * - `handles`: from now on at most `max` handles can be open.
 * - `read-only`: from now on nothing can be written.
 * - `halt`: from now on, this call included, nothing is done and nothing answers.
 * - `done-then-halt`: the same once this call was done; it has no answer either.
 * @public
 */
export type FaultEffect =
  | { readonly kind: 'fail'; readonly symbol: IoSymbol }
  | { readonly kind: 'short'; readonly bytes: number; readonly then?: IoSymbol }
  | { readonly kind: 'fail-sync'; readonly flavour: SyncFailureFlavour; readonly symbol: IoSymbol }
  | { readonly kind: 'done-then-fail'; readonly symbol: IoSymbol }
  | { readonly kind: 'lie' }
  | { readonly kind: 'flip'; readonly bit: number }
  | { readonly kind: 'rot'; readonly bit: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'late'; readonly work: 'first' | 'last' }
  | { readonly kind: 'handles'; readonly max: number }
  | { readonly kind: 'read-only' }
  | { readonly kind: 'halt' }
  | { readonly kind: 'done-then-halt' };

/**
 * Which calls: those of the operations `on` whose path (of a rename, either) ends in `path`, from the `nth` of them on (default 1, the
 * first), or from the disk's call number `call` on; `times` of them (default 1), or all that follow. With `after` the
 * rule counts only calls made after another one, by its index in the plan, took effect: faults that belong together. @public
 */
export interface FaultRule {
  readonly on: '*' | readonly IoOperation[];
  readonly path?: string;
  readonly after?: number;
  readonly nth?: number;
  readonly call?: number;
  readonly times?: number | 'sticky';
  readonly effect: FaultEffect;
}

/** Rules; where several match one call, the first takes effect. @public */
export type FaultPlan = readonly FaultRule[];

/** A fault that took effect. @public */
export interface FiredFault {
  readonly call: number;
  readonly operation: IoOperation;
  readonly path: string;
  readonly rule: FaultRule;
}

interface RuleState {
  readonly rule: FaultRule;
  matches: number;
  fired: number;
  firstFiredAt: number | null;
}

/** Follows the calls of a disk and finds what a plan holds for each. @internal */
export class FaultSchedule {
  readonly #states: readonly RuleState[];
  readonly fired: FiredFault[] = [];

  constructor(plan: FaultPlan) {
    this.#states = plan.map((rule) => ({ rule, matches: 0, fired: 0, firstFiredAt: null }));
  }

  /** The effect on this call, or null. Every rule counts every call it matches, also where another rule takes effect. */
  effectOn(call: number, operation: IoOperation, path: string, otherPath?: string): FaultEffect | null {
    let effect: FaultEffect | null = null;
    for (const state of this.#states) {
      if (!matches(state.rule, operation, path, otherPath) || !this.#isArmed(state.rule, call)) continue;
      state.matches += 1;
      if (effect !== null || !isDue(state, call)) continue;
      effect = nextEffect(state);
      state.firstFiredAt ??= call;
      this.fired.push({ call, operation, path, rule: state.rule });
    }
    return effect;
  }

  #isArmed(rule: FaultRule, call: number): boolean {
    if (rule.after === undefined) return true;
    const firedAt = this.#states[rule.after]?.firstFiredAt ?? null;
    return firedAt !== null && firedAt < call;
  }
}

function matches(rule: FaultRule, operation: IoOperation, path: string, otherPath?: string): boolean {
  const isMeant = rule.path === undefined || path.endsWith(rule.path) || otherPath?.endsWith(rule.path) === true;
  return isMeant && (rule.on === '*' || rule.on.includes(operation));
}

function isDue({ rule, matches, fired }: RuleState, call: number): boolean {
  if (rule.call !== undefined ? call < rule.call : matches < (rule.nth ?? 1)) return false;
  const times = rule.times ?? 1;
  // A short count that hides an error takes one more call to tell it.
  return times === 'sticky' || fired < times + (hidesError(rule.effect) ? 1 : 0);
}

function hidesError(effect: FaultEffect): boolean {
  return effect.kind === 'short' && effect.then !== undefined;
}

function nextEffect(state: RuleState): FaultEffect {
  state.fired += 1;
  const { effect } = state.rule;
  if (effect.kind === 'short' && effect.then !== undefined && state.fired > 1) return { kind: 'fail', symbol: effect.then };
  return effect;
}
