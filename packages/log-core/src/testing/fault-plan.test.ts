import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultSchedule, type FaultEffect, type FaultPlan, type FaultRule } from './fault-plan.js';
import { parsePlan, printPlan } from './fault-plan-text.js';
import { IO_SYMBOLS } from './simulated-failure.js';

const write = (path = '/log/0.log'): readonly ['write', string] => ['write', path];
const noSpace: FaultEffect = { kind: 'fail', symbol: 'no-space' };

/** Which of `count` equal calls a plan takes effect on. */
function hits(plan: FaultPlan, count: number): number[] {
  const schedule = new FaultSchedule(plan);
  return Array.from({ length: count }, (_, index) => index + 1).filter((call) => schedule.effectOn(call, ...write()) !== null);
}

describe('FaultSchedule', () => {
  it.each<[string, Partial<FaultRule>, number[]]>([
    ['the first matching call', {}, [1]],
    ['the n-th matching call', { nth: 3 }, [3]],
    ['several from there on', { nth: 2, times: 3 }, [2, 3, 4]],
    ['all from there on', { nth: 4, times: 'sticky' }, [4, 5, 6]],
    ['a call by its number', { call: 5 }, [5]],
    ['all calls from a number on', { call: 5, times: 'sticky' }, [5, 6]],
  ])('takes effect on %s', (_name, part, expected) => {
    expect(hits([{ on: ['write'], effect: noSpace, ...part }], 6)).toEqual(expected);
  });

  it('counts only calls of its operations whose path has its ending', () => {
    const schedule = new FaultSchedule([{ on: ['write', 'dsync-write'], path: '.log', nth: 2, effect: noSpace }]);
    expect(schedule.effectOn(1, 'write', '/a.log')).toBeNull();
    expect(schedule.effectOn(2, 'write', '/a.index')).toBeNull();
    expect(schedule.effectOn(3, 'read', '/a.log')).toBeNull();
    expect(schedule.effectOn(4, 'dsync-write', '/a.log')).toEqual(noSpace);
  });

  it('tells the error a short count hid at the next matching call', () => {
    const schedule = new FaultSchedule([{ on: ['write'], effect: { kind: 'short', bytes: 7, then: 'no-space' } }]);
    expect(schedule.effectOn(1, ...write())).toMatchObject({ kind: 'short', bytes: 7 });
    expect(schedule.effectOn(2, ...write())).toEqual(noSpace);
    expect(schedule.effectOn(3, ...write())).toBeNull();
  });

  it('arms a rule by another one, from the next call on', () => {
    const plan: FaultPlan = [
      { on: ['sync'], nth: 2, effect: { kind: 'fail', symbol: 'io' } },
      { on: '*', after: 0, times: 'sticky', effect: noSpace },
    ];
    const schedule = new FaultSchedule(plan);
    const kinds = (['write', 'sync', 'sync', 'read', 'sync'] as const).map((operation, index) => schedule.effectOn(index + 1, operation, '/f'));
    expect(kinds.map((effect) => (effect?.kind === 'fail' ? effect.symbol : null))).toEqual([null, null, 'io', 'no-space', 'no-space']);
    expect(schedule.fired.map(({ call, rule }) => [call, plan.indexOf(rule)])).toEqual([[3, 0], [4, 1], [5, 1]]);
  });

  it('lets the first of several rules take effect, while all of them count', () => {
    const schedule = new FaultSchedule([
      { on: ['write'], nth: 1, effect: { kind: 'fail', symbol: 'again' } },
      { on: ['write'], nth: 2, effect: noSpace },
    ]);
    expect(schedule.effectOn(1, ...write())).toEqual({ kind: 'fail', symbol: 'again' });
    expect(schedule.effectOn(2, ...write())).toEqual(noSpace);
  });
});

const symbol = fc.constantFrom(...IO_SYMBOLS);
const small = fc.nat(100_000);
const effect: fc.Arbitrary<FaultEffect> = fc.oneof(
  fc.record({ kind: fc.constantFrom('fail' as const, 'done-then-fail' as const), symbol }),
  fc.record({ kind: fc.constant('short' as const), bytes: small, then: symbol }, { requiredKeys: ['kind', 'bytes'] }),
  fc.record({ kind: fc.constant('fail-sync' as const), flavour: fc.constantFrom('drop' as const, 'poison' as const, 'false-failure' as const), symbol }),
  fc.record({ kind: fc.constantFrom('flip' as const, 'rot' as const), bit: small }),
  fc.record({ kind: fc.constant('late' as const), work: fc.constantFrom('first' as const, 'last' as const) }),
  fc.record({ kind: fc.constant('handles' as const), max: small }),
  fc.record({ kind: fc.constantFrom('lie' as const, 'hang' as const, 'read-only' as const, 'halt' as const, 'done-then-halt' as const) }),
);
const rule: fc.Arbitrary<FaultRule> = fc.record(
  {
    on: fc.oneof(fc.constant('*' as const), fc.uniqueArray(fc.constantFrom('write' as const, 'dsync-write' as const, 'sync-directory' as const, 'mkdir' as const), { minLength: 1 })),
    path: fc.string({ unit: 'grapheme' }),
    after: fc.nat(3),
    call: small,
    times: fc.oneof(fc.integer({ min: 2, max: 100 }), fc.constant('sticky' as const)),
    effect,
  },
  { requiredKeys: ['on', 'effect'] },
);

describe('printPlan and parsePlan', () => {
  it('always give a plan back', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), (plan) => {
        expect(parsePlan(printPlan(plan))._unsafeUnwrap()).toEqual(plan);
      }),
    );
  });

  it('print half a character of a path as U+FFFD, and do not read one', () => {
    const rule: FaultRule = { on: ['sync'], path: 'a\udc00', effect: { kind: 'hang' } };
    expect(printPlan([rule])).toBe('sync(a%EF%BF%BD)@1 hang');
    expect(parsePlan('sync(a\udc00)@1 hang')._unsafeUnwrapErr()).toContain('not escaped');
  });

  it('read x1 as once, and no number that could not be printed again', () => {
    expect(parsePlan('sync@1x1 hang')._unsafeUnwrap()).toEqual([{ on: ['sync'], effect: { kind: 'hang' } }]);
    for (const text of [`sync@${'9'.repeat(16)} hang`, `sync@1x${'9'.repeat(16)} hang`, `sync>${'9'.repeat(16)}@1 hang`, `read@1 flip(${'9'.repeat(16)})`]) {
      expect(parsePlan(text).isErr(), text).toBe(true);
    }
  });

  it.each([
    'write(.log)@3 short(100,no-space); sync@2+ fail-sync(poison,io)',
    '*@#17 hang; read|write>0@1x3 fail(again)',
    'create@2 handles(5); rename@1 done-then-fail(no-space); close@1 lie; sync@4 late(first)',
  ])('keep the short form %s', (text) => {
    expect(printPlan(parsePlan(text)._unsafeUnwrap())).toBe(text);
  });

  it.each(['wirte@1 hang', 'write hang', 'write@1 explode', 'write@1 fail', 'write@1 fail(nospace)', 'sync@1 fail-sync(drop)', 'read@1 flip(x)', 'read(%E0)@1 hang'])(
    'say what is wrong with %s',
    (text) => {
      expect(parsePlan(`sync@1 hang; ${text}`)._unsafeUnwrapErr()).toContain(`'${text}'`);
    },
  );
});
