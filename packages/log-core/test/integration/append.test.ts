/** Appending through the public surface: shapes, order, acknowledgement, signals, back-pressure, rolling. */
import { getEventListeners, setMaxListeners } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RecordInput } from '../../src/index.js';
import { expectSound, recordsOf, text, valuesOf } from '../support/log-content.js';
import { MovableClock } from '../support/movable-clock.js';
import { must, mustFail, openLog, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('append', () => {
  test('offsets are dense, a batch is answered with its first and last', async () => {
    const log = await openLog(scratchDirectory());
    expect(must(await log.append('one'))).toMatchObject({ baseOffset: 0, lastOffset: 0 });
    expect(must(await log.append(['two', 'three', 'four']))).toMatchObject({ baseOffset: 1, lastOffset: 3 });
    expect(must(await log.append({ value: 'five' }))).toMatchObject({ baseOffset: 4, lastOffset: 4 });
    expect(await valuesOf(log)).toEqual(['one', 'two', 'three', 'four', 'five']);
    await expectSound(log, 5);
  });

  test('every shape of record is read back as it was given', async () => {
    const log = await openLog(scratchDirectory());
    const inputs: RecordInput[] = [
      'bare text', bytes(1, 2, 3), '', new Uint8Array(0), {}, { value: null }, { key: null, value: '' }, { key: '', value: null }, { key: 'k', value: 'ü€😀\u0000' },
      { headers: [] }, { headers: [['', null], ['a', ''], ['a', bytes(0xff)], ['ü', 'text']], value: 'with headers' }, Buffer.from('a buffer'),
    ];
    must(await log.append(inputs));
    const records = await recordsOf(log);
    const plain = records.map(({ key, value, headers }) => [text(key), value === null ? null : Buffer.from(value).toString('latin1'), headers.map(([name, v]) => [name, v === null ? null : [...v]])]);
    const utf8 = (value: string): string => Buffer.from(value).toString('latin1');
    expect(plain).toEqual([
      [null, 'bare text', []], [null, '\x01\x02\x03', []], [null, '', []], [null, '', []], [null, null, []], [null, null, []], [null, '', []], ['', null, []],
      ['k', utf8('ü€😀\u0000'), []], [null, null, []],
      [null, 'with headers', [['', null], ['a', []], ['a', [0xff]], ['ü', [...Buffer.from('text')]]]], [null, 'a buffer', []],
    ]);
    await expectSound(log, inputs.length);
  });

  test('timestamps are kept as given, default to the clock, and the result tells the last', async () => {
    const log = await openLog(scratchDirectory());
    const given = [Number.MAX_SAFE_INTEGER, 0, 1_700_000_000_000, 5];
    expect(must(await log.append(given.map((timestamp) => ({ value: 'x', timestamp })))).timestamp).toBe(5);
    const before = Date.now();
    const { timestamp } = must(await log.append('now'));
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(Date.now());
    expect((await recordsOf(log)).map((record) => record.timestamp)).toEqual([...given, timestamp]);
  });

  test.each<[string, unknown]>([
    ['no records', []], ['a number', 5], ['undefined', undefined], ['null', null], ['a number inside', ['a', 5]], ['null inside', [null]], ['nested arrays', [['a']]],
    ['a number as value', { value: 5 }], ['a number as key', { key: 5 }], ['an unknown property', { valeu: 'x' }], ['headers that are no array', { headers: {} }],
    ['a header without a value', { headers: [['a']] }], ['a header with undefined', { headers: [['a', undefined]] }], ['a header with a number as name', { headers: [[1, 'a']] }],
    ['a negative timestamp', { timestamp: -1 }], ['a fractional timestamp', { timestamp: 1.5 }], ['an unsafe timestamp', { timestamp: 2 ** 53 }],
    ['NaN', { timestamp: NaN }], ['an infinite timestamp', { timestamp: Infinity }], ['a timestamp as text', { timestamp: '5' }], ['a date', new Date()],
    ['an ArrayBuffer', { value: new ArrayBuffer(4) }], ['a Uint16Array', { value: new Uint16Array(4) }], ['a getter that throws', { get value(): string { throw new Error('no'); } }],
    ['a function', () => 'x'], ['a bigint', 5n], ['a symbol', Symbol('x')],
  ])('%s: invalid-argument, not-appended, and the log end offset stays', async (_name, input) => {
    const log = await openLog(scratchDirectory());
    must(await log.append('before'));
    const error = mustFail(await log.append(input as RecordInput), 'invalid-argument');
    expect(error.outcome).toBe('not-appended');
    expect(log.status()).toMatchObject({ logEndOffset: 1, highWatermark: 1, queueBytes: 0 });
    expect(must(await log.append('after')).baseOffset).toBe(1);
    await expectSound(log, 2);
  });

  test.each<[string, unknown]>([
    ['null', null], ['a text', 'flushed'], ['an unknown name', { acks: 'flushed' }], ['a wrong ack', { ack: 'durable' }], ['a number as ack', { ack: 1 }], ['a signal that is none', { signal: {} }], ['null as signal', { signal: null }],
  ])('%s as options: invalid-argument, not-appended', async (_name, options) => {
    const log = await openLog(scratchDirectory());
    expect(mustFail(await log.append('x', options as never), 'invalid-argument').outcome).toBe('not-appended');
    expect(log.status().logEndOffset).toBe(0);
  });

  test('a value over the limit: record-too-large with the sizes, also for several that do not fit one batch together', async () => {
    const log = await openLog(scratchDirectory());
    const alone = mustFail(await log.append('x'.repeat(70_000)), 'record-too-large');
    expect(alone).toMatchObject({ limit: 65_536, outcome: 'not-appended' });
    expect(alone.bytes).toBeGreaterThan(70_000);
    mustFail(await log.append(['x'.repeat(40_000), 'y'.repeat(40_000)]), 'record-too-large');
    expect(log.status()).toMatchObject({ logEndOffset: 0, queueBytes: 0 });
    expect(must(await log.append('fits')).baseOffset).toBe(0);
    await expectSound(log, 1);
  });

  test('a batch that fills batchBytesMax to the last byte is taken, one byte more is not', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, batchBytesMax: 1_024 });
    // 61 of the header; length 2, attributes, deltas 3, key -1, value length 2, headers 1.
    const room = 1_024 - 61 - 2 - 1 - 1 - 1 - 1 - 2 - 1;
    must(await log.append('x'.repeat(room)));
    mustFail(await log.append('x'.repeat(room + 1)), 'record-too-large');
    await expectSound(log, 1);
  });

  test('input is taken inside the call: later mutation is harmless', async () => {
    const log = await openLog(scratchDirectory());
    const value = bytes(1, 1, 1);
    const record = { key: bytes(2), value };
    const list: RecordInput[] = [record, value];
    const appended = log.append(list);
    value.fill(9);
    record.key.fill(9);
    list.length = 0;
    must(await appended);
    expect((await recordsOf(log)).map((found) => [found.key && [...found.key], found.value && [...found.value]])).toEqual([[[2], [1, 1, 1]], [null, [1, 1, 1]]]);
  });

  test('a detached buffer is invalid-argument; one that is detached afterwards was taken', async () => {
    const log = await openLog(scratchDirectory());
    const kept = new Uint8Array([7, 7]);
    const appended = log.append(kept);
    structuredClone(kept.buffer, { transfer: [kept.buffer] });
    must(await appended);
    expect(mustFail(await log.append(kept), 'invalid-argument').outcome).toBe('not-appended');
    expect((await recordsOf(log)).map((record) => [...record.value!])).toEqual([[7, 7]]);
  });

  test('appends of one caller keep the order of the calls, awaited or not, whatever their ack', async () => {
    const log = await openLog(scratchDirectory());
    const results = await Promise.all(
      Array.from({ length: 500 }, (_, i) => log.append(i % 7 === 0 ? [`${i}`, `${i}b`] : `${i}`, { ack: i % 3 === 0 ? 'flushed' : 'written' })),
    );
    const bases = results.map((result) => must(result).baseOffset);
    expect(bases).toEqual([...bases].sort((a, b) => a - b));
    const expected = Array.from({ length: 500 }, (_, i) => (i % 7 === 0 ? [`${i}`, `${i}b`] : [`${i}`])).flat();
    expect(await valuesOf(log)).toEqual(expected);
    await expectSound(log, expected.length);
  });

  test('settles in the order of the calls, and everything before is readable then', async () => {
    const log = await openLog(scratchDirectory());
    const settled: number[] = [];
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const { lastOffset } = must(await log.append(`${i}`));
        settled.push(i);
        expect(log.status().highWatermark).toBeGreaterThan(lastOffset);
        expect(log.status().recoveryPoint).toBeGreaterThan(lastOffset);
      }),
    );
    expect(settled).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('concurrent appends share one sync', async () => {
    const log = await openLog(scratchDirectory());
    must(await log.append('first'));
    const before = log.metrics().syncs;
    for (const appended of await Promise.all(Array.from({ length: 300 }, (_, i) => log.append(`${i}`)))) must(appended);
    expect(log.metrics().syncs - before).toBeLessThanOrEqual(3);
    await expectSound(log, 301);
  });

  test("ack 'written' does not wait for a sync, flush is the barrier that moves the recovery point", async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, ack: 'written', flushIntervalMs: 60_000 });
    must(await log.append(['a', 'b']));
    expect(log.status()).toMatchObject({ highWatermark: 2, recoveryPoint: 0 });
    expect(await valuesOf(log)).toEqual(['a', 'b']);
    expect(must(await log.flush())).toEqual({ recoveryPoint: 2 });
    expect(log.status().recoveryPoint).toBe(2);
    must(await log.append('c'));
    expect(must(await log.append('d', { ack: 'flushed' })).baseOffset).toBe(3);
    expect(log.status()).toMatchObject({ highWatermark: 4, recoveryPoint: 4 });
  });

  test('what is only written is flushed after flushIntervalMs', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, ack: 'written', flushIntervalMs: 30 });
    must(await log.append('a'));
    await expect.poll(() => log.status().recoveryPoint).toBe(1);
  });

  test('what is only written is flushed after flushBytesMax', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, ack: 'written', flushIntervalMs: 60_000, flushBytesMax: 5_000 });
    for (let i = 0; i < 10; i += 1) must(await log.append('x'.repeat(1_000)));
    expect(log.status().recoveryPoint).toBeGreaterThanOrEqual(5);
  });

  test('flush waits for the appends that were called before it', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, ack: 'written', flushIntervalMs: 60_000 });
    const appends = Array.from({ length: 50 }, (_, i) => log.append(`${i}`));
    expect(must(await log.flush()).recoveryPoint).toBe(50);
    for (const appended of appends) must(await appended);
    must(await log.append('one'));
    const inFlight = log.append('two');
    await new Promise((resume) => setImmediate(resume));
    expect(must(await log.flush()).recoveryPoint).toBe(52);
    must(await inFlight);
  });

  test('flush with nothing to do answers at once', async () => {
    const log = await openLog(scratchDirectory());
    expect(must(await log.flush())).toEqual({ recoveryPoint: 0 });
  });
});

describe('append with a signal', () => {
  test('already aborted: aborted at once, nothing taken', async () => {
    const log = await openLog(scratchDirectory());
    expect(mustFail(await log.append('x', { signal: AbortSignal.abort() }), 'aborted').outcome).toBe('not-appended');
    expect(log.status()).toMatchObject({ logEndOffset: 0, queueBytes: 0 });
  });

  test('queued: taken out, the others move up and keep their order', async () => {
    const log = await openLog(scratchDirectory());
    const abort = new AbortController();
    setMaxListeners(0, abort.signal);
    const results = Array.from({ length: 30 }, (_, i) => log.append([`${i}`, `${i}b`], i % 3 === 1 ? { signal: abort.signal } : {}));
    abort.abort();
    const settled = await Promise.all(results);
    const kept: string[] = [];
    for (const [i, result] of settled.entries()) {
      if (i % 3 === 1) {
        expect(mustFail(result, 'aborted').outcome).toBe('not-appended');
      } else {
        expect(must(result)).toMatchObject({ baseOffset: kept.length, lastOffset: kept.length + 1 });
        kept.push(`${i}`, `${i}b`);
      }
    }
    expect(await valuesOf(log)).toEqual(kept);
    expect(log.status().queueBytes).toBe(0);
    await expectSound(log, kept.length);
  });

  test('every queued one aborted: nothing is written, and the next append starts where they would have', async () => {
    const log = await openLog(scratchDirectory());
    const abort = new AbortController();
    const all = Array.from({ length: 5 }, () => log.append('x', { signal: abort.signal }));
    const flushed = log.flush();
    abort.abort();
    for (const result of await Promise.all(all)) mustFail(result, 'aborted');
    must(await flushed);
    expect(log.status()).toMatchObject({ logEndOffset: 0, queueBytes: 0 });
    expect(must(await log.append('y')).baseOffset).toBe(0);
    await expectSound(log, 1);
  });

  test('in flight or settled: ignored, the real result', async () => {
    const log = await openLog(scratchDirectory());
    must(await log.append('the first one opens the segment'));
    const abort = new AbortController();
    const appended = log.append('x', { signal: abort.signal });
    // The queue is emptied after the promise reactions of this turn; the disk takes longer.
    await new Promise((resume) => setImmediate(resume));
    abort.abort();
    expect(must(await appended).baseOffset).toBe(1);
    abort.abort();
    await expectSound(log, 2);
  });

  test('a signal shared by many appends is left without listeners', async () => {
    const log = await openLog(scratchDirectory());
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    for (const appended of await Promise.all(Array.from({ length: 20 }, () => log.append('x', { signal })))) must(appended);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('backpressure', () => {
  test('past queueBytesMax an append is refused at once, what was accepted settles, and then there is room again', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, queueBytesMax: 65_536 });
    const value = 'x'.repeat(6_000);
    const results = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const result = await log.append(value);
        expect(log.status().queueBytes).toBeLessThanOrEqual(65_536);
        return result;
      }),
    );
    const accepted = results.filter((result) => result.isOk()).length;
    expect(accepted).toBe(10);
    const refused = mustFail(results[99]!, 'backpressure');
    expect(refused).toMatchObject({ outcome: 'not-appended', limit: 65_536 });
    expect(refused.queueBytes).toBeLessThanOrEqual(65_536);
    expect(log.status().queueBytes).toBe(0);
    must(await log.append(value));
    expect(log.metrics().refusedAppends).toBe(90);
    await expectSound(log, 11);
  });
});

describe('blocks ahead', () => {
  const MIB = 1_048_576;

  test.for([
    ['a batch of 107 kB behind which nobody waits', 1, 100],
    ['of batches of 74 kB and 37 kB that wait together the last', 3, 30],
  ] as const)('%s is written with a mebibyte of them, for the next ones', async ([, appends, valueBytes], { skip }) => {
    const dir = scratchDirectory();
    const log = await openLog(dir, { batchBytesMax: MIB });
    const fileBytes = (): number => statSync(join(dir, '00000000000000000000.log')).size;
    must(await log.append('the first'));
    await expect.poll(() => log.status().spare).not.toBeNull();
    if (log.status().spare?.kind === 'ballast') skip('the file system copies on write: nothing is written ahead');
    const batch = Array.from({ length: 1_000 }, (_, i) => `${i}`.padEnd(valueBytes, '.'));
    for (const appended of await Promise.all(Array.from({ length: appends }, () => log.append(batch)))) must(appended);
    const withBlocks = fileBytes();
    expect(withBlocks).toBe(log.metrics().appendedBytes + MIB);
    for (let i = 0; i < 9; i += 1) must(await log.append(batch));
    expect(fileBytes()).toBe(withBlocks);
    await expectSound(log, 1 + (appends + 9) * 1_000);
  });
});

describe('roll', () => {
  test('by size: no segment is larger than segmentBytesMax, and roll is told with its base offset', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    const rolls: number[] = [];
    log.on('roll', ({ baseOffset }) => rolls.push(baseOffset));
    for (let i = 0; i < 40; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.')));
    // Seven batches of 9,0xx bytes fit 64 KiB.
    expect(rolls).toEqual([7, 14, 21, 28, 35]);
    expect(log.status().segments).toBe(6);
    expect(log.metrics().rolls).toBe(5);
    expect(readdirSync(dir).filter((name) => name.endsWith('.log'))).toHaveLength(6);
    await expectSound(log, 40);
    must(await log.close());
    const again = await openLog(dir);
    expect(again.recovery.clean).toBe(true);
    await expectSound(again, 40);
  });

  test('by size: many small appends at once do not overfill a segment', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir, { ...SMALL, batchBytesMax: 8_192 });
    for (let round = 0; round < 12; round += 1) {
      for (const appended of await Promise.all(Array.from({ length: 40 }, (_, i) => log.append(`${round}.${i}`.padEnd(400, '.'))))) must(appended);
    }
    await expectSound(log, 480);
    must(await log.close());
    const segments = readdirSync(dir).filter((name) => name.endsWith('.log'));
    expect(segments.length).toBeGreaterThan(2);
    for (const name of segments) expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(65_536);
  });

  test('by age: a segment older than segmentMs is sealed by the next append', async () => {
    const clock = new MovableClock();
    const log = await openLog(scratchDirectory(), { ...SMALL, segmentMs: 60_000, clock });
    must(await log.append('a'));
    must(await log.append('b'));
    expect(log.status().segments).toBe(1);
    clock.pass(60_000);
    expect(log.status().segments).toBe(1);
    must(await log.append('c'));
    expect(log.status().segments).toBe(2);
    clock.pass(59_000);
    must(await log.append('d'));
    expect(log.status().segments).toBe(2);
    await expectSound(log, 4);
  });
});
