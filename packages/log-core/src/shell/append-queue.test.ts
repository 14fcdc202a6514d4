/** The queue of appends: what waits is bounded, keeps its order, and can be taken out again. */
import type { Result } from 'neverthrow';
import { describe, expect, test } from 'vitest';
import { decodeBatchHeader } from '../codec/batch-header.js';
import { decodeRecords } from '../codec/decode-records.js';
import { crc32cTable } from '../codec/crc32c.js';
import type { Ack, AppendResult } from '../model/api.js';
import type { AppendError } from '../model/errors.js';
import type { RecordInput } from '../model/record.js';
import { AppendQueue, type QueuedBatch } from './append-queue.js';

const NOW = 1_000;
const BATCH_MAX = 2_000;

const newQueue = (queueBytesMax = 100_000): { queue: AppendQueue; counters: { refusedAppends: number } } => {
  const counters = { refusedAppends: 0 };
  return { queue: new AppendQueue(BATCH_MAX, queueBytesMax, counters), counters };
};

/** The values a taken batch would write. */
function valuesOf(batch: QueuedBatch): string[] {
  const bytes = batch.builder.finish(0, 1, 0, crc32cTable);
  return [...decodeRecords(bytes, 0, decodeBatchHeader(bytes, 0)!, 0)].map((record) => Buffer.from(record.value!).toString());
}

const settled = async (appended: PromiseLike<Result<AppendResult, AppendError>>): Promise<string> =>
  (await appended).match(
    ({ baseOffset, lastOffset }) => `${baseOffset}…${lastOffset}`,
    (error) => `${error.kind} ${error.outcome}`,
  );

/** Appends what is never settled in its test. */
function put(queue: AppendQueue, input: RecordInput, ack: Ack, signal: AbortSignal | undefined): void {
  queue.append(input, ack, NOW, signal).then(
    () => undefined,
    () => undefined,
  );
}

/** Takes all that waits and settles it as appended from `offset` on. */
function settleAll(queue: AppendQueue, offset = 0): number {
  let next = offset;
  for (const batch of queue.takeAll()) {
    const { recordsCount } = batch.builder;
    queue.settleAppended(batch, next);
    next += recordsCount;
  }
  return next;
}

describe('AppendQueue', () => {
  test('gives every caller the offsets of its own records, in the order of the calls', async () => {
    const { queue } = newQueue();
    const calls = [queue.append('a', 'flushed', NOW, undefined), queue.append(['b', 'c'], 'written', NOW, undefined), queue.append('d', 'flushed', NOW, undefined)];
    expect(settleAll(queue, 10)).toBe(14);
    expect(await Promise.all(calls.map(settled))).toEqual(['10…10', '11…12', '13…13']);
    expect(queue.bytes).toBe(0);
    expect(queue.isEmpty).toBe(true);
  });

  test('a batch asks for a sync as soon as one of its appends does', () => {
    const { queue } = newQueue();
    put(queue, 'a', 'written', undefined);
    expect(queue.take(0).map((batch) => batch.ack)).toEqual(['written']);
    put(queue, 'a', 'written', undefined);
    put(queue, 'b', 'flushed', undefined);
    put(queue, 'c', 'written', undefined);
    expect(queue.take(0).map((batch) => batch.ack)).toEqual(['flushed']);
  });

  test('take gives the oldest batch and as many more as fit, and leaves the rest in order', () => {
    const { queue } = newQueue();
    for (let i = 0; i < 6; i += 1) put(queue, `${i}`.padEnd(1_500, '.'), 'written', undefined);
    expect(queue.nextBatchRecords).toBe(1);
    expect(queue.take(0).flatMap(valuesOf).map((value) => value[0])).toEqual(['0']);
    const two = queue.take(queue.nextBatchBytes * 2);
    expect(two.flatMap(valuesOf).map((value) => value[0])).toEqual(['1', '2']);
    queue.putBack(two);
    expect(queue.takeAll().flatMap(valuesOf).map((value) => value[0])).toEqual(['1', '2', '3', '4', '5']);
    expect(queue.nextBatchBytes).toBe(0);
  });

  test('so many appends, or records, fill a batch; a full one waits for nothing, and makes a commit of its own', () => {
    const counters = { refusedAppends: 0 };
    const queue = new AppendQueue(1 << 20, 1 << 24, counters);
    for (let i = 0; i < 499; i += 1) put(queue, 'a', 'written', undefined);
    expect(queue.hasFullBatch).toBe(false);
    put(queue, 'b', 'written', undefined);
    expect(queue.hasFullBatch).toBe(true);
    for (let i = 0; i < 3; i += 1) put(queue, 'c', 'written', undefined);
    expect(queue.take(1 << 20).map((batch) => batch.builder.recordsCount)).toEqual([500]);
    expect(queue.hasFullBatch).toBe(false);
    expect(queue.take(1 << 20).map((batch) => batch.builder.recordsCount)).toEqual([3]);
  });

  test('records count as well: two thousand in two appends are a batch', () => {
    const queue = new AppendQueue(1 << 20, 1 << 24, { refusedAppends: 0 });
    const thousand = Array.from({ length: 1_000 }, () => 'r');
    for (let i = 0; i < 5; i += 1) put(queue, thousand as unknown as RecordInput, 'written', undefined);
    expect(queue.take(1 << 20).map((batch) => batch.builder.recordsCount)).toEqual([2_000]);
    expect(queue.hasFullBatch).toBe(true);
  });

  test('a batch is as much work as all in front of it, in flight or waiting, up to a thousand appends; what is settled no longer counts', () => {
    const queue = new AppendQueue(1 << 20, 1 << 24, { refusedAppends: 0 });
    for (let i = 0; i < 5_000; i += 1) put(queue, 'a', 'written', undefined);
    const sizes = Array.from({ length: 5 }, () => queue.take(1 << 20).map((batch) => batch.builder.recordsCount));
    expect(sizes).toEqual([[500], [500], [1_000], [1_000], [1_000]]);

    const quiet = new AppendQueue(1 << 20, 1 << 24, { refusedAppends: 0 });
    for (let i = 0; i < 3_000; i += 1) put(quiet, 'a', 'written', undefined);
    settleAll(quiet);
    for (let i = 0; i < 1_000; i += 1) put(quiet, 'a', 'written', undefined);
    expect(quiet.take(1 << 20).map((batch) => batch.builder.recordsCount)).toEqual([500]);
  });

  test('past queueBytesMax an append is refused and leaves no trace; bytes in flight count', async () => {
    const { queue, counters } = newQueue(3_000);
    const first = queue.append('x'.repeat(1_500), 'written', NOW, undefined);
    const taken = queue.take(0);
    put(queue, 'y'.repeat(1_400), 'written', undefined);
    const before = queue.bytes;
    expect(await settled(queue.append('z'.repeat(300), 'written', NOW, undefined))).toBe('backpressure not-appended');
    expect(queue.bytes).toBe(before);
    for (const batch of taken) queue.settleAppended(batch, 0);
    expect(await settled(first)).toBe('0…0');
    put(queue, 'z'.repeat(300), 'written', undefined);
    expect(queue.takeAll().flatMap(valuesOf).map((value) => value[0])).toEqual(['y', 'z']);
    expect(counters.refusedAppends).toBe(1);
  });

  test('what fits no batch is refused whole, whatever waits', async () => {
    const { queue, counters } = newQueue();
    put(queue, 'a', 'written', undefined);
    expect(await settled(queue.append(['x'.repeat(1_500), 'y'.repeat(1_500)], 'written', NOW, undefined))).toBe('record-too-large not-appended');
    expect(await settled(queue.append([], 'written', NOW, undefined))).toBe('invalid-argument not-appended');
    expect(queue.takeAll().flatMap(valuesOf)).toEqual(['a']);
    expect(counters.refusedAppends).toBe(2);
  });

  test('an aborted append is taken out of the middle, those behind it move up', async () => {
    const { queue, counters } = newQueue();
    const abort = new AbortController();
    const calls = ['a', ['b', 'bb'], 'c', 'd'].map((input, i) => queue.append(input, 'written', NOW, i === 1 || i === 2 ? abort.signal : undefined));
    abort.abort();
    expect(await settled(calls[1]!)).toBe('aborted not-appended');
    expect(await settled(calls[2]!)).toBe('aborted not-appended');
    expect(settleAll(queue)).toBe(2);
    expect(await settled(calls[0]!)).toBe('0…0');
    expect(await settled(calls[3]!)).toBe('1…1');
    expect(queue.bytes).toBe(0);
    expect(counters.refusedAppends).toBe(2);
  });

  test('aborting what is in flight, or was settled, changes nothing', async () => {
    const { queue } = newQueue();
    const abort = new AbortController();
    const call = queue.append('a', 'written', NOW, abort.signal);
    const taken = queue.take(0);
    abort.abort();
    expect(valuesOf(taken[0]!)).toEqual(['a']);
    queue.settleAppended(taken[0]!, 7);
    expect(await settled(call)).toBe('7…7');
  });

  test('aborting what was put back takes it out', async () => {
    const { queue } = newQueue();
    const abort = new AbortController();
    const call = queue.append('a', 'written', NOW, abort.signal);
    queue.putBack(queue.take(0));
    abort.abort();
    expect(await settled(call)).toBe('aborted not-appended');
    expect(queue.isEmpty).toBe(true);
  });

  test('afterQueued resolves when what waits now is settled, refused or aborted, and at once when nothing waits', async () => {
    const { queue, counters } = newQueue();
    await queue.afterQueued();
    const abort = new AbortController();
    put(queue, 'a', 'written', abort.signal);
    const waiting = queue.afterQueued();
    abort.abort();
    await waiting;
    put(queue, 'b', 'written', undefined);
    const flushed = queue.afterQueued();
    for (const batch of queue.takeAll()) queue.settleRefused(batch, { kind: 'closed', message: '' }, 'not-appended');
    await flushed;
    expect(counters.refusedAppends).toBe(2);
    expect(queue.bytes).toBe(0);
  });
});
