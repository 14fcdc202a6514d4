/** Locks: one at a time, in order, given back on every path; and work nobody waits for on the spot. */
import { describe, expect, test } from 'vitest';
import { Background } from './background.js';
import { LockScope } from './lock-scope.js';

describe('LockScope', () => {
  test('runs one at a time, in the order of the calls, and tells of each release outside the lock', async () => {
    const events: string[] = [];
    const lock: LockScope<'test'> = new LockScope('test', () => events.push(`released ${String(lock.isHeld)}`));
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        lock.run(async () => {
          events.push(`in ${name}`);
          await new Promise((resume) => setImmediate(resume));
          events.push(`out ${name}`);
        }),
      ),
    );
    expect(events.filter((event) => !event.startsWith('released'))).toEqual(['in a', 'out a', 'in b', 'out b', 'in c', 'out c']);
    expect(events.filter((event) => event.startsWith('released'))).toHaveLength(3);
    expect(lock.isHeld).toBe(false);
  });

  test('a throw inside gives it back', async () => {
    let released = 0;
    const lock = new LockScope('test', () => {
      released += 1;
    });
    await expect(lock.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(lock.isHeld).toBe(false);
    expect(await lock.run(() => Promise.resolve('next'))).toBe('next');
    expect(released).toBe(2);
  });
});

describe('Background', () => {
  test('idle waits for everything, and for what it set off', async () => {
    const background = new Background(() => undefined);
    const done: string[] = [];
    const work = async (name: string, then?: () => void): Promise<void> => {
      await new Promise((resume) => setImmediate(resume));
      done.push(name);
      then?.();
    };
    background.run(work('a', () => background.run(work('b', () => background.run(work('c'))))));
    expect(background.count).toBe(1);
    await background.idle();
    expect(done).toEqual(['a', 'b', 'c']);
    expect(background.count).toBe(0);
  });

  test('a rejection is reported and escapes nowhere; what may never end is not waited for', async () => {
    const bugs: unknown[] = [];
    const background = new Background((bug) => bugs.push(bug));
    background.run(Promise.reject(new Error('one')));
    background.later(Promise.reject(new Error('two')));
    background.later(new Promise(() => undefined));
    await background.idle();
    await new Promise((resume) => setImmediate(resume));
    expect(bugs.map(String)).toEqual(['Error: one', 'Error: two']);
  });
});
