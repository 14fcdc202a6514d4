/** Reading through the public surface: one read, iteration by records and batches, following, isolation. */
import { closeSync, openSync, writevSync } from 'node:fs';
import { ok, type Result } from 'neverthrow';
import { describe, expect, test, vi } from 'vitest';
import type { FileSystem, FollowOptions, LogRecord, MessageLog, ReadBatch, ReadError } from '../../src/index.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { nextOf, text, valuesOf } from '../support/log-content.js';
import { MovableClock } from '../support/movable-clock.js';
import { must, mustFail, openLog, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';

/** The host's disk, but writes are done, and answered, at once. */
function promptDisk(): FileSystem {
  const host = new FaultyDisk();
  host.onWrite = (path, buffers, position) => {
    const fd = openSync(path, 'r+');
    const written = writevSync(fd, [...buffers], position);
    closeSync(fd);
    return written;
  };
  return host;
}

/** A log of five segments: batches of three records, 3,0xx bytes each, twenty or so batches a segment. */
async function severalSegments(options = {}): Promise<{ log: MessageLog; count: number }> {
  const log = await openLog(scratchDirectory(), { ...SMALL, ...options });
  const count = 300;
  for (let i = 0; i < count; i += 3) must(await log.append([0, 1, 2].map((j) => `${i + j}`.padEnd(1_000, '.')), { ack: 'written' }));
  must(await log.flush());
  expect(log.status().segments).toBe(5);
  return { log, count };
}

const numbers = (records: Iterable<LogRecord>): number[] => [...records].map((record) => Number.parseInt(text(record.value)!, 10));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('read', () => {
  test('every offset can be read from, also inside a batch, also across segments', async () => {
    const { log, count } = await severalSegments();
    for (let from = 0; from < count; from += 1) {
      const { records, nextOffset, highWatermark, bytes } = must(await log.read({ from }));
      const offsets = [...records].map((record) => record.offset);
      expect(offsets).toEqual(range(from, nextOffset));
      expect(highWatermark).toBe(count);
      expect(nextOffset).toBe(count);
      expect(bytes).toBeGreaterThan((count - from) * 1_000);
    }
  });

  test('records say what was appended at their offset', async () => {
    const { log, count } = await severalSegments();
    expect(numbers(must(await log.read({ from: 0 })).records)).toEqual(range(0, count));
    expect(numbers(must(await log.read({ from: 100 })).records)).toEqual(range(100, count));
  });

  test('at the high watermark: nothing, and the same next offset; beyond: offset-out-of-range with the range', async () => {
    const { log, count } = await severalSegments();
    const end = must(await log.read({ from: count }));
    expect({ ...end, records: [...end.records] }).toEqual({ records: [], nextOffset: count, highWatermark: count, bytes: 0 });
    expect(mustFail(await log.read({ from: count + 1 }), 'offset-out-of-range')).toMatchObject({ offset: count + 1, logStartOffset: 0, highWatermark: count });
    mustFail(await log.read({ from: Number.MAX_SAFE_INTEGER }), 'offset-out-of-range');
  });

  test('an empty log reads empty at 0', async () => {
    const log = await openLog(scratchDirectory());
    expect([...must(await log.read({ from: 0 })).records]).toEqual([]);
    mustFail(await log.read({ from: 1 }), 'offset-out-of-range');
  });

  test('bytesMax bounds the batches; one that is larger is given alone', async () => {
    const { log } = await severalSegments();
    const one = must(await log.read({ from: 4, bytesMax: 1 }));
    expect(numbers(one.records)).toEqual([4, 5]);
    expect(one.nextOffset).toBe(6);
    const two = must(await log.read({ from: 3, bytesMax: 2 * one.bytes }));
    expect(numbers(two.records)).toEqual(range(3, 9));
    expect(two.bytes).toBe(2 * one.bytes);
    expect(must(await log.read({ from: 3, bytesMax: 2 * one.bytes - 1 })).nextOffset).toBe(6);
    let from = 0;
    while (from < 300) {
      const some = must(await log.read({ from, bytesMax: 10_000 }));
      expect(some.bytes).toBeLessThanOrEqual(10_000);
      expect(numbers(some.records)).toEqual(range(from, some.nextOffset));
      from = some.nextOffset;
    }
  });

  test('records can be walked twice, late, and after the log is closed', async () => {
    const { log, count } = await severalSegments();
    const { records } = must(await log.read({ from: 0 }));
    const [first] = records;
    must(await log.close());
    expect(numbers(records)).toEqual(range(0, count));
    expect(numbers(records)).toEqual(range(0, count));
    expect(text(first!.value)).toBe('0'.padEnd(1_000, '.'));
  });

  test('views stay as they are while the log goes on and other reads come', async () => {
    const log = await openLog(scratchDirectory());
    const held: LogRecord[] = [];
    for (let i = 0; i < 50; i += 1) {
      must(await log.append(`${i}`.padEnd(5_000, '.')));
      held.push(...must(await log.read({ from: i })).records);
      must(await log.read({ from: 0 }));
    }
    expect(numbers(held)).toEqual(range(0, 50));
  });

  test.each<[string, unknown]>([
    ['nothing', undefined], ['null', null], ['a number', 5], ['no from', {}], ['a negative offset', { from: -1 }], ['a fraction', { from: 0.5 }], ['NaN', { from: NaN }], ['infinity', { from: Infinity }],
    ['an unsafe offset', { from: 2 ** 53 }], ['a text', { from: '0' }], ['a bigint', { from: 0n }], ['bytesMax 0', { from: 0, bytesMax: 0 }], ['a negative bytesMax', { from: 0, bytesMax: -1 }],
    ['bytesMax as text', { from: 0, bytesMax: '1' }], ['an unknown option', { from: 0, to: 5 }], ['an unknown isolation', { from: 0, isolation: 'committed' }], ['a signal that is none', { from: 0, signal: true }],
  ])('%s: invalid-argument', async (_name, options) => {
    const log = await openLog(scratchDirectory());
    mustFail(await log.read(options as never), 'invalid-argument');
    if (typeof options === 'object' && options !== null && 'bytesMax' in options) return;
    for (const iteration of [log.records(options as never), log.batches(options as never)] as AsyncIterator<Result<unknown, ReadError>>[]) {
      mustFail(await nextOf(iteration), 'invalid-argument');
      expect(await iteration.next()).toEqual({ done: true, value: undefined });
    }
  });

  test('an aborted signal: aborted', async () => {
    const log = await openLog(scratchDirectory());
    mustFail(await log.read({ from: 0, signal: AbortSignal.abort() }), 'aborted');
    const iteration = log.records({ from: 0, follow: true, signal: AbortSignal.abort() });
    mustFail(await nextOf(iteration), 'aborted');
    expect((await iteration.next()).done).toBe(true);
  });

  test('many reads at once, of many segments, stay within the handles and are all right', async () => {
    const clock = new MovableClock();
    const dir = scratchDirectory();
    const options = { ...SMALL, handlesMax: 16, segmentMs: 1_000, indexIntervalBytes: 1, clock };
    const writer = await openLog(dir, options);
    const count = 200;
    for (let i = 0; i < count; i += 1) {
      if (i % 5 === 0) clock.pass(1_000);
      must(await writer.append(`${i}`, { ack: 'written' }));
    }
    must(await writer.close());
    const log = await openLog(dir, options);
    expect(log.status().segments).toBe(40);
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, log.status().handles.open)), 0);
    const reads = await Promise.all(range(0, count).map((i) => log.read({ from: (i * 37) % count, bytesMax: 1 })));
    clearInterval(watching);
    for (const [i, result] of reads.entries()) expect(numbers(must(result).records)[0]).toBe((i * 37) % count);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });
});

describe('records and batches', () => {
  test('without follow they end at the high watermark', async () => {
    const { log, count } = await severalSegments();
    const seen: number[] = [];
    for await (const record of log.records({ from: 10 })) seen.push(...numbers([must(record)]));
    expect(seen).toEqual(range(10, count));
    const batches: ReadBatch[] = [];
    for await (const batch of log.batches({ from: 10 })) batches.push(must(batch));
    expect(batches[0]).toMatchObject({ baseOffset: 10, lastOffset: 11 });
    expect(batches[1]).toMatchObject({ baseOffset: 12, lastOffset: 14 });
    expect(batches.flatMap((batch) => numbers(batch.records))).toEqual(range(10, count));
  });

  test('an offset that does not exist fails at once, also when following: one error, then the end', async () => {
    const log = await openLog(scratchDirectory());
    must(await log.append('x'));
    for (const iteration of [log.records({ from: 5, follow: true }), log.batches({ from: 5, follow: true })] as AsyncIterator<Result<unknown, ReadError>>[]) {
      mustFail(await nextOf(iteration), 'offset-out-of-range');
      expect(await iteration.next()).toEqual({ done: true, value: undefined });
    }
  });

  test('steps asked for at once are answered in order', async () => {
    const { log } = await severalSegments();
    const iteration = log.records({ from: 0 });
    const steps = await Promise.all(range(0, 50).map(() => nextOf(iteration)));
    expect(numbers(steps.map((step) => must(step)))).toEqual(range(0, 50));
  });

  test('leaving early gives everything back', async () => {
    const { log } = await severalSegments();
    for await (const record of log.records({ from: 0, follow: true })) {
      if (must(record).offset === 20) break;
    }
    must(await log.close());
    expect(log.status().handles.open).toBe(0);
  });

  test('options are taken inside the call', async () => {
    const { log } = await severalSegments();
    const options: { -readonly [Name in keyof FollowOptions]: FollowOptions[Name] } = { from: 7 };
    const iteration = log.records(options);
    options.from = 100;
    expect(must(await nextOf(iteration)).offset).toBe(7);
  });
});

describe('following', () => {
  test('a follower sees every record in order, over rolls, and ends without error when the log closes', async () => {
    const log = await openLog(scratchDirectory());
    const seen: number[] = [];
    const following = (async () => {
      for await (const record of log.records({ from: 0, follow: true })) seen.push(...numbers([must(record)]));
    })();
    for (let i = 0; i < 60; i += 1) must(await log.append(`${i}`.padEnd(4_000, '.')));
    await expect.poll(() => seen.length).toBe(60);
    must(await log.close());
    await following;
    expect(seen).toEqual(range(0, 60));
  });

  test('many followers wake on every commit; none is left behind', async () => {
    const log = await openLog(scratchDirectory());
    const counts = new Array<number>(20).fill(0);
    const following = counts.map(async (_, i) => {
      for await (const batch of log.batches({ from: 0, follow: true })) counts[i]! += [...must(batch).records].length;
    });
    for (let i = 0; i < 200; i += 1) {
      must(await log.append(`${i}`, { ack: 'written' }));
      // Every other commit comes while followers are still at work on the last.
      if (i % 2 === 0) await new Promise((resume) => setImmediate(resume));
    }
    await expect.poll(() => Math.min(...counts)).toBe(200);
    must(await log.close());
    await Promise.all(following);
  });

  test('a commit that comes in the very moment a follower finds nothing is not missed', async () => {
    // Writes answer within promise reactions here, so that a commit can come between any two steps of a follower.
    const log = await openLog(scratchDirectory(), { ...SMALL, ack: 'written', flushIntervalMs: 60_000, fileSystem: promptDisk() });
    must(await log.append('first'));
    for (let i = 1; i < 150; i += 1) {
      const appended = log.append(`${i}`);
      await new Promise<void>((resume) => process.nextTick(resume));
      for (let turn = 0; turn < i; turn += 1) await Promise.resolve();
      const next = nextOf(log.records({ from: i, follow: true }));
      must(await appended);
      const missed = new Promise<null>((resume) => setTimeout(resume, 2_000, null));
      expect((await Promise.race([next, missed]))?.map((record) => record.offset), `after ${i} turns`).toEqual(ok(i));
    }
  });

  test('aborting ends a follower that waits, with aborted', async () => {
    const log = await openLog(scratchDirectory());
    const abort = new AbortController();
    const iteration = log.records({ from: 0, follow: true, signal: abort.signal });
    const next = nextOf(iteration);
    await new Promise((resume) => setTimeout(resume, 10));
    abort.abort();
    mustFail(await next, 'aborted');
    expect(await iteration.next()).toEqual({ done: true, value: undefined });
  });

  test.each(['records', 'batches'] as const)('%s: return() ends a step that waits, and leaves nothing behind at the signal', async (kind) => {
    const log = await openLog(scratchDirectory(), SMALL);
    const { signal } = new AbortController();
    const listened = vi.spyOn(signal, 'addEventListener');
    const forgotten = vi.spyOn(signal, 'removeEventListener');
    const follower = log[kind]({ from: 0, follow: true, signal });
    const waiting = follower.next();
    await expect.poll(() => listened).toHaveBeenCalledTimes(1);
    expect(await follower.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(forgotten).toHaveBeenCalledWith('abort', listened.mock.calls[0]?.[1]);
    must(await log.append('x'));
    expect(await follower.next()).toEqual({ done: true, value: undefined });
  });

  test('closing ends followers that have not taken their first step yet', async () => {
    const log = await openLog(scratchDirectory());
    must(await log.append('x'));
    const begun = log.records({ from: 1, follow: true });
    const step = begun.next();
    const notBegun = log.batches({ from: 1, follow: true });
    must(await log.close());
    expect(await step).toEqual({ done: true, value: undefined });
    expect(await notBegun.next()).toEqual({ done: true, value: undefined });
  });
});

describe("isolation 'flushed'", () => {
  test('shows up to the recovery point, and follows it', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, ack: 'written', flushIntervalMs: 60_000 });
    must(await log.append(['a', 'b']));
    must(await log.flush());
    must(await log.append('c'));
    expect(await valuesOf(log)).toEqual(['a', 'b', 'c']);
    const flushed = must(await log.read({ from: 0, isolation: 'flushed' }));
    expect([...flushed.records].map((record) => text(record.value))).toEqual(['a', 'b']);
    expect(flushed).toMatchObject({ nextOffset: 2, highWatermark: 3 });
    expect([...must(await log.read({ from: 2, isolation: 'flushed' })).records]).toEqual([]);
    mustFail(await log.read({ from: 3, isolation: 'flushed' }), 'offset-out-of-range');
    const follower = log.records({ from: 2, follow: true, isolation: 'flushed' });
    const next = nextOf(follower);
    must(await log.append('d'));
    must(await log.flush());
    expect(text(must(await next).value)).toBe('c');
    expect(text(must(await nextOf(follower)).value)).toBe('d');
  });
});
