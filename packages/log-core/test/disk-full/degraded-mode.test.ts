/** What works, and what is answered, while the disk is full; the emergency policies and their floors. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DeletionResult, LogOptions, MessageLog } from '../../src/index.js';
import { expectSound, nextOf } from '../support/log-content.js';
import { must, mustFail, openLog } from '../support/open-log.js';
import { MovableClock } from '../support/movable-clock.js';
import { canMount, expectReturn, expectState, fillUp, KIB, MIB, SMALL_DISK, statesOf, takeAllBut, volumeOf, writtenBytes } from './volumes.js';

const sound = (log: MessageLog): Promise<void> => expectSound(log, log.status().highWatermark - log.status().logStartOffset);

/** A log on a tmpfs of 4 MiB of its own. */
async function smallLog(options: LogOptions = {}): Promise<{ log: MessageLog; deletions: DeletionResult[] }> {
  const log = await openLog(join(volumeOf('tmpfs', { bytes: 4 * MIB }).path, 'log'), { ...SMALL_DISK, ...options });
  const deletions: DeletionResult[] = [];
  log.on('delete', (deletion) => deletions.push(deletion));
  return { log, deletions };
}

describe.skipIf(!canMount('tmpfs'))('a full disk', () => {
  test('is announced by low-space, met as read-only, and left as writable: one event each, each visible in status()', async () => {
    const volume = volumeOf('tmpfs', { bytes: 8 * MIB });
    const filler = takeAllBut(volume, 4 * MIB);
    const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
    const states = statesOf(log);
    const seen: boolean[] = [];
    log.on('stateChange', ({ to, reason, at }) => {
      const status = log.status();
      seen.push(status.state === to && status.reason === reason && status.since === at);
    });
    const { logEndOffset } = log.status();
    const refused = await fillUp(log);
    expect(refused).toMatchObject({ kind: 'disk-full', cause: 'space', outcome: 'not-appended', errno: -28 });
    expect(logEndOffset).toBe(0);
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'disk-full', spare: null, withheld: null });
    expect(log.status().logEndOffset).toBe(log.status().highWatermark);
    const waiting = log.waitUntilWritable();
    rmSync(filler);
    must(await waiting);
    must(await log.append('again'));
    await expectState(log, 'writable');
    expect(states).toEqual(['low-space(disk-full)', 'read-only(disk-full)', 'writable']);
    expect(seen).not.toContain(false);
    await sound(log);
  });

  test('waitUntilWritable: resolves in writable and low-space, and answers aborted and closed at once', async () => {
    const { log } = await smallLog();
    must(await log.waitUntilWritable());
    while (log.status().state === 'writable') must(await log.append('x'.padEnd(9_000, '.')));
    expect(log.status().state).toBe('low-space');
    must(await log.waitUntilWritable());
    await fillUp(log);
    const controller = new AbortController();
    const aborted = log.waitUntilWritable({ signal: controller.signal });
    const closed = log.waitUntilWritable();
    controller.abort();
    mustFail(await aborted, 'aborted');
    mustFail(await log.waitUntilWritable({ signal: AbortSignal.abort() }), 'aborted');
    must(await log.close());
    mustFail(await closed, 'closed');
    expect(log.status().handles.open).toBe(0);
  });

  test('reads, followers and consumers go on; a follower sees what comes after the return', async () => {
    const volume = volumeOf('tmpfs', { bytes: 8 * MIB });
    const filler = takeAllBut(volume, 4 * MIB);
    const log = await openLog(join(volume.path, 'log'), SMALL_DISK);
    must(await log.consumer('known').commit(0));
    await fillUp(log);
    const { highWatermark } = log.status();
    const follower = log.records({ from: highWatermark - 1, follow: true })[Symbol.asyncIterator]();
    expect(must(await nextOf(follower)).offset).toBe(highWatermark - 1);
    const next = nextOf(follower);
    await sound(log);
    for (let i = 1; i <= 50; i += 1) must(await log.consumer('known').commit(i));
    expect(log.status().consumers).toEqual([{ name: 'known', position: 50 }]);
    expect(log.status().state).toBe('read-only');
    expect(log.metrics().readBytes).toBeGreaterThan(0);
    rmSync(filler);
    await expectReturn(log);
    must(await log.append('after'));
    expect(must(await next).offset).toBe(highWatermark);
    await follower.return?.();
    must(await log.close());
    const again = await openLog(join(volume.path, 'log'), SMALL_DISK);
    expect(must(await again.consumer('known').position())).toBe(50);
  });

  test('attempts to return do not become a load: what is too little is not written over and over', async () => {
    const volume = volumeOf('tmpfs', { bytes: 64 * MIB });
    const log = await openLog(join(volume.path, 'log'), { ...SMALL_DISK, segmentBytesMax: 8 * MIB, space: { reserveBytes: 8 * MIB, intervalMs: 2_000 } });
    must(await log.append('x'));
    const filler = takeAllBut(volume, 7 * MIB);
    await fillUp(log);
    rmSync(filler);
    takeAllBut(volume, 7 * MIB);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(log.status().state).toBe('read-only');
    const before = writtenBytes();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(writtenBytes() - before).toBeLessThan(20 * MIB);
    rmSync(filler);
    await expectReturn(log);
    must(await log.append('x'));
  });

  test('closing while the disk is full: clean, nothing lost, no handle left', async () => {
    const { log } = await smallLog();
    await fillUp(log);
    const { highWatermark } = log.status();
    must(await log.close());
    expect(log.status().handles.open).toBe(0);
    expect(highWatermark).toBeGreaterThan(100);
  });
});

describe.skipIf(!canMount('tmpfs'))('onDiskFull', () => {
  test('reject: nothing is deleted, not even what retention would let go', async () => {
    const clock = new MovableClock();
    const { log, deletions } = await smallLog({ onDiskFull: 'reject', clock, retention: { ms: 10_000, intervalMs: 3_600_000 } });
    await fillUp(log);
    clock.pass(60_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(deletions).toEqual([]);
    expect(log.status()).toMatchObject({ state: 'read-only', logStartOffset: 0 });
    must(await log.runRetention());
    await expectReturn(log);
    // The roll that it made may have asked for another run: nothing is to go while everything is read.
    must(await log.runRetention());
    await sound(log);
  });

  test('delete-expired: what the policy lets go makes room before an append fails, and nothing else goes', async () => {
    const { log, deletions } = await smallLog({ retention: { ms: 600_000, intervalMs: 3_600_000 } });
    const expired = Date.now() - 3_600_000;
    for (let i = 0; i < 250; i += 1) must(await log.append({ value: 'x'.padEnd(9_000, '.'), timestamp: expired }, { ack: 'written' }));
    for (let i = 0; i < 300; i += 1) must(await log.append('x'.padEnd(9_000, '.'), { ack: 'written' }));
    expect(deletions.length).toBeGreaterThan(0);
    expect(new Set(deletions.map(({ reason }) => reason))).toEqual(new Set(['retention-ms']));
    must(await log.runRetention());
    expect(log.status().logStartOffset).toBeLessThanOrEqual(250);
    await sound(log);
  });

  test('delete-expired: under pressure the floors are kept, and runRetention does not know them', async () => {
    const clock = new MovableClock();
    const { log, deletions } = await smallLog({ clock, keepBytesMin: 2 * MIB, retention: { ms: 60_000, intervalMs: 3_600_000 } });
    await fillUp(log);
    clock.pass(600_000);
    await expectReturn(log);
    expect(log.status().bytes).toBeGreaterThanOrEqual(2 * MIB);
    expect(deletions.at(-1)).toMatchObject({ reason: 'retention-ms', stoppedBy: 'keep-bytes' });
    must(await log.runRetention());
    expect(log.status().bytes).toBe(0);
  });

  test('delete-oldest: a producer that overruns the disk many times over keeps appending', async () => {
    const { log, deletions } = await smallLog({ onDiskFull: 'delete-oldest' });
    const states = statesOf(log);
    for (let i = 0; i < 2_500; i += 1) must(await log.append(`${i}`.padEnd(9_000, '.'), { ack: i % 7 === 0 ? 'flushed' : 'written' }));
    expect(states.filter((state) => state.startsWith('read-only'))).toEqual([]);
    expect(log.status()).toMatchObject({ highWatermark: 2_500 });
    expect(log.status().logStartOffset).toBeGreaterThan(1_500);
    expect(deletions.reduce((bytes, deletion) => bytes + deletion.bytes, 0)).toBe(log.metrics().deletedBytes);
    for (let i = 1; i < deletions.length; i += 1) expect(deletions[i]?.fromOffset).toBe(deletions[i - 1]?.toOffset);
    await sound(log);
  });

  test('keepBytesMin: delete-oldest stops at the floor, then the log is read-only', async () => {
    const { log } = await smallLog({ onDiskFull: 'delete-oldest', keepBytesMin: 3 * MIB, quotaBytesMax: 3 * MIB + 256 * KIB });
    await fillUp(log);
    expect(log.status()).toMatchObject({ state: 'read-only', reason: 'quota' });
    expect(log.status().bytes).toBeLessThan(3 * MIB + 128 * KIB);
    const { bytes } = log.status();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(log.status().bytes).toBe(bytes);
    await sound(log);
  });

  test('keepMsMin: what is younger is kept; once it is older it goes', async () => {
    const clock = new MovableClock();
    const { log, deletions } = await smallLog({ onDiskFull: 'delete-oldest', keepMsMin: 60_000, clock });
    await fillUp(log);
    expect(log.status()).toMatchObject({ state: 'read-only', logStartOffset: 0 });
    expect(deletions).toEqual([]);
    clock.pass(120_000);
    await expectReturn(log);
    must(await log.append('x'));
    expect(deletions.length).toBeGreaterThan(0);
    await sound(log);
  });

  test('keepUnconsumed: nothing goes that the slowest consumer has not committed past; its commit is the way back', async () => {
    const { log } = await smallLog({ onDiskFull: 'delete-oldest', retention: { keepUnconsumed: true } });
    for (let i = 0; i < 60; i += 1) must(await log.append('x'.padEnd(9_000, '.')));
    must(await log.consumer('slow').commit(60));
    must(await log.consumer('fast').commit(0).andThen(() => log.consumer('fast').commit(0)));
    must(await log.consumer('fast').forget());
    await fillUp(log);
    expect(log.status().state).toBe('read-only');
    expect(log.status().logStartOffset).toBeLessThanOrEqual(60);
    expect(log.status().logStartOffset).toBeGreaterThan(0);
    must(await log.consumer('slow').commit(log.status().highWatermark));
    await expectReturn(log);
    must(await log.append('x'));
    await sound(log);
  });
});
