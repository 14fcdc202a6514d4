import { describe, expect, it } from 'vitest';
import type { LogState, StateReason } from '../model/api.js';
import type { WriteRefusal } from '../model/errors.js';
import { acceptsAppends, mayChange, refusalIn } from './log-state.js';

const STATES: readonly LogState[] = ['opening', 'writable', 'low-space', 'read-only', 'failed', 'closing', 'closed'];
const REASONS: readonly (StateReason | null)[] = [
  'disk-full', 'quota', 'read-only-fs', 'permission', 'stalled', 'sync-failed', 'io', 'gone', 'assertion', null,
];

/** Every allowed change, from → to. Read-only to read-only is one where the reason differs. */
const ALLOWED: Readonly<Record<LogState, Readonly<Record<LogState, boolean>>>> = {
  opening: { opening: false, writable: true, 'low-space': true, 'read-only': true, failed: true, closing: true, closed: true },
  writable: { opening: false, writable: false, 'low-space': true, 'read-only': true, failed: true, closing: true, closed: false },
  'low-space': { opening: false, writable: true, 'low-space': false, 'read-only': true, failed: true, closing: true, closed: false },
  'read-only': { opening: false, writable: true, 'low-space': true, 'read-only': true, failed: true, closing: true, closed: false },
  failed: { opening: true, writable: false, 'low-space': false, 'read-only': false, failed: false, closing: true, closed: false },
  closing: { opening: false, writable: false, 'low-space': false, 'read-only': false, failed: false, closing: false, closed: true },
  closed: { opening: false, writable: false, 'low-space': false, 'read-only': false, failed: false, closing: false, closed: false },
};

describe('mayChange', () => {
  const pairs = STATES.flatMap((from) => STATES.map((to) => ({ from, to, allowed: ALLOWED[from][to] })));

  it.each(pairs)('$from to $to is allowed: $allowed', ({ from, to, allowed }) => {
    expect(mayChange({ state: from, reason: 'disk-full' }, { state: to, reason: 'quota' })).toBe(allowed);
  });

  it('a change to the same state with the same reason is none', () => {
    const changed = STATES.flatMap((state) => REASONS.filter((reason) => mayChange({ state, reason }, { state, reason })));
    expect(changed).toEqual([]);
  });

  it('a new reason is a change in read-only alone', () => {
    for (const from of REASONS) {
      for (const to of REASONS) {
        const changing = STATES.filter((state) => mayChange({ state, reason: from }, { state, reason: to }));
        expect(changing).toEqual(from === to ? [] : ['read-only']);
      }
    }
  });

  it('every state but closed leads to closing or closed, and closed to nothing', () => {
    const ends = (from: LogState): LogState[] => STATES.filter((to) => mayChange({ state: from, reason: null }, { state: to, reason: 'io' }));
    for (const state of STATES.filter((each) => each !== 'closed')) {
      expect(ends(state).some((to) => to === 'closing' || to === 'closed')).toBe(true);
    }
    expect(ends('closed')).toEqual([]);
  });

  it('every state in which a log serves may fail, and failed is left through opening or closing alone', () => {
    const failing = STATES.filter((from) => mayChange({ state: from, reason: null }, { state: 'failed', reason: 'io' }));
    expect(failing).toEqual(['opening', 'writable', 'low-space', 'read-only']);
    const leaving = STATES.filter((to) => mayChange({ state: 'failed', reason: 'io' }, { state: to, reason: null }));
    expect(leaving).toEqual(['opening', 'closing']);
  });
});

describe('acceptsAppends', () => {
  it('appends work while writable and in low-space, nowhere else', () => {
    expect(STATES.filter(acceptsAppends)).toEqual(['writable', 'low-space']);
  });
});

describe('refusalIn', () => {
  const cause: WriteRefusal = { kind: 'disk-full', cause: 'inodes', message: 'no inode left', errno: -28, code: 'ENOSPC', path: '/log' };

  it('refuses exactly where appends are not accepted, whatever the reason and the cause', () => {
    for (const state of STATES) {
      for (const reason of REASONS) {
        for (const known of [null, cause]) {
          expect(refusalIn({ state, reason }, known) === null).toBe(acceptsAppends(state));
        }
      }
    }
  });

  it.each([
    ['disk-full', { kind: 'disk-full', cause: 'space' }],
    ['quota', { kind: 'disk-full', cause: 'quota' }],
    ['read-only-fs', { kind: 'read-only-fs' }],
    ['permission', { kind: 'permission' }],
    ['stalled', { kind: 'stalled' }],
  ] as const)('read-only(%s) refuses with the kind of its reason', (reason, expected) => {
    expect(refusalIn({ state: 'read-only', reason }, null)).toMatchObject(expected);
  });

  it('read-only repeats the error that put the log there, with its facts', () => {
    expect(refusalIn({ state: 'read-only', reason: 'disk-full' }, cause)).toEqual(cause);
  });

  it('read-only without a cause has an error for every reason, with a message', () => {
    for (const reason of REASONS) expect(refusalIn({ state: 'read-only', reason }, null)?.message).toMatch(/./);
  });

  it.each(REASONS.filter((reason) => reason !== null))('failed(%s) refuses with failed and its reason', (reason) => {
    expect(refusalIn({ state: 'failed', reason }, null)).toMatchObject({ kind: 'failed', reason });
  });

  it('failed tells why and what cures', () => {
    const refusal = refusalIn({ state: 'failed', reason: 'io' }, { kind: 'io', message: 'EIO: i/o error, write' });
    expect(refusal?.message).toContain('EIO: i/o error, write');
    expect(refusal?.message).toContain('recover()');
  });

  it('each refusal is said in words', () => {
    expect(refusalIn({ state: 'failed', reason: null }, null)?.message).toBe('the log is failed (opening); recover() or reopening cures');
    expect(refusalIn({ state: 'failed', reason: 'gone' }, null)?.message).toBe('the log is failed (gone); recover() or reopening cures');
    expect(refusalIn({ state: 'closed', reason: null }, null)?.message).toBe('the log is closed');
  });

  it('opening refuses with failed and the reason opening', () => {
    expect(refusalIn({ state: 'opening', reason: null }, null)).toMatchObject({ kind: 'failed', reason: 'opening' });
  });

  it.each(['closing', 'closed'] as const)('%s refuses with closed, whatever was wrong before', (state) => {
    for (const reason of REASONS) expect(refusalIn({ state, reason }, cause)).toMatchObject({ kind: 'closed' });
  });
});
