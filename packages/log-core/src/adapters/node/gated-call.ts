/**
 * One call of `node:fs` in callback form, sent through the operation gate and answered as a Result.
 * INVARIANT: the promise settles once and never rejects; the place in the gate is given back exactly
 * when the system call returned, however long that takes. It does not know which call it carries.
 */
import type { NoParamCallback } from 'node:fs';
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure, IoOperation } from '../../model/io-failure.js';
import type { Position } from '../../model/units.js';
import { toIoFailure } from './errno.js';
import type { Lane, OperationGate, WaitingOperation } from './operation-gate.js';

/** Node's callback: an error or null (undefined on some calls), then the value. @internal */
export type NodeCallback<T> = (error: unknown, value: T) => void;

/** What a failure will name. @internal */
export interface CallSite {
  readonly operation: IoOperation;
  readonly path: string;
  readonly position: Position | null;
}

/** The answer to a call that waits, to be given if it is withdrawn. @internal */
export interface WithdrawableCall {
  readonly waiting: WaitingOperation;
  readonly site: CallSite;
  readonly answer: (failure: IoFailure) => void;
}

/** Told when a call has to wait and when it is started or was never held up; used by file handles. @internal */
export interface CallWatcher {
  queued(call: WithdrawableCall): void;
  started(call: WithdrawableCall | null): void;
  ended(): void;
}

/**
 * Runs `start` as soon as the gate has a place in `lane`. A throw out of `start` (a path with a NUL byte)
 * becomes a failure like any other. @internal
 */
export function gatedCall<T>(
  gate: OperationGate,
  lane: Lane,
  site: CallSite,
  start: (done: NodeCallback<T>) => void,
  watcher?: CallWatcher,
): Promise<Result<T, IoFailure>> {
  return new Promise((resolve) => {
    let call: WithdrawableCall | null = null;
    const done: NodeCallback<T> = (error, value) => {
      gate.leave();
      watcher?.ended();
      if (error === null || error === undefined) resolve(ok(value));
      else resolve(err(toIoFailure(error, site.operation, site.path, site.position)));
    };
    const waiting = gate.enter(lane, () => {
      watcher?.started(call);
      try {
        start(done);
      } catch (thrown) {
        done(thrown, undefined as never);
      }
    });
    if (waiting === null || watcher === undefined) return;
    call = { waiting, site, answer: (failure) => resolve(err(failure)) };
    watcher.queued(call);
  });
}

/** As `gatedCall`, for the calls that answer nothing but whether they failed. @internal */
export function gatedAct(
  gate: OperationGate,
  lane: Lane,
  site: CallSite,
  start: (done: NoParamCallback) => void,
  watcher?: CallWatcher,
): Promise<Result<void, IoFailure>> {
  return gatedCall<undefined>(
    gate,
    lane,
    site,
    (done) => {
      start((error) => {
        done(error, undefined);
      });
    },
    watcher,
  );
}
