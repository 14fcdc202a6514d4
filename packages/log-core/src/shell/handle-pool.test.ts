/** The counted pool of handles: shared for reading, bounded, evicted, and all of it given back. */
import { err, ok } from 'neverthrow';
import { describe, expect, test } from 'vitest';
import type { IoFailure, IoSymbol } from '../model/io-failure.js';
import type { FileHandle, FileSystem, OpenMode } from '../ports/file-system.js';
import { Background } from './background.js';
import { HandlePool, OWN_HANDLES_MAX } from './handle-pool.js';

const failure = (symbol: IoSymbol): IoFailure => ({ symbol, errno: -1, code: 'E', operation: 'open', path: '/f', position: null, message: 'no' });

/** A disk of which only opening and closing is asked. */
function countingDisk(): { fs: FileSystem; opened: string[]; open: Set<string>; failNext: IoSymbol[]; hold: (() => void)[]; holding: { on: boolean } } {
  const opened: string[] = [];
  const open = new Set<string>();
  const failNext: IoSymbol[] = [];
  const hold: (() => void)[] = [];
  const holding = { on: false };
  let count = 0;
  const fs = {
    async open(path: string, mode: OpenMode) {
      if (holding.on) await new Promise<void>((resume) => hold.push(resume));
      const symbol = failNext.shift();
      if (symbol !== undefined) return err(failure(symbol));
      count += 1;
      const id = `${path}#${count}`;
      opened.push(`${mode} ${path}`);
      open.add(id);
      const handle = {
        path,
        close: () => {
          open.delete(id);
          return Promise.resolve(ok(undefined));
        },
      };
      return ok(handle as unknown as FileHandle);
    },
  };
  return { fs: fs as unknown as FileSystem, opened, open, failNext, hold, holding };
}

function newPool(readers = 2): ReturnType<typeof countingDisk> & { pool: HandlePool; background: Background } {
  const disk = countingDisk();
  const background = new Background((bug) => {
    throw bug;
  });
  return { ...disk, background, pool: new HandlePool(disk.fs, OWN_HANDLES_MAX + readers, background) };
}

describe('HandlePool', () => {
  test('readers of one file share a handle, which stays open while idle', async () => {
    const { pool, opened } = newPool();
    const [a, b] = await Promise.all([pool.borrow('/a'), pool.borrow('/a')]);
    const c = await pool.borrow('/a');
    for (const each of [a, b, c]) each._unsafeUnwrap().release();
    await pool.borrow('/a').then((each) => each._unsafeUnwrap().release());
    // Two that came at the same moment may have opened it twice.
    expect(opened.length).toBeLessThanOrEqual(2);
    expect(pool.open).toBeGreaterThan(0);
  });

  test('open ≤ max: the least recently used idle handle goes when another is needed, and whoever finds none waits', async () => {
    const { pool, open, background } = newPool(2);
    for (const path of ['/a', '/b', '/a', '/c', '/d']) {
      (await pool.borrow(path))._unsafeUnwrap().release();
      await background.idle();
      expect(pool.open).toBeLessThanOrEqual(2);
      expect(open.size).toBe(pool.open);
    }
    const held = [(await pool.borrow('/x'))._unsafeUnwrap(), (await pool.borrow('/y'))._unsafeUnwrap()];
    const waiting = pool.borrow('/z');
    let got = false;
    const seen = waiting.then(() => {
      got = true;
    });
    await new Promise((resume) => setImmediate(resume));
    expect(got).toBe(false);
    expect(pool.open).toBe(2);
    held[0]!.release();
    await seen;
    expect(pool.open).toBeLessThanOrEqual(2);
    held[1]!.release();
    (await waiting)._unsafeUnwrap().release();
  });

  test('own handles never wait', async () => {
    const { pool } = newPool(1);
    const reader = (await pool.borrow('/r'))._unsafeUnwrap();
    const own = await Promise.all(Array.from({ length: OWN_HANDLES_MAX }, (_, i) => pool.openOwn(`/own${i}`, 'write')));
    expect(pool.open).toBe(pool.max);
    for (const each of own) await pool.close(each._unsafeUnwrap());
    reader.release();
    expect(pool.open).toBe(1);
  });

  test('releasing twice counts once', async () => {
    const { pool, background } = newPool(1);
    const first = (await pool.borrow('/a'))._unsafeUnwrap();
    const second = (await pool.borrow('/a'))._unsafeUnwrap();
    first.release();
    first.release();
    pool.invalidate('/a');
    await background.idle();
    // The second still reads from it.
    expect(pool.open).toBe(1);
    second.release();
    await background.idle();
    expect(pool.open).toBe(0);
  });

  test('no descriptor left: every idle handle goes and it is tried once more', async () => {
    const { pool, failNext, opened, background } = newPool(4);
    for (const path of ['/a', '/b', '/c']) (await pool.borrow(path))._unsafeUnwrap().release();
    failNext.push('fd-exhausted');
    const handle = (await pool.openOwn('/new', 'create'))._unsafeUnwrap();
    await background.idle();
    expect(pool.open).toBe(1);
    expect(opened.at(-1)).toBe('create /new');
    await pool.close(handle);
    failNext.push('fd-exhausted', 'fd-exhausted');
    expect((await pool.openOwn('/new', 'create'))._unsafeUnwrapErr().symbol).toBe('fd-exhausted');
    failNext.push('io');
    expect((await pool.borrow('/a'))._unsafeUnwrapErr().symbol).toBe('io');
    expect(pool.open).toBe(0);
  });

  test('a name that stands for another file: who reads finishes with the old one, who comes gets the new one', async () => {
    const { pool, opened, background } = newPool(3);
    const old = (await pool.borrow('/a'))._unsafeUnwrap();
    pool.invalidate('/a');
    const fresh = (await pool.borrow('/a'))._unsafeUnwrap();
    expect(fresh.handle).not.toBe(old.handle);
    expect(opened).toEqual(['read /a', 'read /a']);
    old.release();
    fresh.release();
    await background.idle();
    expect(pool.open).toBe(1);
  });

  test('a name that changes while it is opened is not kept', async () => {
    const { pool, holding, hold, background } = newPool(3);
    holding.on = true;
    const opening = pool.borrow('/a');
    await new Promise((resume) => setImmediate(resume));
    pool.invalidate('/a');
    holding.on = false;
    hold.shift()!();
    const first = (await opening)._unsafeUnwrap();
    const second = (await pool.borrow('/a'))._unsafeUnwrap();
    expect(second.handle).not.toBe(first.handle);
    first.release();
    second.release();
    await background.idle();
    expect(pool.open).toBe(1);
  });

  test('shut waits for the last reader, and lends nothing any more', async () => {
    const { pool, open } = newPool(2);
    const held = (await pool.borrow('/a'))._unsafeUnwrap();
    (await pool.borrow('/b'))._unsafeUnwrap().release();
    let isShut = false;
    const shut = pool.shut().then(() => {
      isShut = true;
    });
    await new Promise((resume) => setImmediate(resume));
    expect(isShut).toBe(false);
    expect((await pool.borrow('/c')).isErr()).toBe(true);
    held.release();
    await shut;
    expect(pool.open).toBe(0);
    expect(open.size).toBe(0);
  });
});
