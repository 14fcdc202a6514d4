/** The failure policy, every row: (what was being done, symbol) → error, tail, retry, state. Source: design §3. */
import { describe, expect, test } from 'vitest';
import type { IoFailure, IoSymbol } from '../model/io-failure.js';
import { diskError, isLost, pressureOf, doingOfSyncedWrite, reactionTo, type Doing, type Reaction } from './failure-policy.js';

const DOINGS: readonly Doing[] = ['append-write', 'append-sync', 'make-segment', 'sync-names', 'cut', 'read', 'delete', 'side-file'];
const SYMBOLS: readonly IoSymbol[] = [
  'no-space', 'no-inodes', 'quota', 'io', 'fd-exhausted', 'file-too-large', 'read-only-fs', 'permission', 'not-found', 'exists', 'not-a-directory', 'is-a-directory', 'stale', 'again', 'stalled', 'other',
];
const FULL: readonly IoSymbol[] = ['no-space', 'no-inodes', 'quota'];
const GONE: readonly IoSymbol[] = ['not-found', 'not-a-directory', 'stale'];

/** A reaction as a line: error, tail, retry, state, state if the cut fails. */
function line({ error, tail, retry, state, stateIfCutFails }: Reaction): string {
  const named = (change: Reaction['state']): string => (change === null ? '-' : `${change.to}(${change.reason})`);
  return [error, tail, retry, named(state), named(stateIfCutFails)].join(' ');
}

const failure = (symbol: IoSymbol): IoFailure => ({ symbol, errno: -5, code: 'EX', operation: 'write', path: '/log/a', position: 12, message: 'EX: it failed' });

/** Every row that is not `none never - -` with the symbol's own error. */
const TABLE: Readonly<Record<Exclude<Doing, 'read' | 'delete' | 'side-file'>, Readonly<Record<IoSymbol, string>>>> = {
  'append-write': {
    'no-space': 'disk-full cut never read-only(disk-full) read-only(disk-full)',
    'no-inodes': 'disk-full cut never read-only(disk-full) read-only(disk-full)',
    quota: 'disk-full cut never read-only(quota) read-only(quota)',
    io: 'io cut never - failed(io)',
    'fd-exhausted': 'fd-exhausted cut evict - failed(io)',
    'file-too-large': 'file-too-large cut fresh-segment - failed(io)',
    'read-only-fs': 'read-only-fs cut never read-only(read-only-fs) read-only(read-only-fs)',
    permission: 'permission cut never read-only(permission) read-only(permission)',
    'not-found': 'gone cut never failed(gone) failed(gone)',
    exists: 'io cut never - failed(io)',
    'not-a-directory': 'gone cut never failed(gone) failed(gone)',
    'is-a-directory': 'io cut never - failed(io)',
    stale: 'gone cut never failed(gone) failed(gone)',
    again: 'io cut now - failed(io)',
    stalled: 'stalled await-answer never read-only(stalled) -',
    other: 'io cut never - failed(io)',
  },
  'append-sync': {
    'no-space': 'disk-full abandon never read-only(disk-full) -',
    'no-inodes': 'disk-full abandon never read-only(disk-full) -',
    quota: 'disk-full abandon never read-only(quota) -',
    io: 'sync-failed abandon never failed(sync-failed) -',
    'fd-exhausted': 'sync-failed abandon never failed(sync-failed) -',
    'file-too-large': 'sync-failed abandon never failed(sync-failed) -',
    'read-only-fs': 'sync-failed abandon never failed(sync-failed) -',
    permission: 'sync-failed abandon never failed(sync-failed) -',
    'not-found': 'sync-failed abandon never failed(sync-failed) -',
    exists: 'sync-failed abandon never failed(sync-failed) -',
    'not-a-directory': 'sync-failed abandon never failed(sync-failed) -',
    'is-a-directory': 'sync-failed abandon never failed(sync-failed) -',
    stale: 'sync-failed abandon never failed(sync-failed) -',
    again: 'sync-failed abandon never failed(sync-failed) -',
    stalled: 'stalled await-answer never read-only(stalled) -',
    other: 'sync-failed abandon never failed(sync-failed) -',
  },
  'make-segment': {
    'no-space': 'disk-full none never read-only(disk-full) -',
    'no-inodes': 'disk-full none never read-only(disk-full) -',
    quota: 'disk-full none never read-only(quota) -',
    io: 'io none never - -',
    'fd-exhausted': 'fd-exhausted none evict - -',
    'file-too-large': 'file-too-large none never - -',
    'read-only-fs': 'read-only-fs none never read-only(read-only-fs) -',
    permission: 'permission none never read-only(permission) -',
    'not-found': 'gone none never failed(gone) -',
    exists: 'io none never - -',
    'not-a-directory': 'gone none never failed(gone) -',
    'is-a-directory': 'io none never - -',
    stale: 'gone none never failed(gone) -',
    again: 'io none now - -',
    stalled: 'stalled await-answer never read-only(stalled) -',
    other: 'io none never - -',
  },
  'sync-names': {
    'no-space': 'disk-full none never read-only(disk-full) -',
    'no-inodes': 'disk-full none never read-only(disk-full) -',
    quota: 'disk-full none never read-only(quota) -',
    io: 'sync-failed none never failed(sync-failed) -',
    'fd-exhausted': 'sync-failed none never failed(sync-failed) -',
    'file-too-large': 'sync-failed none never failed(sync-failed) -',
    'read-only-fs': 'sync-failed none never failed(sync-failed) -',
    permission: 'sync-failed none never failed(sync-failed) -',
    'not-found': 'sync-failed none never failed(sync-failed) -',
    exists: 'sync-failed none never failed(sync-failed) -',
    'not-a-directory': 'sync-failed none never failed(sync-failed) -',
    'is-a-directory': 'sync-failed none never failed(sync-failed) -',
    stale: 'sync-failed none never failed(sync-failed) -',
    again: 'sync-failed none never failed(sync-failed) -',
    stalled: 'stalled await-answer never read-only(stalled) -',
    other: 'sync-failed none never failed(sync-failed) -',
  },
  cut: {
    'no-space': 'disk-full abandon never - -',
    'no-inodes': 'disk-full abandon never - -',
    quota: 'disk-full abandon never - -',
    io: 'io abandon never - -',
    'fd-exhausted': 'fd-exhausted abandon never - -',
    'file-too-large': 'file-too-large abandon never - -',
    'read-only-fs': 'read-only-fs abandon never - -',
    permission: 'permission abandon never - -',
    'not-found': 'gone abandon never - -',
    exists: 'io abandon never - -',
    'not-a-directory': 'gone abandon never - -',
    'is-a-directory': 'io abandon never - -',
    stale: 'gone abandon never - -',
    again: 'io abandon now - -',
    stalled: 'stalled await-answer never read-only(stalled) -',
    other: 'io abandon never - -',
  },
};

describe('reactionTo', () => {
  for (const [doing, rows] of Object.entries(TABLE) as [Doing, Record<IoSymbol, string>][]) {
    test.each(SYMBOLS)(`${doing}, %s`, (symbol) => {
      expect(line(reactionTo(doing, symbol))).toBe(rows[symbol]);
    });
  }

  test.each(['read', 'delete', 'side-file'] as const)('%s never changes the state nor touches a segment, whatever happened', (doing) => {
    for (const symbol of SYMBOLS) {
      expect(reactionTo(doing, symbol)).toMatchObject({ tail: 'none', state: null, stateIfCutFails: null });
      expect(reactionTo(doing, symbol).retry).not.toBe('fresh-segment');
    }
  });

  test('a failed sync is never tried again, and what it left is abandoned', () => {
    for (const symbol of SYMBOLS) {
      expect(reactionTo('append-sync', symbol).retry).toBe('never');
      expect(['abandon', 'await-answer']).toContain(reactionTo('append-sync', symbol).tail);
      expect(reactionTo('append-sync', symbol).state).not.toBeNull();
    }
  });

  test('a write that would have synced counts as a failed sync, unless it was too large to begin', () => {
    for (const symbol of SYMBOLS) expect(doingOfSyncedWrite(symbol)).toBe(symbol === 'file-too-large' ? 'append-write' : 'append-sync');
  });

  test('a full disk never fails a log, wherever it is met', () => {
    for (const doing of DOINGS) {
      for (const symbol of FULL) {
        expect(reactionTo(doing, symbol).error).toBe('disk-full');
        expect(reactionTo(doing, symbol).state?.to).not.toBe('failed');
      }
    }
  });

  test('no descriptor is never a change of state but at a sync', () => {
    for (const doing of DOINGS.filter((each) => each !== 'append-sync' && each !== 'sync-names')) expect(reactionTo(doing, 'fd-exhausted').state).toBeNull();
  });

  test('a directory that is gone fails what writes', () => {
    for (const symbol of GONE) for (const doing of ['append-write', 'make-segment'] as const) expect(reactionTo(doing, symbol).state).toEqual({ to: 'failed', reason: 'gone' });
  });

  test('a retry is bounded to what it can cure', () => {
    for (const doing of DOINGS) {
      for (const symbol of SYMBOLS) {
        const { retry } = reactionTo(doing, symbol);
        if (retry === 'now') expect(symbol).toBe('again');
        if (retry === 'evict') expect(symbol).toBe('fd-exhausted');
        if (retry === 'fresh-segment') expect([doing, symbol]).toEqual(['append-write', 'file-too-large']);
      }
    }
  });
});

describe('diskError', () => {
  test('carries the facts of the call, and for a full disk what is full', () => {
    for (const doing of DOINGS) {
      for (const symbol of SYMBOLS) {
        const error = diskError(doing, failure(symbol));
        expect(error).toMatchObject({ kind: reactionTo(doing, symbol).error, errno: -5, code: 'EX', operation: 'write', path: '/log/a', position: 12, message: 'EX: it failed' });
        if (error.kind !== 'disk-full') expect(error).not.toHaveProperty('cause');
        else expect(error.cause).toBe({ 'no-space': 'space', 'no-inodes': 'inodes', quota: 'quota' }[symbol as 'quota']);
      }
    }
  });

  test('a call without a position has none in its error', () => {
    expect(diskError('read', { ...failure('io'), position: null })).not.toHaveProperty('position');
  });
});

test.each(['read', 'delete', 'side-file'] as const)('%s is tried again where that may help, and in no other segment', (doing) => {
  expect(SYMBOLS.filter((symbol) => reactionTo(doing, symbol).retry !== 'never').map((symbol) => [symbol, reactionTo(doing, symbol).retry])).toEqual([['fd-exhausted', 'evict'], ['again', 'now']]);
});

test('what a side file told is lost where its bytes cannot be read, and only there', () => {
  expect(SYMBOLS.filter(isLost)).toEqual(['io']);
});

test.each(SYMBOLS)('pressureOf %s: what is full, if anything', (symbol) => {
  expect(pressureOf(symbol)).toBe(symbol === 'quota' ? 'quota' : FULL.includes(symbol) ? 'disk-full' : null);
});
