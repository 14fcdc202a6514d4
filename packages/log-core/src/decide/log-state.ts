/**
 * The states of a log and which change is allowed. State is derived while the log is open and never
 * persisted: a file that says "read-only" would one day disagree with the disk.
 */
import type { LogState, StateReason } from '../model/api.js';
import type { WriteRefusal } from '../model/errors.js';

/** @internal */
export interface StateValue {
  readonly state: LogState;
  readonly reason: StateReason | null;
}

const NEXT: Readonly<Record<LogState, readonly LogState[]>> = {
  opening: ['writable', 'low-space', 'read-only', 'failed', 'closing', 'closed'],
  writable: ['low-space', 'read-only', 'failed', 'closing'],
  'low-space': ['writable', 'read-only', 'failed', 'closing'],
  'read-only': ['writable', 'low-space', 'failed', 'closing'],
  failed: ['opening', 'closing'],
  closing: ['closed'],
  closed: [],
};

/** Whether a log may go from one state to another; the same state is no change, a new reason is one. @internal */
export function mayChange(from: StateValue, to: StateValue): boolean {
  if (from.state === to.state) return from.state === 'read-only' && from.reason !== to.reason;
  return NEXT[from.state].includes(to.state);
}

/** Whether appends are accepted. @internal */
export function acceptsAppends(state: LogState): boolean {
  return state === 'writable' || state === 'low-space';
}

/**
 * The error every write is refused with in a state, null where it is accepted. `cause` is the error that
 * put the log there, whose facts are repeated. @internal
 */
export function refusalIn(value: StateValue, cause: WriteRefusal | null): WriteRefusal | null {
  switch (value.state) {
    case 'writable':
    case 'low-space':
      return null;
    case 'opening':
    case 'failed':
      return { kind: 'failed', reason: value.reason ?? 'opening', message: failedMessage(value.reason, cause) };
    case 'closing':
    case 'closed':
      return { kind: 'closed', message: 'the log is closed' };
    case 'read-only':
      return cause ?? readOnlyRefusal(value.reason);
  }
}

function failedMessage(reason: StateReason | null, cause: WriteRefusal | null): string {
  const why = cause === null ? '' : `: ${cause.message}`;
  return `the log is failed (${reason ?? 'opening'})${why}; recover() or reopening cures`;
}

function readOnlyRefusal(reason: StateReason | null): WriteRefusal {
  switch (reason) {
    case 'quota':
      return { kind: 'disk-full', cause: 'quota', message: 'the quota is used up: the log is read-only until room is made' };
    case 'read-only-fs':
      return { kind: 'read-only-fs', message: 'the file system is read-only' };
    case 'permission':
      return { kind: 'permission', message: 'the process may not write here' };
    case 'stalled':
      return { kind: 'stalled', message: 'the disk does not answer' };
    case 'disk-full':
    case 'sync-failed':
    case 'io':
    case 'gone':
    case 'assertion':
    case null:
      return { kind: 'disk-full', cause: 'space', message: 'the disk is full: the log is read-only until there is space' };
  }
}
