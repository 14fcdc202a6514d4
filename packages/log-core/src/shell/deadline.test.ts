/** The watchdog: every guarded call settles in time, and its late answer is not lost. */
import { err, ok, type Result } from 'neverthrow';
import { describe, expect, test } from 'vitest';
import type { IoFailure } from '../model/io-failure.js';
import { SimulatedClock } from '../testing/simulated-clock.js';
import { Deadline } from './deadline.js';

const WHAT = { operation: 'write', path: '/log/a', position: 5 } as const;
const FAILURE: IoFailure = { symbol: 'io', errno: -5, code: 'EIO', operation: 'write', path: '/log/a', position: 5, message: 'EIO' };

/** A call that answers when it is told to. */
function call<T>(): { promise: Promise<Result<T, IoFailure>>; answer: (result: Result<T, IoFailure>) => void } {
  let answer: (result: Result<T, IoFailure>) => void = () => undefined;
  const promise = new Promise<Result<T, IoFailure>>((resolve) => {
    answer = resolve;
  });
  return { promise, answer };
}

describe('Deadline', () => {
  test('an answer in time is passed on, success or failure, and no timer stays', async () => {
    const clock = new SimulatedClock();
    const deadline = new Deadline(clock, 100);
    const good = call<number>();
    const bad = call<number>();
    const guarded = [deadline.guard(() => good.promise, WHAT), deadline.guard(() => bad.promise, WHAT)];
    await clock.advance(99);
    good.answer(ok(7));
    bad.answer(err(FAILURE));
    expect((await guarded[0]!)._unsafeUnwrap()).toBe(7);
    expect((await guarded[1]!)._unsafeUnwrapErr()).toBe(FAILURE);
    expect(deadline.stuckCalls).toBe(0);
    deadline.dispose();
    expect(clock.pendingTimers).toBe(0);
  });

  test('no answer in time: stalled with the facts of the call, each at its own time', async () => {
    const clock = new SimulatedClock();
    const deadline = new Deadline(clock, 100);
    const ends: string[] = [];
    const start = (name: string): ReturnType<typeof call<number>> => {
      const each = call<number>();
      deadline.guard(() => each.promise, WHAT).then((result) => ends.push(`${name} ${result.isOk() ? 'ok' : result.error.symbol} at ${clock.monotonic()}`), () => undefined);
      return each;
    };
    start('a');
    await clock.advance(40);
    const b = start('b');
    await clock.advance(30);
    start('c');
    await clock.advance(10);
    b.answer(ok(1));
    await clock.advance(200);
    expect(ends).toEqual(['b ok at 80', 'a stalled at 100', 'c stalled at 170']);
    expect(deadline.stuckCalls).toBe(2);
  });

  test('the late answer can be waited for, and onLate gets what came with it', async () => {
    const clock = new SimulatedClock();
    const deadline = new Deadline(clock, 100);
    const slow = call<string>();
    const late: unknown[] = [];
    const guarded = deadline.guard(() => slow.promise, WHAT, (answer) => late.push(answer));
    await clock.advance(100);
    const failure = (await guarded)._unsafeUnwrapErr();
    expect(failure).toMatchObject({ symbol: 'stalled', code: 'STALLED', errno: 0, ...WHAT });
    const waiting = deadline.lateAnswer(failure)!;
    let answered = false;
    const all = deadline.answered().then(() => {
      answered = true;
    });
    await clock.settle();
    expect(answered).toBe(false);
    slow.answer(ok('at last'));
    expect((await waiting)._unsafeUnwrap()).toBe('at last');
    await all;
    expect(late).toEqual([ok('at last')]);
    expect(deadline.stuckCalls).toBe(0);
    expect(deadline.lateAnswer(FAILURE)).toBeNull();
  });

  test('the timer is not given back while a call is out', async () => {
    const clock = new SimulatedClock();
    const deadline = new Deadline(clock, 100);
    const slow = call<number>();
    const guarded = deadline.guard(() => slow.promise, WHAT);
    deadline.dispose();
    await clock.advance(100);
    expect((await guarded).isErr()).toBe(true);
    deadline.dispose();
    expect(clock.pendingTimers).toBe(0);
  });

  test('0 turns it off', async () => {
    const clock = new SimulatedClock();
    const deadline = new Deadline(clock, 0);
    const slow = call<number>();
    const guarded = deadline.guard(() => slow.promise, WHAT);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(1e9);
    slow.answer(ok(3));
    expect((await guarded)._unsafeUnwrap()).toBe(3);
  });

  test('EAGAIN is tried again, and passed on where it does not end; a port that throws or rejects has failed', async () => {
    const deadline = new Deadline(new SimulatedClock(), 100);
    const again = { ...FAILURE, symbol: 'again' } as const;
    let tries = 0;
    const afterwards = await deadline.guard(() => Promise.resolve((tries += 1) < 5 ? err(again) : ok(tries)), WHAT);
    expect(afterwards._unsafeUnwrap()).toBe(5);
    tries = 0;
    const never = await deadline.guard(() => Promise.resolve(((tries += 1), err(again))), WHAT);
    expect([never._unsafeUnwrapErr(), tries]).toEqual([again, 1_000]);
    const throwing = (): never => {
      throw new Error('no');
    };
    for (const call of [throwing, () => Promise.reject(new Error('no'))]) {
      expect((await deadline.guard(call, WHAT))._unsafeUnwrapErr()).toMatchObject({ ...WHAT, symbol: 'other', code: 'THROWN' });
    }
    expect(deadline.stuckCalls).toBe(0);
  });

  test('thousands of calls share one timer', async () => {
    const clock = new SimulatedClock();
    const deadline = new Deadline(clock, 100);
    const calls = Array.from({ length: 5_000 }, () => call<number>());
    const guarded = calls.map((each) => deadline.guard(() => each.promise, WHAT));
    expect(clock.pendingTimers).toBe(1);
    for (const each of calls) each.answer(ok(1));
    for (const result of await Promise.all(guarded)) expect(result.isOk()).toBe(true);
    await clock.advance(100);
    deadline.dispose();
    expect(clock.pendingTimers).toBe(0);
  });
});
