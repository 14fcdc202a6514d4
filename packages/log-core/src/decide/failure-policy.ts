/**
 * What a failed disk operation means, as one table over (what was being done, symbol): which error
 * the caller gets, what becomes of the bytes behind it, whether to try again, and the state the log
 * enters. INVARIANT: every pair has exactly one row; nothing outside this file decides by symbol.
 */
import type { DiskError } from '../model/errors.js';
import { systemCallFacts } from '../model/errors.js';
import type { StateReason } from '../model/api.js';
import type { IoFailure, IoSymbol } from '../model/io-failure.js';

/**
 * What was being done.
 * - `append-write`: a region into the active segment; no sync in the same call.
 * - `append-sync`: making a region durable, by a sync or by a `dsync` write.
 * - `make-segment`: create, extend, open or rename a segment or the spare's file.
 * - `sync-names`: the directory's sync after such a change.
 * - `cut`: truncating the active segment back to its end, and syncing that.
 * - `read`: reading records. - `delete`: unlinking. - `side-file`: everything that can be rebuilt.
 * @internal
 */
export type Doing =
  | 'append-write'
  | 'append-sync'
  | 'make-segment'
  | 'sync-names'
  | 'cut'
  | 'read'
  | 'delete'
  | 'side-file';

/**
 * - `cut`: truncate to the end that is published and sync that; only then is it proven gone.
 * - `abandon`: what was unsynced is unknown; that file is never synced nor written again.
 * - `await-answer`: the call is still out; whatever it answers is cut before service returns.
 * - `none`: nothing reached a segment.
 * @internal
 */
export type TailAction = 'cut' | 'abandon' | 'await-answer' | 'none';

/**
 * - `now`: the same call again. - `evict`: give idle handles back, then once more.
 * - `fresh-segment`: roll, then the same region there, once. - `never`.
 * @internal
 */
export type RetryAction = 'now' | 'evict' | 'fresh-segment' | 'never';

/** @internal */
export interface StateChange {
  readonly to: 'read-only' | 'failed';
  readonly reason: StateReason;
}

/** One row: how to react to one kind of failure. @internal */
export interface Reaction {
  readonly error: DiskError['kind'];
  readonly tail: TailAction;
  readonly retry: RetryAction;
  readonly state: StateChange | null;
  /** The state if the tail's cut fails as well. */
  readonly stateIfCutFails: StateChange | null;
}

const failed = (reason: StateReason): StateChange => ({ to: 'failed', reason });
const readOnly = (reason: StateReason): StateChange => ({ to: 'read-only', reason });

interface Meaning {
  readonly error: DiskError['kind'];
  /** The state it puts a log into that wanted to write. */
  readonly state: StateChange | null;
  readonly retry: RetryAction;
}

/** What a symbol says of the disk, whoever met it. */
const MEANINGS: Readonly<Record<IoSymbol, Meaning>> = {
  'no-space': { error: 'disk-full', state: readOnly('disk-full'), retry: 'never' },
  'no-inodes': { error: 'disk-full', state: readOnly('disk-full'), retry: 'never' },
  quota: { error: 'disk-full', state: readOnly('quota'), retry: 'never' },
  io: { error: 'io', state: null, retry: 'never' },
  'fd-exhausted': { error: 'fd-exhausted', state: null, retry: 'evict' },
  'file-too-large': { error: 'file-too-large', state: null, retry: 'fresh-segment' },
  'read-only-fs': { error: 'read-only-fs', state: readOnly('read-only-fs'), retry: 'never' },
  permission: { error: 'permission', state: readOnly('permission'), retry: 'never' },
  'not-found': { error: 'gone', state: failed('gone'), retry: 'never' },
  'not-a-directory': { error: 'gone', state: failed('gone'), retry: 'never' },
  stale: { error: 'gone', state: failed('gone'), retry: 'never' },
  exists: { error: 'io', state: null, retry: 'never' },
  'is-a-directory': { error: 'io', state: null, retry: 'never' },
  again: { error: 'io', state: null, retry: 'now' },
  stalled: { error: 'stalled', state: readOnly('stalled'), retry: 'never' },
  other: { error: 'io', state: null, retry: 'never' },
};

/** Symbols that say of a sync that there was no room, so that the log may come back by itself. */
const FULL: ReadonlySet<IoSymbol> = new Set(['no-space', 'no-inodes', 'quota']);

/** The row for a failure met while doing something. Total. @internal */
export function reactionTo(doing: Doing, symbol: IoSymbol): Reaction {
  const meaning = MEANINGS[symbol];
  if (symbol === 'stalled') return stalledReaction(doing, meaning);
  switch (doing) {
    case 'append-write':
      return {
        ...meaning,
        tail: 'cut',
        stateIfCutFails: meaning.state ?? failed('io'),
      };
    case 'append-sync':
      return syncReaction(symbol, meaning);
    case 'sync-names':
      return { ...syncReaction(symbol, meaning), tail: 'none' };
    case 'make-segment':
      // A fresh segment that is too large already cannot be cured by another fresh one.
      return { ...meaning, retry: meaning.retry === 'fresh-segment' ? 'never' : meaning.retry, tail: 'none', stateIfCutFails: null };
    case 'cut':
      // The caller chose the state for this before it cut.
      return { ...meaning, state: null, retry: symbol === 'again' ? 'now' : 'never', tail: 'abandon', stateIfCutFails: null };
    case 'read':
    case 'delete':
    case 'side-file':
      return { ...meaning, retry: meaning.retry === 'fresh-segment' ? 'never' : meaning.retry, state: null, tail: 'none', stateIfCutFails: null };
  }
}

/** What failed in one call that writes and syncs. That the file is too large is said before a byte is written, and by no sync. @internal */
export function doingOfSyncedWrite(symbol: IoSymbol): Doing {
  return symbol === 'file-too-large' ? 'append-write' : 'append-sync';
}

/** A failed sync tells nothing of what is on the platter, and a second one would lie. */
function syncReaction(symbol: IoSymbol, meaning: Meaning): Reaction {
  if (FULL.has(symbol)) return { error: 'disk-full', tail: 'abandon', retry: 'never', state: meaning.state, stateIfCutFails: null };
  return { error: 'sync-failed', tail: 'abandon', retry: 'never', state: failed('sync-failed'), stateIfCutFails: null };
}

function stalledReaction(doing: Doing, meaning: Meaning): Reaction {
  const writes = doing === 'append-write' || doing === 'append-sync' || doing === 'make-segment' || doing === 'sync-names' || doing === 'cut';
  return {
    error: 'stalled',
    retry: 'never',
    tail: writes ? 'await-answer' : 'none',
    state: writes ? meaning.state : null,
    stateIfCutFails: null,
  };
}

/**
 * Whether a side file that could not be read is done without, as if it were damaged: its bytes are lost. Any other
 * failure may be over the next time, and what the file tells is not given up for that. @internal
 */
export function isLost(symbol: IoSymbol): boolean {
  return symbol === 'io';
}

/** What there is no room in: the disk, or a quota. @internal */
export type Pressure = 'disk-full' | 'quota';

/** Of what a failure says that it is full; null where it says something else. @internal */
export function pressureOf(symbol: IoSymbol): Pressure | null {
  const { error, state } = MEANINGS[symbol];
  if (error !== 'disk-full') return null;
  return state?.reason === 'quota' ? 'quota' : 'disk-full';
}

/** The error a caller gets for a failure, named by the table and carrying the call's facts. @internal */
export function diskError(doing: Doing, failure: IoFailure): DiskError {
  const facts = { message: failure.message, ...systemCallFacts(failure) };
  const kind = reactionTo(doing, failure.symbol).error;
  return kind === 'disk-full' ? { kind, cause: fullCause(failure.symbol), ...facts } : { kind, ...facts };
}

function fullCause(symbol: IoSymbol): 'space' | 'quota' | 'inodes' {
  if (symbol === 'quota') return 'quota';
  return symbol === 'no-inodes' ? 'inodes' : 'space';
}
