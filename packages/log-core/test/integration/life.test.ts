/** The ordinary life of a log: opening, status, metrics and events, waiting, closing, and every method afterwards. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from 'neverthrow';
import { describe, expect, test } from 'vitest';
import { MessageLog, type LogEvents, type ReadError } from '../../src/index.js';
import { builtLibrary } from '../support/built-library.js';
import { expectSound, nextOf, valuesOf } from '../support/log-content.js';
import { must, mustFail, openLog, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';

/** A log of a, b and c, cleanly closed, then stopped amid the append of another record: `provenBytes` of its file are the three. */
async function stoppedAmidAppend(): Promise<{ readonly dir: string; readonly file: string; readonly provenBytes: number }> {
  const dir = scratchDirectory();
  const segment = '00000000000000000000.log';
  const first = await openLog(dir);
  must(await first.append(['a', 'b', 'c']));
  must(await first.close());
  const provenBytes = statSync(join(dir, segment)).size;
  must(await (await openLog(dir)).append('lost'));
  const stopped = join(scratchDirectory(), 'stopped');
  cpSync(dir, stopped, { recursive: true });
  return { dir: stopped, file: join(stopped, segment), provenBytes };
}

describe('a directory that was given relative to the working directory', () => {
  test('is the same one after the process has gone elsewhere, for the log and for a reader', async () => {
    const parent = scratchDirectory();
    for (const name of ['here', 'there']) mkdirSync(join(parent, name));
    const program = `
      const { MessageLog } = await import(${JSON.stringify(await builtLibrary())});
      const options = { segmentBytesMax: 65536, batchBytesMax: 16384, fileSystem: undefined };
      const log = (await MessageLog.open('./log', options))._unsafeUnwrap();
      (await log.append('first'))._unsafeUnwrap();
      const reader = (await MessageLog.openReader('./log'))._unsafeUnwrap();
      process.chdir('../there');
      for (let i = 0; i < 20; i++) (await log.append('x'.repeat(8000)))._unsafeUnwrap();
      await new Promise((resume) => setTimeout(resume, 100));
      (await reader.read({ from: 20 }))._unsafeUnwrap();
      (await reader.close())._unsafeUnwrap();
      (await log.close())._unsafeUnwrap();
      const again = (await MessageLog.open('../here/log'))._unsafeUnwrap();
      console.log(again.status().highWatermark, again.status().segments);
      await again.close();`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: join(parent, 'here'), encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toBe('21 3\n');
    expect(readdirSync(join(parent, 'there'))).toEqual([]);
  });
});

describe('open', () => {
  test('a directory that does not exist is made, with its parents', async () => {
    const dir = join(scratchDirectory(), 'a', 'b', 'c');
    const log = await openLog(dir);
    expect(log.recovery).toMatchObject({ clean: true, keptBytes: 0, keptToOffset: 0, cut: null, rehomed: null, quarantined: [], repaired: [], foreignFiles: [] });
    expect(readdirSync(dir)).toContain('00000000000000000000.log');
  });

  test('create: false answers not-found for a directory that does not exist, and for an empty one', async () => {
    const dir = scratchDirectory();
    const missing = mustFail(await MessageLog.open(join(dir, 'missing'), { create: false }), 'not-found');
    expect(missing.path).toBe(join(dir, 'missing'));
    mustFail(await MessageLog.open(dir, { create: false }), 'not-found');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('a log that is opened and closed unused opens clean, with and without create', async () => {
    const dir = scratchDirectory();
    for (const create of [true, false, true]) {
      const log = await openLog(dir, { ...SMALL, create });
      expect(log.recovery.clean).toBe(true);
      must(await log.close());
    }
  });

  test('a log that is only read opens clean again', async () => {
    const dir = scratchDirectory();
    const first = await openLog(dir);
    must(await first.append(['a', 'b', 'c']));
    must(await first.close());
    for (let i = 0; i < 3; i += 1) {
      const log = await openLog(dir);
      expect(log.recovery).toMatchObject({ clean: true, keptToOffset: 3 });
      expect(await valuesOf(log)).toEqual(['a', 'b', 'c']);
      must(await log.close());
    }
  });

  test('a torn write behind proven records is cut at once, not when something is next appended', async () => {
    const { dir, file, provenBytes } = await stoppedAmidAppend();
    truncateSync(file, provenBytes + 30);
    const log = await openLog(dir);
    expect(log.recovery).toMatchObject({ clean: false, cut: { fromOffset: 3 }, rehomed: null });
    expect(statSync(file).size).toBe(provenBytes);
    expect(await valuesOf(log)).toEqual(['a', 'b', 'c']);
  });

  test('zeros behind the end are given back by closing, though nothing was appended', async () => {
    const { dir, file, provenBytes } = await stoppedAmidAppend();
    // As a power cut may leave it: the size was grown, what was written there is lost.
    truncateSync(file, provenBytes);
    truncateSync(file, provenBytes + 4_096);
    must(await (await openLog(dir)).close());
    expect(statSync(file).size).toBe(provenBytes);
    const log = await openLog(dir);
    expect(log.recovery.clean).toBe(true);
    expect(await valuesOf(log)).toEqual(['a', 'b', 'c']);
  });

  test('defaults are enough', async () => {
    const log = await openLog(scratchDirectory(), {});
    must(await log.append('x'));
    expect(log.status().handles.max).toBe(64);
    await expectSound(log, 1);
  });
});

describe('status and metrics', () => {
  test('tell the offsets, bytes, handles and space of a log at work', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    const fresh = log.status();
    expect(fresh).toMatchObject({
      state: 'writable', reason: null, logStartOffset: 0, logEndOffset: 0, highWatermark: 0, recoveryPoint: 0, bytes: 0, segments: 1, queueBytes: 0, withheld: null, consumers: [],
    });
    expect(fresh.since).toBeLessThanOrEqual(Date.now());
    const appended = log.append('x'.repeat(100));
    expect(log.status().queueBytes).toBeGreaterThan(100);
    must(await appended);
    const { bytes, handles, space } = log.status();
    expect(log.status()).toMatchObject({ logEndOffset: 1, highWatermark: 1, recoveryPoint: 1, queueBytes: 0 });
    expect(bytes).toBeGreaterThan(161);
    expect(handles.open).toBeGreaterThan(0);
    expect(handles.open).toBeLessThanOrEqual(handles.max);
    expect(space.totalBytes).toBeGreaterThan(0);
    await expect.poll(() => log.status().spare).toMatchObject({ kind: 'blocks' });
    expect(log.metrics()).toMatchObject({ appendedRecords: 1, appendedBatches: 1, appendedBytes: bytes, refusedAppends: 0, rolls: 0, readBatches: 0 });
    must(await log.read({ from: 0 }));
    expect(log.metrics()).toMatchObject({ readBatches: 1, readBytes: bytes });
  });

  test('a status is a value: it does not change with the log', async () => {
    const log = await openLog(scratchDirectory());
    const before = log.status();
    must(await log.append('x'));
    expect(before.logEndOffset).toBe(0);
  });

  test('bytes are the same after closing and opening again', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    for (let i = 0; i < 20; i += 1) must(await log.append('x'.repeat(9_000)));
    const { bytes, segments } = log.status();
    must(await log.close());
    const again = await openLog(dir);
    expect(again.status()).toMatchObject({ bytes, segments });
    expect(again.recovery.keptBytes).toBe(bytes);
  });
});

describe('events', () => {
  test('a roll is seen in the status when it is told, and told before the append that caused it settles', async () => {
    const log = await openLog(scratchDirectory());
    const seen: string[] = [];
    log.on('roll', ({ baseOffset }) => {
      expect(log.status().segments).toBe(2);
      expect(log.status().highWatermark).toBeGreaterThanOrEqual(baseOffset);
      seen.push(`roll ${baseOffset}`);
    });
    for (let i = 0; i < 8; i += 1) {
      must(await log.append('x'.repeat(9_000)));
      seen.push(`append ${i}`);
    }
    expect(seen.slice(-2)).toEqual(['roll 7', 'append 7']);
  });

  test('a listener may leave, listen twice, and call the log', async () => {
    const log = await openLog(scratchDirectory());
    let count = 0;
    const listener = (): void => {
      count += 1;
    };
    const leaveFirst = log.on('delete', listener);
    const leaveSecond = log.on('delete', listener);
    for (let i = 0; i < 8; i += 1) must(await log.append('x'.repeat(9_000)));
    let appended: ReturnType<MessageLog['append']> | undefined;
    log.on('delete', () => {
      appended ??= log.append('from a listener');
    });
    must(await log.deleteBefore(1));
    expect(count).toBe(2);
    leaveFirst();
    leaveFirst();
    must(await log.deleteBefore(2));
    expect(count).toBe(3);
    leaveSecond();
    must(await log.deleteBefore(3));
    expect(count).toBe(3);
    expect(must(await appended!).baseOffset).toBe(8);
  });

  test('a listener that throws becomes a warning and harms nobody; a warning listener that throws is left alone', async () => {
    const log = await openLog(scratchDirectory());
    const warnings: LogEvents['warning'][] = [];
    const rolls: number[] = [];
    log.on('roll', () => {
      throw new Error('from a listener');
    });
    log.on('roll', 5 as never);
    log.on('roll', ({ baseOffset }) => rolls.push(baseOffset));
    log.on('warning', (warning) => {
      warnings.push(warning);
      throw new Error('again');
    });
    for (let i = 0; i < 9; i += 1) must(await log.append('x'.repeat(9_000)));
    expect(rolls).toEqual([7]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatchObject({ error: { message: 'from a listener' } });
    await expectSound(log, 9);
  });

  test('closing is told as closing, then closed', async () => {
    const log = await openLog(scratchDirectory());
    const changes: string[] = [];
    log.on('stateChange', ({ from, to, reason }) => changes.push(`${from} → ${to} ${String(reason)} ${log.status().state}`));
    must(await log.append('x'));
    must(await log.close());
    expect(changes).toEqual(['writable → closing null closing', 'closing → closed null closed']);
  });
});

describe('waitUntilWritable', () => {
  test('a writable log resolves at once; aborted and wrong options are errors', async () => {
    const log = await openLog(scratchDirectory());
    must(await log.waitUntilWritable());
    must(await log.waitUntilWritable({ signal: new AbortController().signal }));
    mustFail(await log.waitUntilWritable({ signal: AbortSignal.abort() }), 'aborted');
    mustFail(await log.waitUntilWritable({ timeout: 5 } as never), 'invalid-argument');
    must(await log.close());
    mustFail(await log.waitUntilWritable(), 'closed');
  });
});

describe('close', () => {
  test('settles every accepted append, flushes, and gives back every handle', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    const appends = Array.from({ length: 100 }, (_, i) => log.append(`${i}`.padEnd(900, '.'), { ack: 'written' }));
    const closed = log.close();
    expect(log.status().state).toBe('closing');
    expect(mustFail(await log.append('late'), 'closed').outcome).toBe('not-appended');
    for (const appended of appends) must(await appended);
    must(await closed);
    const { handles, state, recoveryPoint, highWatermark, queueBytes } = log.status();
    expect({ open: handles.open, state, recoveryPoint, highWatermark, queueBytes }).toEqual({ open: 0, state: 'closed', recoveryPoint: 100, highWatermark: 100, queueBytes: 0 });
    const again = await openLog(dir);
    expect(again.recovery).toMatchObject({ clean: true, keptToOffset: 100, cut: null, rehomed: null, repaired: [] });
    await expectSound(again, 100);
  });

  test('twice, at once or later, gives the same result', async () => {
    const log = await openLog(scratchDirectory());
    must(await log.append('x'));
    const [first, second] = await Promise.all([log.close(), log.close()]);
    expect(first).toBe(second);
    expect(await log.close()).toBe(first);
  });

  test('leaves nothing but the log: no spare, no temporary file, and the last segment cut to its end', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir, {});
    must(await log.append('x'.repeat(50)));
    await expect.poll(() => log.status().spare).not.toBeNull();
    must(await log.append('y'.repeat(50)));
    const { bytes } = log.status();
    const segment = join(dir, '00000000000000000000.log');
    // Blocks for the next records are there.
    expect(statSync(segment).size).toBeGreaterThan(bytes);
    must(await log.close());
    const names = readdirSync(dir);
    expect(names.filter((name) => name.includes('spare') || name.endsWith('.tmp'))).toEqual([]);
    expect(statSync(segment).size).toBe(bytes);
  });

  test('while the spare is being made: nothing is left over, and the process can end', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir, {});
    must(await log.append('x'));
    must(await log.close());
    expect(readdirSync(dir).filter((name) => name.includes('spare') || name.endsWith('.tmp'))).toEqual([]);
    expect(log.status().handles.open).toBe(0);
  });

  test('await using closes; a second opener then gets in', async () => {
    const dir = scratchDirectory();
    {
      await using log = must(await MessageLog.open(dir, SMALL));
      must(await log.append('x'));
      mustFail(await MessageLog.open(dir, SMALL), 'locked');
    }
    const again = await openLog(dir);
    expect(again.recovery.clean).toBe(true);
    expect(await valuesOf(again)).toEqual(['x']);
  });

  test('every method of a closed log answers closed, and status and metrics still work', async () => {
    const log = await openLog(scratchDirectory());
    must(await log.append(['a', 'b']));
    const consumer = log.consumer('c');
    must(await consumer.commit(1));
    const follower = log.records({ from: 2, follow: true });
    const waiting = follower.next();
    must(await log.close());
    expect(await waiting).toEqual({ done: true, value: undefined });

    expect(mustFail(await log.append('x'), 'closed').outcome).toBe('not-appended');
    mustFail(await log.read({ from: 0 }), 'closed');
    mustFail(await log.flush(), 'closed');
    mustFail(await log.deleteBefore(0), 'closed');
    mustFail(await log.runRetention(), 'closed');
    mustFail(await log.verify(), 'closed');
    mustFail(await log.recover(), 'closed');
    mustFail(await log.waitUntilWritable(), 'closed');
    mustFail(await consumer.position(), 'closed');
    mustFail(await consumer.commit(1), 'closed');
    mustFail(await consumer.forget(), 'closed');
    mustFail(await log.consumer('new').commit(1), 'closed');
    for (const iteration of [log.records({ from: 0 }), log.batches({ from: 0 })] as AsyncIterator<Result<unknown, ReadError>>[]) {
      mustFail(await nextOf(iteration), 'closed');
      expect(await iteration.next()).toEqual({ done: true, value: undefined });
    }
    const leave = log.on('roll', () => undefined);
    leave();
    expect(log.status()).toMatchObject({ state: 'closed', reason: null, highWatermark: 2, handles: { open: 0 }, consumers: [{ name: 'c', position: 1 }] });
    expect(log.metrics().appendedRecords).toBe(2);
    must(await log.close());
  });
});
