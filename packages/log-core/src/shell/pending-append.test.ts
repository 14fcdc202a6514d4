/** What an append answers with is a `ResultAsync` and behaves as a native promise does, however it is asked. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import { ok, ResultAsync, type Result } from 'neverthrow';
import { describe, expect, test } from 'vitest';
import type { AppendResult } from '../model/api.js';
import type { AppendError } from '../model/errors.js';
import { PendingAppend } from './pending-append.js';

type Settled = Result<AppendResult, AppendError>;

const RESULT: Settled = ok({ baseOffset: 7, lastOffset: 7, timestamp: 1 });

const pending = (): { append: PendingAppend; result: ResultAsync<AppendResult, AppendError> } => {
  const append = new PendingAppend(0, 1, 1);
  return { append, result: append.result };
};

/** Runs what nobody waits for; a test that fails in it is seen by what it did not do. */
const aside = (work: () => Promise<void>): void => {
  work().catch(() => undefined);
};

const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 8; i += 1) await Promise.resolve();
};

describe('PendingAppend', () => {
  test.each<[string, (result: ResultAsync<AppendResult, AppendError>) => Promise<unknown>]>([
    ['await', async (result) => (await result).isOk()],
    ['await, three times at once', async (result) => (await Promise.all([result, result, result])).every((each) => each === RESULT)],
    ['Promise.race', async (result) => (await Promise.race([result])) === RESULT],
    ['map', async (result) => (await result.map(({ baseOffset }) => baseOffset === 7)).unwrapOr(false)],
    ['andThen', async (result) => (await result.andThen(({ baseOffset }) => ok(baseOffset === 7))).unwrapOr(false)],
    ['match', (result) => result.match(({ baseOffset }) => baseOffset === 7, () => false)],
    ['then', async (result) => result.then((settled) => settled === RESULT)],
    ['await, then map', async (result) => (await result) === RESULT && (await result.map(() => true)).unwrapOr(false)],
    ['combine', async (result) => (await ResultAsync.combine([result, result])).isOk()],
  ])('%s gets the result, asked before it is there and after', async (_how, ask) => {
    const before = pending();
    const asked = ask(before.result);
    before.append.settle(RESULT);
    expect(await asked).toBe(true);
    expect(await ask(before.result)).toBe(true);
  });

  test('stays pending until it is settled', async () => {
    const { append, result } = pending();
    const seen: string[] = [];
    aside(async () => {
      await result.then(() => seen.push('then'));
    });
    aside(async () => {
      if ((await result).isOk()) seen.push('await');
    });
    await microtasks();
    expect(seen).toEqual([]);
    append.settle(RESULT);
    await microtasks();
    expect(seen.sort()).toEqual(['await', 'then']);
  });

  test('awaits are resumed in the order in which they were settled', async () => {
    const order: number[] = [];
    const appends = [0, 1, 2].map((number) => {
      const { append, result } = pending();
      aside(async () => {
        if ((await result).isOk()) order.push(number);
      });
      return append;
    });
    await microtasks();
    for (const append of [...appends].reverse()) append.settle(RESULT);
    await microtasks();
    expect(order).toEqual([2, 1, 0]);
  });

  test.each(['a function', 'a bound function'])('nothing of the user\'s runs while it is settled: %s', async (what) => {
    const { append, result } = pending();
    let ran = false;
    const callback = (_settled: Settled): void => {
      ran = true;
    };
    aside(async () => {
      await result.then(what === 'a function' ? callback : callback.bind(null));
    });
    append.settle(RESULT);
    expect(ran).toBe(false);
    await microtasks();
    expect(ran).toBe(true);
  });

  test('what a callback throws is its own chain\'s', async () => {
    const { append, result } = pending();
    const thrown = Promise.resolve(
      result.then(() => {
        throw new Error('mine');
      }),
    );
    expect(() => append.settle(RESULT)).not.toThrow();
    await expect(thrown).rejects.toThrow('mine');
  });

  test('is a ResultAsync, and a promise that `await` takes as it is', () => {
    const { result } = pending();
    expect(result).toBeInstanceOf(ResultAsync);
    expect(types.isPromise(result)).toBe(true);
    expect(Promise.resolve(result)).toBe(result);
  });

  test('a chain behind the function that resolves another promise gets nothing, once that was called', async () => {
    const { append, result } = pending();
    let resolved: unknown = 'not yet';
    const outer = new Promise<Settled>((resolve) => {
      aside(async () => {
        resolved = await result.then(resolve).then((nothing) => nothing);
      });
    });
    await microtasks();
    expect(resolved).toBe('not yet');
    append.settle(RESULT);
    expect(await outer).toBe(RESULT);
    await microtasks();
    expect(resolved).toBeUndefined();
  });

  test.each<[string, (result: ResultAsync<AppendResult, AppendError>, look: () => void) => Promise<unknown>]>([
    ['await', async (result, look) => (await result).map(look)],
    ['map', async (result, look) => (await result.map(look)).isOk()],
    ['then', async (result, look) => result.then(look)],
  ])('%s goes on in the asynchronous context it was asked in', async (_how, ask) => {
    const storage = new AsyncLocalStorage<string>();
    const { append, result } = pending();
    let seen: string | undefined;
    const asked = storage.run('asker', () => ask(result, () => (seen = storage.getStore())));
    await storage.run('settler', async () => {
      await microtasks();
      append.settle(RESULT);
    });
    await asked;
    expect(seen).toBe('asker');
  });
});
