/** A reader beside the writer: bounded by the watermark, following over rolls, deletions, restarts and kills; it writes nothing. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fastestCrc32c } from '../../src/adapters/node/native-crc32c.js';
import { decodeWatermark, encodeWatermark, WATERMARK_BYTES } from '../../src/codec/watermark.js';
import { MessageLog, type LogReader, type ReaderOptions, type Timer } from '../../src/index.js';
import { crashCopy } from '../support/broken-log.js';
import { builtLibrary } from '../support/built-library.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { expectSound, nextOf, recordsOf, text, valuesOf } from '../support/log-content.js';
import { MovableClock } from '../support/movable-clock.js';
import { must, mustFail, openLog, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';
import { valueOf } from '../support/told-values.mjs';

const crc32c = fastestCrc32c();
const CHILD = resolve(import.meta.dirname, '../support/appending-child.mjs');

async function openReader(dir: string, options: ReaderOptions = {}): Promise<LogReader> {
  const reader = must(await MessageLog.openReader(dir, options));
  onTestFinished(async () => {
    await reader[Symbol.asyncDispose]();
  });
  return reader;
}

/** Follows in the background and collects values. */
function follow(reader: LogReader, from = 0): { readonly values: string[]; readonly errors: unknown[]; readonly ended: Promise<void> } {
  const values: string[] = [];
  const errors: unknown[] = [];
  const ended = (async () => {
    for await (const record of reader.records({ from, follow: true })) {
      if (record.isOk()) values.push(String(text(record.value.value)));
      else errors.push(record.error);
    }
  })();
  return { values, errors, ended };
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

/** Changes the watermark file as a writer of another time would have left it. */
function rewriteWatermark(dir: string, change: Partial<Parameters<typeof encodeWatermark>[0]>): void {
  const file = join(dir, 'brimlog.watermark');
  const watermark = decodeWatermark(readFileSync(file), crc32c)!;
  const bytes = new Uint8Array(WATERMARK_BYTES);
  encodeWatermark({ ...watermark, ...change }, bytes, crc32c);
  writeFileSync(file, bytes);
}

/** Gives some files the identity of others. */
class RenumberedDisk extends FaultyDisk {
  readonly renumbered = new Map<string, string>();

  override async stat(path: string): ReturnType<FaultyDisk['stat']> {
    const facts = await super.stat(path);
    return facts.map((told) => ({ ...told, identity: this.renumbered.get(path) ?? told.identity }));
  }
}

/** Counts the timers that keep the process alive. */
class CountingClock extends MovableClock {
  keepingAlive = 0;

  override setTimer(delay: number, callback: () => void, keepAlive = false): Timer {
    if (!keepAlive) return super.setTimer(delay, callback, keepAlive);
    let isOut = true;
    const end = (): void => {
      if (isOut) this.keepingAlive -= 1;
      isOut = false;
    };
    this.keepingAlive += 1;
    const timer = super.setTimer(delay, () => {
      end();
      callback();
    }, true);
    return {
      cancel: () => {
        end();
        timer.cancel();
      },
    };
  }
}

/** Names, sizes and modification times: what a reader must not change. */
function stamps(dir: string): string[] {
  return readdirSync(dir).map((name) => {
    const { size, mtimeNs, ino } = statSync(join(dir, name), { bigint: true });
    return `${name} ${size} ${mtimeNs} ${ino}`;
  });
}

describe('openReader', () => {
  test('where there is no log: not-found at once, and nothing is made', async () => {
    const dir = scratchDirectory();
    expect(mustFail(await MessageLog.openReader(join(dir, 'missing')), 'not-found').path).toBe(join(dir, 'missing'));
    mustFail(await MessageLog.openReader(dir), 'not-found');
    expect(readdirSync(dir)).toEqual([]);
    writeFileSync(join(dir, 'file'), '');
    mustFail(await MessageLog.openReader(join(dir, 'file')), 'invalid-argument');
    mustFail(await MessageLog.openReader(join(dir, 'file', 'below')), 'invalid-argument');
  });

  test.each<[string, unknown]>([['no object', 5], ['an unknown name', { follow: true }], ['waitForLog as text', { waitForLog: 'yes' }], ['a signal that is none', { signal: 5 }], ['too few handles', { handlesMax: 0 }], ['a file system that is none', { fileSystem: {} }]])(
    '%s as options: invalid-options',
    async (_name, options) => {
      mustFail(await MessageLog.openReader(scratchDirectory(), options as ReaderOptions), 'invalid-options');
    },
  );

  test.each(['removed', 'emptied', 'moved away'])('a log that is %s: whoever follows or reads is told gone, and nothing is held', async (what) => {
    const dir = join(scratchDirectory(), 'log');
    const log = await openLog(dir, SMALL);
    must(await log.append(['a', 'b']));
    const reader = await openReader(dir);
    const { values, errors, ended } = follow(reader);
    await expect.poll(() => values).toEqual(['a', 'b']);
    if (what === 'removed') rmSync(dir, { recursive: true });
    else if (what === 'moved away') renameSync(dir, `${dir}-elsewhere`);
    else for (const name of readdirSync(dir)) rmSync(join(dir, name));
    await ended;
    expect(errors).toMatchObject([{ kind: 'gone' }]);
    mustFail(await reader.read({ from: 0 }), 'gone');
    mustFail(await reader.verify(), 'gone');
    must(await reader.close());
    expect(reader.status().handles.open).toBe(0);
  });

  test('waitForLog waits until the log is there, and until it is aborted', async () => {
    const dir = join(scratchDirectory(), 'later');
    const opening = MessageLog.openReader(dir, { waitForLog: true });
    await new Promise((resume) => setTimeout(resume, 150));
    const log = await openLog(dir);
    must(await log.append('x'));
    const reader = must(await opening);
    await expect.poll(async () => valuesOf(reader)).toEqual(['x']);
    must(await reader.close());
    const abort = new AbortController();
    const waiting = MessageLog.openReader(join(dir, 'never'), { waitForLog: true, signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    mustFail(await waiting, 'aborted');
    mustFail(await MessageLog.openReader(dir, { signal: AbortSignal.abort() }), 'aborted');
  });

  test('a closed log is read whole, by many readers, and none of them changes a thing', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    for (let i = 0; i < 30; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.'), { ack: 'written' }));
    must(await log.close());
    const before = stamps(dir);
    const readers = await Promise.all(Array.from({ length: 5 }, () => openReader(dir)));
    for (const reader of readers) {
      expect(reader.status()).toMatchObject({ state: 'read-only', logStartOffset: 0, highWatermark: 30, recoveryPoint: 30, segments: 5 });
      await expectSound(reader, 30);
      must(await reader.close());
      expect(reader.status()).toMatchObject({ state: 'closed', handles: { open: 0 } });
      mustFail(await reader.read({ from: 0 }), 'closed');
    }
    expect(stamps(dir)).toEqual(before);
  });

  test('a reader asked to write says read-only, whatever it is asked; closed as well', async () => {
    const dir = scratchDirectory();
    must(await (await openLog(dir)).close());
    const reader = await openReader(dir);
    expect(mustFail(await reader.append('x'), 'read-only').outcome).toBe('not-appended');
    mustFail(await reader.consumer('c').commit(0), 'read-only');
    must(await reader.close());
    must(await reader.close());
    expect((await reader.append('x')).isErr()).toBe(true);
    const iteration = reader.records({ from: 0, follow: true });
    mustFail(await nextOf(iteration), 'closed');
  });
});

describe('what a reader may see', () => {
  test('ends at the high watermark: what is only written as well; flushed at the recovery point', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir, { ...SMALL, ack: 'written', flushIntervalMs: 60_000 });
    must(await log.append(['a', 'b']));
    must(await log.flush());
    must(await log.append('c'));
    const reader = await openReader(dir);
    await expect.poll(async () => valuesOf(reader, 0)).toEqual(['a', 'b', 'c']);
    const flushed = must(await reader.read({ from: 0, isolation: 'flushed' }));
    expect([...flushed.records].map((record) => text(record.value))).toEqual(['a', 'b']);
    expect(mustFail(await reader.read({ from: 4 }), 'offset-out-of-range')).toMatchObject({ highWatermark: 3 });
  });

  test('never goes beyond what was acknowledged, though the bytes are in the file', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir, { ...SMALL, ack: 'written', flushIntervalMs: 60_000 });
    must(await log.append(numbers(0, 5)));
    must(await log.append(numbers(5, 10)));
    await expect.poll(() => decodeWatermark(readFileSync(join(dir, 'brimlog.watermark')), crc32c)?.highWatermark).toBe(10);
    const copy = crashCopy(dir, join(scratchDirectory(), 'copy'));
    rewriteWatermark(copy, { highWatermark: 5, recoveryPoint: 5 });
    expect(await valuesOf(await openReader(copy))).toEqual(numbers(0, 5));
  });

  test.each<[string, (dir: string) => void]>([
    ['of another boot', (dir) => rewriteWatermark(dir, { bootId: 'another-kernel' })],
    ['missing', (dir) => rmSync(join(dir, 'brimlog.watermark'))],
    ['empty', (dir) => writeFileSync(join(dir, 'brimlog.watermark'), '')],
    ['garbage', (dir) => writeFileSync(join(dir, 'brimlog.watermark'), Buffer.alloc(WATERMARK_BYTES, 7))],
    ['a directory', (dir) => { rmSync(join(dir, 'brimlog.watermark')); mkdirSync(join(dir, 'brimlog.watermark')); }],
  ])('with a watermark that is %s: the checkpoint’s recovery point', async (_name, change) => {
    const parent = scratchDirectory();
    const log = await openLog(join(parent, 'log'), { ...SMALL, ack: 'written', flushIntervalMs: 60_000 });
    must(await log.append(numbers(0, 4)));
    must(await log.deleteBefore(1));
    must(await log.append(numbers(4, 8)));
    await expect.poll(() => decodeWatermark(readFileSync(join(parent, 'log', 'brimlog.watermark')), crc32c)?.highWatermark).toBe(8);
    crashCopy(join(parent, 'log'), join(parent, 'copy'));
    change(join(parent, 'copy'));
    const reader = await openReader(join(parent, 'copy'));
    expect(reader.status()).toMatchObject({ logStartOffset: 1, highWatermark: 4, recoveryPoint: 4 });
    expect(await valuesOf(reader)).toEqual(numbers(1, 4));
  });

  test('damage is corruption with its place; behind it reading goes on', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    for (let i = 0; i < 6; i += 1) must(await log.append(`${i}`));
    must(await log.close());
    const file = join(dir, '00000000000000000000.log');
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(file, bytes);
    const reader = await openReader(dir);
    const error = mustFail(await reader.read({ from: 3 }), 'corruption');
    expect(error).toMatchObject({ file, fromOffset: 3, nextOffset: 4 });
    expect(await valuesOf(reader, error.nextOffset)).toEqual(['4', '5']);
    expect(must(await reader.verify()).problems).toMatchObject([{ offset: 3 }]);
  });
});

describe('following', () => {
  test('sees every record in order, over rolls, while the writer is at work', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    const reader = await openReader(dir);
    const { values, errors, ended } = follow(reader);
    for (let i = 0; i < 60; i += 1) must(await log.append(`${i}`.padEnd(4_000, '.')));
    await expect.poll(() => values.length).toBe(60);
    expect(values.map((value) => Number.parseInt(value, 10))).toEqual(Array.from({ length: 60 }, (_, i) => i));
    must(await reader.close());
    await ended;
    expect(errors).toEqual([]);
    expect(reader.status().handles.open).toBe(0);
  });

  test('goes on over a clean restart of the writer, and over its absence', async () => {
    const dir = scratchDirectory();
    let log = await openLog(dir);
    must(await log.append(numbers(0, 3)));
    const reader = await openReader(dir);
    const { values, errors } = follow(reader);
    await expect.poll(() => values.length).toBe(3);
    for (let round = 1; round <= 4; round += 1) {
      must(await log.close());
      await new Promise((resume) => setTimeout(resume, 20));
      log = await openLog(dir);
      must(await log.append(numbers(round * 3, round * 3 + 3)));
      await expect.poll(() => values.length).toBe(round * 3 + 3);
    }
    expect(values).toEqual(numbers(0, 15));
    expect(errors).toEqual([]);
  });

  test('a record appended within a moment of another is not waited for long', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    must(await log.append('0'));
    const reader = await openReader(dir);
    const { values } = follow(reader);
    await expect.poll(() => values.length).toBe(1);
    const delays: number[] = [];
    for (let i = 1; i < 30; i += 1) {
      const at = performance.now();
      must(await log.append(`${i}`));
      while (values.length <= i) await new Promise((resume) => setTimeout(resume, 1));
      delays.push(performance.now() - at);
    }
    delays.sort((a, b) => a - b);
    // Being woken takes a few milliseconds; looking by time alone would take a hundred.
    expect(delays[15]).toBeLessThan(60);
  });

  test('sees the log start move: what was deleted is offset-out-of-range with the valid range', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    for (let i = 0; i < 30; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.'), { ack: 'written' }));
    const reader = await openReader(dir);
    const iteration = reader.records({ from: 0, follow: true });
    await expect.poll(() => reader.read({ from: 29 }).then((read) => read.isOk())).toBe(true);
    expect(must(await nextOf(iteration)).offset).toBe(0);
    must(await log.deleteBefore(21));
    await expect.poll(async () => (await reader.read({ from: 0 })).isErr()).toBe(true);
    expect(mustFail(await reader.read({ from: 0 }), 'offset-out-of-range')).toMatchObject({ logStartOffset: 21, highWatermark: 30 });
    let last = await nextOf(iteration);
    while (last.isOk()) last = await nextOf(iteration);
    expect(last.error).toMatchObject({ kind: 'offset-out-of-range', logStartOffset: 21 });
    expect((await recordsOf(reader)).map((record) => record.offset)).toEqual(Array.from({ length: 9 }, (_, i) => 21 + i));
  });

  test('an aborted signal ends a follower that waits', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    must(await log.append('x'));
    const reader = await openReader(dir);
    const abort = new AbortController();
    const iteration = reader.records({ from: 1, follow: true, signal: abort.signal });
    const next = nextOf(iteration);
    setTimeout(() => abort.abort(), 20);
    mustFail(await next, 'aborted');
    expect(await iteration.next()).toEqual({ done: true, value: undefined });
  });

  test('return() of a follower that waits: its step ends, and no timer keeps the process alive', async () => {
    const dir = scratchDirectory();
    await openLog(dir, SMALL);
    const clock = new CountingClock();
    const reader = await openReader(dir, { clock });
    const follower = reader.records({ from: 0, follow: true });
    const waiting = follower.next();
    await expect.poll(() => clock.keepingAlive).toBe(1);
    await follower.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(clock.keepingAlive).toBe(0);
  });

  test('a segment made anew whose file has the number of one that was deleted is read from its new file', async () => {
    const dir = scratchDirectory();
    const disk = new RenumberedDisk();
    const log = await openLog(dir, SMALL);
    for (const value of numbers(0, 30)) must(await log.append(value.padEnd(10_000, ' ')));
    const reader = await openReader(dir, { fileSystem: disk });
    const seen = (): Promise<string[]> => valuesOf(reader).then((values) => values.map((value) => String(value).trim()));
    await expect.poll(seen).toEqual(numbers(0, 30));
    const [first = '', ...others] = readdirSync(dir).filter((name) => name.endsWith('.log'));
    const { identity } = must(await disk.stat(join(dir, first)));
    must(await log.deleteBefore(Number.parseInt(others[0] ?? '', 10)));
    must(await log.close());
    // As re-homing leaves it: the same name, another file; which got the number of the one that is gone.
    const last = join(dir, others.at(-1) ?? '');
    copyFileSync(last, `${last}.copy`);
    renameSync(`${last}.copy`, last);
    disk.renumbered.set(last, identity);
    const again = await openLog(dir, SMALL);
    must(await again.append('30'));
    await expect.poll(async () => (await seen()).at(-1)).toBe('30');
  });

  test('a segment that cannot be read is an error of its range from wherever in it reading begins, and is read again once it can be', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    for (const value of numbers(0, 20)) must(await log.append(value));
    await expect.poll(async () => (await openReader(dir)).status().highWatermark).toBe(20);
    const disk = new FaultyDisk();
    // The segment is still written to and has no index file: where an offset is has to be read from it.
    const reader = await openReader(dir, { fileSystem: disk });
    const heal = disk.inject({ on: 'read', path: /\.log$/, symbol: 'io' });
    for (const from of [0, 5, 19]) {
      mustFail(await reader.read({ from }), 'io');
      mustFail(await nextOf(reader.records({ from })), 'io');
    }
    mustFail(await reader.verify(), 'io');
    heal();
    expect((await recordsOf(reader, 5)).map(({ offset }) => offset)).toEqual(Array.from({ length: 15 }, (_, i) => 5 + i));
  });

  test('many segments with few handles', async () => {
    const dir = scratchDirectory();
    const clock = new MovableClock();
    const log = await openLog(dir, { ...SMALL, segmentMs: 1_000, clock });
    const reader = await openReader(dir, { handlesMax: 16 });
    const { values } = follow(reader);
    for (let i = 0; i < 100; i += 1) {
      clock.pass(1_000);
      must(await log.append(`${i}`));
      expect(reader.status().handles.open).toBeLessThanOrEqual(16);
    }
    await expect.poll(() => values.length).toBe(100);
    expect(values).toEqual(numbers(0, 100));
  });
});

describe('a writer that is killed', () => {
  test('what a reader was shown never changes, over kills, recoveries and re-homed segments', async () => {
    const library = await builtLibrary();
    const dir = scratchDirectory();
    must(await (await openLog(dir)).close());
    const reader = await openReader(dir);
    const { values, errors } = follow(reader);
    for (let run = 0; run < 6; run += 1) {
      const child = spawn(process.execPath, [CHILD, library, dir, String(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      await new Promise((resume) => child.stdout.once('data', resume));
      child.stdout.resume();
      await new Promise((resume) => setTimeout(resume, 30 + run * 15));
      const gone = new Promise((resume) => child.once('close', resume));
      child.kill('SIGKILL');
      await gone;
    }
    const log = await openLog(dir);
    must(await log.append('the end'));
    await expect.poll(() => values.at(-1), { timeout: 10_000 }).toBe('the end');
    expect(errors).toEqual([]);
    expect(values).toEqual(await valuesOf(log));
    for (const value of values.slice(0, -1)) {
      const [run, number] = value.split('/').map(Number) as [number, number];
      expect(value).toBe(valueOf(run, number));
    }
  });
});
