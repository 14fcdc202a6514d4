/** Retention, deleteBefore and consumers' positions through the public surface. */
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DeletionResult, LogOptions, MessageLog } from '../../src/index.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { expectSound, nextOf, recordsOf } from '../support/log-content.js';
import { must, mustFail, openLog, SMALL } from '../support/open-log.js';
import { MovableClock } from '../support/movable-clock.js';
import { scratchDirectory } from '../support/scratch-directory.js';

/** Seven records of 9,000 bytes make a segment. */
const SEGMENT_RECORDS = 7;

async function filled(dir: string, records: number, options: LogOptions = {}): Promise<MessageLog> {
  const log = await openLog(dir, { ...SMALL, ...options });
  for (let i = 0; i < records; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.'), { ack: 'written' }));
  must(await log.flush());
  return log;
}

const segmentsIn = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.log')).sort();

describe('deleteBefore', () => {
  test('moves the log start and deletes the segments wholly below it', async () => {
    const dir = scratchDirectory();
    const log = await filled(dir, 30);
    const deletions: DeletionResult[] = [];
    log.on('delete', (deletion) => deletions.push(deletion));
    const { bytes } = log.status();
    const inside = must(await log.deleteBefore(3));
    expect(inside).toMatchObject({ segments: 0, fromOffset: 0, toOffset: 3, bytes: 0, reason: 'delete-before' });
    expect(log.status()).toMatchObject({ logStartOffset: 3, segments: 5 });
    expect(mustFail(await log.read({ from: 2 }), 'offset-out-of-range')).toMatchObject({ logStartOffset: 3, highWatermark: 30 });
    const whole = must(await log.deleteBefore(15));
    expect(whole).toMatchObject({ segments: 2, fromOffset: 3, toOffset: 15, reason: 'delete-before' });
    expect(log.status()).toMatchObject({ logStartOffset: 15, segments: 3, bytes: bytes - whole.bytes });
    expect(deletions).toEqual([inside, whole]);
    expect(log.metrics()).toMatchObject({ deletedSegments: 2, deletedBytes: whole.bytes });
    expect(segmentsIn(dir)[0]).toBe('00000000000000000014.log');
    await expectSound(log, 15);
    must(await log.close());
    const again = await openLog(dir);
    expect(again.status()).toMatchObject({ logStartOffset: 15, highWatermark: 30, segments: 3 });
    await expectSound(again, 15);
  });

  test('everything: the active segment is sealed for it, the log goes on at its end', async () => {
    const dir = scratchDirectory();
    const log = await filled(dir, 30);
    expect(must(await log.deleteBefore(30))).toMatchObject({ segments: 5, fromOffset: 0, toOffset: 30, stoppedBy: null });
    expect(log.status()).toMatchObject({ logStartOffset: 30, highWatermark: 30, segments: 1, bytes: 0 });
    expect(must(await log.append('x')).baseOffset).toBe(30);
    await expectSound(log, 1);
    must(await log.close());
    const again = await openLog(dir);
    expect(again.status().logStartOffset).toBe(30);
    await expectSound(again, 1);
  });

  test('everything, where there is no room for a new segment until the old ones are gone: the active one goes after them, by itself', async () => {
    const dir = scratchDirectory();
    const disk = new FaultyDisk();
    disk.inject({ on: 'write', path: 'spare.tmp', symbol: 'no-space' });
    const log = await filled(dir, 30, { fileSystem: disk, onDiskFull: 'reject' });
    const deletions: DeletionResult[] = [];
    log.on('delete', (deletion) => deletions.push(deletion));
    disk.inject({ on: 'create', path: 'segment.tmp', symbol: 'no-space', times: 1 });
    expect(must(await log.deleteBefore(30))).toMatchObject({ segments: 4, toOffset: 30, stoppedBy: 'active-segment' });
    await expect.poll(() => deletions.map(({ segments, reason }) => [segments, reason])).toEqual([[4, 'delete-before'], [1, 'delete-before']]);
    expect(log.status()).toMatchObject({ segments: 1, logStartOffset: 30, bytes: 0 });
    await expect.poll(() => segmentsIn(dir)).toEqual(['00000000000000000030.log']);
    disk.heal();
    must(await log.waitUntilWritable({ signal: AbortSignal.timeout(3_000) }));
    must(await log.append('x'));
    await expectSound(log, 1);
  });

  test('a lower offset than the log start changes nothing; one beyond the high watermark is out of range', async () => {
    const log = await filled(scratchDirectory(), 10);
    must(await log.deleteBefore(5));
    expect(must(await log.deleteBefore(2))).toMatchObject({ segments: 0, fromOffset: 5, toOffset: 5, bytes: 0, reason: null });
    expect(log.status().logStartOffset).toBe(5);
    expect(mustFail(await log.deleteBefore(11), 'offset-out-of-range')).toMatchObject({ logStartOffset: 5, highWatermark: 10 });
    for (const wrong of [-1, 1.5, NaN, 2 ** 53, '1', null, undefined]) mustFail(await log.deleteBefore(wrong as never), 'invalid-argument');
  });

  test('beyond what is flushed: flushed first, so that a crash leaves no log that starts beyond its end', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, ack: 'written', flushIntervalMs: 60_000 });
    must(await log.append(['a', 'b', 'c']));
    must(await log.deleteBefore(2));
    expect(log.status()).toMatchObject({ logStartOffset: 2, recoveryPoint: 3 });
    await expectSound(log, 1);
  });

  test('a reader below the new start is told so with the range, a reader above goes on', async () => {
    const log = await filled(scratchDirectory(), 30);
    const low = log.records({ from: 0, follow: true });
    const high = log.records({ from: 20, follow: true });
    expect(must(await nextOf(low)).offset).toBe(0);
    must(await log.deleteBefore(18));
    let error: unknown = null;
    for (let step = await low.next(); step.done !== true; step = await low.next()) if (step.value.isErr()) error = step.value.error;
    expect(error).toMatchObject({ kind: 'offset-out-of-range', logStartOffset: 18, highWatermark: 30 });
    expect(must(await nextOf(high)).offset).toBe(20);
  });
});

describe('runRetention', () => {
  test('without a policy nothing goes', async () => {
    const log = await filled(scratchDirectory(), 30);
    expect(must(await log.runRetention())).toMatchObject({ segments: 0, bytes: 0, reason: null, stoppedBy: 'policy' });
    await expectSound(log, 30);
  });

  test('by bytes: as many of the oldest segments as leave at least that much', async () => {
    const log = await filled(scratchDirectory(), 35, { retention: { bytes: 150_000, intervalMs: 3_600_000 } });
    must(await log.runRetention());
    const { bytes, segments, logStartOffset } = log.status();
    expect(bytes).toBeGreaterThanOrEqual(150_000);
    expect(bytes).toBeLessThan(150_000 + 65_536);
    expect(logStartOffset).toBe((5 - segments) * SEGMENT_RECORDS);
    await expectSound(log, 35 - logStartOffset);
  });

  test('a run judges by the moment it began: what comes of age while it is under way stays for the next one', async () => {
    const clock = new MovableClock();
    const log = await filled(scratchDirectory(), 30, { clock, retention: { ms: 60_000, intervalMs: 3_600_000 } });
    const underWay = log.runRetention();
    clock.pass(120_000);
    expect(must(await underWay)).toMatchObject({ segments: 0, stoppedBy: 'policy' });
    expect(must(await log.runRetention()).segments).toBe(5);
  });

  test('by number of segments, which counts the active one', async () => {
    const log = await filled(scratchDirectory(), 35, { retention: { segmentsMax: 2, intervalMs: 3_600_000 } });
    must(await log.runRetention());
    expect(log.status()).toMatchObject({ segments: 2, logStartOffset: 21 });
  });

  test('after a roll it runs by itself', async () => {
    const log = await filled(scratchDirectory(), 35, { retention: { segmentsMax: 1, intervalMs: 3_600_000 } });
    await expect.poll(() => log.status().segments).toBe(1);
  });

  test('by time: records older than ms go, and a segment that is old as a whole is sealed for it', async () => {
    const clock = new MovableClock();
    const log = await filled(scratchDirectory(), 10, { retention: { ms: 60_000, intervalMs: 3_600_000 }, clock });
    must(await log.runRetention());
    expect(log.status().segments).toBe(2);
    clock.pass(61_000);
    const deleted = must(await log.runRetention());
    expect(deleted).toMatchObject({ segments: 2, fromOffset: 0, toOffset: 10, reason: 'retention-ms' });
    expect(log.status()).toMatchObject({ logStartOffset: 10, highWatermark: 10, segments: 1, bytes: 0 });
    expect(must(await log.append('x')).baseOffset).toBe(10);
    await expectSound(log, 1);
  });

  test('by time: a timestamp in the future keeps nothing for ever', async () => {
    const dir = scratchDirectory();
    const clock = new MovableClock();
    const log = await openLog(dir, { ...SMALL, retention: { ms: 60_000, intervalMs: 3_600_000 }, clock });
    for (let i = 0; i < 10; i += 1) must(await log.append({ value: 'x'.repeat(9_000), timestamp: Number.MAX_SAFE_INTEGER }));
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(join(dir, segmentsIn(dir)[0]!), longAgo, longAgo);
    // The roll may have set retention off just now: then it has nothing left to do.
    must(await log.runRetention());
    expect(log.status()).toMatchObject({ logStartOffset: SEGMENT_RECORDS, segments: 1 });
  });

  test('by time: old timestamps go though the file is new', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, retention: { ms: 60_000, intervalMs: 3_600_000 } });
    for (let i = 0; i < 10; i += 1) must(await log.append({ value: 'x'.repeat(9_000), timestamp: 1_000 }));
    must(await log.runRetention());
    expect(log.status()).toMatchObject({ logStartOffset: 10, highWatermark: 10 });
  });

  test('every intervalMs, without being asked', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, retention: { ms: 0, intervalMs: 50 } });
    must(await log.append(['a', 'b']));
    await expect.poll(() => log.status().logStartOffset).toBe(2);
  });

  test('keepUnconsumed holds back what the slowest consumer has not committed past', async () => {
    const dir = scratchDirectory();
    must(await (await filled(dir, 35)).close());
    const log = await openLog(dir, { ...SMALL, retention: { segmentsMax: 1, keepUnconsumed: true, intervalMs: 3_600_000 } });
    must(await log.consumer('slow').commit(9));
    must(await log.consumer('fast').commit(30));
    expect(must(await log.runRetention())).toMatchObject({ segments: 1, stoppedBy: 'consumer' });
    expect(log.status().logStartOffset).toBe(7);
    must(await log.consumer('slow').commit(28));
    must(await log.runRetention());
    expect(log.status().logStartOffset).toBe(28);
    must(await log.consumer('slow').forget());
    must(await log.consumer('fast').forget());
    must(await log.runRetention());
    expect(log.status().segments).toBe(1);
  });
});

describe('consumer', () => {
  test('commits are durable, may go back, and are forgotten on demand', async () => {
    const dir = scratchDirectory();
    const log = await filled(dir, 5);
    const consumer = log.consumer('reader');
    expect(consumer.name).toBe('reader');
    expect(must(await consumer.position())).toBeNull();
    expect(must(await consumer.commit(3))).toEqual({ position: 3 });
    expect(must(await consumer.position())).toBe(3);
    must(await consumer.commit(1));
    must(await log.consumer('ü€😀').commit(5));
    expect(log.status().consumers).toEqual([{ name: 'reader', position: 1 }, { name: 'ü€😀', position: 5 }]);
    must(await log.close());
    const again = await openLog(dir);
    expect(again.status().consumers).toEqual([{ name: 'reader', position: 1 }, { name: 'ü€😀', position: 5 }]);
    must(await again.consumer('reader').forget());
    must(await again.consumer('never seen').forget());
    expect(must(await again.consumer('reader').position())).toBeNull();
    must(await again.close());
    const third = await openLog(dir);
    expect(third.status().consumers).toEqual([{ name: 'ü€😀', position: 5 }]);
    expect(third.recovery.clean).toBe(true);
  });

  test('many commits at once: the last of each consumer counts', async () => {
    const dir = scratchDirectory();
    const log = await filled(dir, 10);
    await Promise.all(Array.from({ length: 200 }, async (_, i) => must(await log.consumer(`c${i % 20}`).commit(Math.floor(i / 20)))));
    must(await log.close());
    const again = await openLog(dir);
    expect(again.status().consumers).toHaveLength(20);
    for (const { position } of again.status().consumers) expect(position).toBe(9);
  });

  test('a torn slot leaves the commit before it', async () => {
    const dir = scratchDirectory();
    const log = await filled(dir, 10);
    for (const position of [2, 5, 8]) must(await log.consumer('c').commit(position));
    must(await log.close());
    const { readFileSync } = await import('node:fs');
    const file = join(dir, 'brimlog.positions');
    const bytes = readFileSync(file);
    const found: (number | null)[] = [];
    for (let at = 0; at < bytes.length; at += 97) {
      const torn = Buffer.from(bytes);
      torn[at]! ^= 0x40;
      writeFileSync(file, torn);
      const again = await openLog(dir);
      found.push(must(await again.consumer('c').position()));
      must(await again.close());
    }
    expect(new Set(found)).toEqual(new Set([8, 5]));
  });

  test('wrong names and offsets are errors of a call, not exceptions', async () => {
    const log = await filled(scratchDirectory(), 2);
    for (const name of ['', 'x'.repeat(256), 'ü'.repeat(128), 5, null, undefined]) {
      const consumer = log.consumer(name as never);
      mustFail(await consumer.position(), 'invalid-argument');
      mustFail(await consumer.commit(0), 'invalid-argument');
      mustFail(await consumer.forget(), 'invalid-argument');
    }
    must(await log.consumer('x'.repeat(255)).commit(1));
    for (const offset of [-1, 0.5, NaN, 2 ** 53, '0', null]) mustFail(await log.consumer('c').commit(offset as never), 'invalid-argument');
    expect(mustFail(await log.consumer('c').commit(3), 'offset-out-of-range').highWatermark).toBe(2);
    expect(must(await log.consumer('c').position())).toBeNull();
  });

  test('a position beyond what is flushed makes it flushed first', async () => {
    const log = await openLog(scratchDirectory(), { ...SMALL, ack: 'written', flushIntervalMs: 60_000 });
    must(await log.append(['a', 'b']));
    must(await log.consumer('c').commit(2));
    expect(log.status().recoveryPoint).toBe(2);
  });

  test('a position stays when retention goes past it, and reading from it says the valid range', async () => {
    const log = await filled(scratchDirectory(), 20);
    must(await log.consumer('c').commit(2));
    must(await log.deleteBefore(15));
    const from = must(await log.consumer('c').position())!;
    expect(mustFail(await log.read({ from }), 'offset-out-of-range').logStartOffset).toBe(15);
    expect((await recordsOf(log))[0]?.offset).toBe(15);
  });
});
