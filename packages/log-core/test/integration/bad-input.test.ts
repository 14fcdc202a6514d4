/** Everything that can be wrong with options, arguments, the directory and its files: a named error or a named repair. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeCheckpointFile, encodeCheckpointSlot } from '../../src/codec/checkpoint.js';
import { fastestCrc32c } from '../../src/adapters/node/native-crc32c.js';
import { MessageLog, type LogOptions } from '../../src/index.js';
import { diskImage, THREE_SEGMENTS, writeImage, type DiskImage } from '../support/broken-log.js';
import { expectSound, nextOf, salvage, text, valuesOf } from '../support/log-content.js';
import { must, mustFail, openFails, openLog, SMALL } from '../support/open-log.js';
import { memoryDirectory, scratchDirectory } from '../support/scratch-directory.js';

const crc32c = fastestCrc32c();
const SIDE_FILES = ['brimlog.checkpoint', 'brimlog.watermark', 'brimlog.segments', 'brimlog.positions', 'brimlog.spare'];

/** Names and contents of everything in a directory. */
function fingerprint(dir: string): Record<string, string> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(entries.map((entry) => [join(entry.parentPath, entry.name), entry.isFile() ? createHash('sha256').update(readFileSync(join(entry.parentPath, entry.name))).digest('hex') : 'other']));
}

/** Bytes without any meaning, always the same. */
function garbage(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, state = 1; i < length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

const expected = (image: DiskImage): string[] => image.appended.map(({ value }) => value);

describe('options', () => {
  test.each<[string, unknown, string]>([
    ['no object', 5, 'options'], ['null', null, 'options'], ['an array', [], 'options'], ['a text', 'flushed', 'options'], ['a function', () => ({}), 'options'],
    ['an unknown name', { acks: 'flushed' }, 'acks'], ['a name of Object.prototype', { constructor: 1 }, 'constructor'], ['a wrong ack', { ack: 'none' }, 'ack'],
    ['segments too small', { segmentBytesMax: 65_535 }, 'segmentBytesMax'], ['segments too large', { segmentBytesMax: 2 ** 30 + 1 }, 'segmentBytesMax'],
    ['a size as text', { segmentBytesMax: '65536' }, 'segmentBytesMax'], ['a fractional size', { batchBytesMax: 70_000.5 }, 'batchBytesMax'], ['NaN', { queueBytesMax: NaN }, 'queueBytesMax'],
    ['a queue smaller than a batch', { batchBytesMax: 100_000, queueBytesMax: 99_999 }, 'queueBytesMax'], ['segmentMs 0', { segmentMs: 0 }, 'segmentMs'],
    ['a flush interval of 0', { flushIntervalMs: 0 }, 'flushIntervalMs'], ['a flush interval beyond timers', { flushIntervalMs: 2 ** 31 }, 'flushIntervalMs'], ['flushBytesMax 0', { flushBytesMax: 0 }, 'flushBytesMax'],
    ['retention that is no object', { retention: 5 }, 'retention'], ['null as retention', { retention: null }, 'retention'], ['retention with an unknown name', { retention: { byte: 5 } }, 'retention.byte'],
    ['negative retention', { retention: { bytes: -1 } }, 'retention.bytes'], ['no segment at all', { retention: { segmentsMax: 0 } }, 'retention.segmentsMax'], ['keepUnconsumed as text', { retention: { keepUnconsumed: 'yes' } }, 'retention.keepUnconsumed'],
    ['a wrong onDiskFull', { onDiskFull: 'delete' }, 'onDiskFull'], ['a negative floor', { keepBytesMin: -1 }, 'keepBytesMin'], ['an unsafe floor', { keepMsMin: 2 ** 53 }, 'keepMsMin'],
    ['space with an unknown name', { space: { low: 1 } }, 'space.low'], ['low = high', { space: { lowBytes: 5, highBytes: 5 } }, 'space.highBytes'], ['low above high, in percent', { space: { lowPercent: 9, highPercent: 8 } }, 'space.highPercent'],
    ['percent above 100', { space: { lowPercent: 101 } }, 'space.lowPercent'], ['a quota below a segment', { quotaBytesMax: 65_535 }, 'quotaBytesMax'], ['a negative timeout', { ioTimeoutMs: -1 }, 'ioTimeoutMs'],
    ['a wrong onCorruption', { onCorruption: 'ignore' }, 'onCorruption'], ['an index interval of 0', { indexIntervalBytes: 0 }, 'indexIntervalBytes'], ['too few handles', { handlesMax: 1 }, 'handlesMax'],
    ['create as a number', { create: 1 }, 'create'], ['onProgress that cannot be called', { onProgress: 5 }, 'onProgress'], ['a file system that is none', { fileSystem: 5 }, 'fileSystem'], ['null as clock', { clock: null }, 'clock'],
  ])('%s: invalid-options with the name of the option, and nothing is made', async (_name, options, option) => {
    const dir = join(scratchDirectory(), 'log');
    const error = mustFail(await MessageLog.open(dir, options as LogOptions), 'invalid-options');
    expect(error.option).toBe(option);
    expect(error.message).toContain(option);
    expect(statSync(dir, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('options whose getters throw: an error of their own from every call, nothing thrown, and nothing is made', async () => {
    const hostile = { get [Symbol.toStringTag]() { throw new Error('printed'); }, get signal() { throw new Error('read'); } } as never;
    const dir = join(scratchDirectory(), 'log');
    mustFail(await MessageLog.open(dir, hostile), 'invalid-options');
    mustFail(await MessageLog.openReader(dir, hostile), 'invalid-options');
    expect(statSync(dir, { throwIfNoEntry: false })).toBeUndefined();
    const log = await openLog(dir);
    expect(mustFail(await log.append('x', hostile), 'invalid-argument').outcome).toBe('not-appended');
    mustFail(await log.read(hostile), 'invalid-argument');
    mustFail(await nextOf(log.records(hostile)), 'invalid-argument');
    mustFail(await nextOf(log.batches(hostile)), 'invalid-argument');
    mustFail(await log.verify(hostile), 'invalid-argument');
    mustFail(await log.waitUntilWritable(hostile), 'invalid-argument');
    expect(await valuesOf(log)).toEqual([]);
  });

  test('inherited options are checked as one’s own', async () => {
    const dir = join(scratchDirectory(), 'log');
    expect(mustFail(await MessageLog.open(dir, Object.create({ segmentBytesMax: 1 }) as LogOptions), 'invalid-options').option).toBe('segmentBytesMax');
  });

  test('undefined means the default, for every option', async () => {
    const names = ['ack', 'segmentBytesMax', 'retention', 'space', 'onCorruption', 'create', 'onProgress', 'fileSystem', 'clock', 'quotaBytesMax'];
    const log = await openLog(scratchDirectory(), Object.fromEntries(names.map((name) => [name, undefined])));
    must(await log.append('x'));
  });

  test.each<[string, unknown]>([['empty', ''], ['undefined', undefined], ['null', null], ['a number', 5], ['a NUL inside', 'a\0b'], ['an object', {}]])('a path that is %s: invalid-argument', async (_name, dir) => {
    mustFail(await MessageLog.open(dir as string), 'invalid-argument');
    mustFail(await MessageLog.openReader(dir as string), 'invalid-argument');
  });
});

describe('the directory', () => {
  test('a path that is a file, or lies below one: invalid-argument, and the file stays', async () => {
    const file = join(scratchDirectory(), 'file');
    writeFileSync(file, 'somebody else’s');
    expect((await openFails(file, 'invalid-argument')).argument).toBe('dir');
    await openFails(join(file, 'below'), 'invalid-argument');
    await openFails(join(file, 'far', 'below'), 'invalid-argument');
    expect(readFileSync(file, 'utf8')).toBe('somebody else’s');
  });

  test('a link to nowhere, to itself, to a file: an error, nothing is made', async () => {
    const dir = scratchDirectory();
    symlinkSync(join(dir, 'nowhere'), join(dir, 'dangling'));
    symlinkSync(join(dir, 'loop'), join(dir, 'loop'));
    writeFileSync(join(dir, 'file'), '');
    symlinkSync(join(dir, 'file'), join(dir, 'to-file'));
    for (const name of ['dangling', 'loop', 'to-file']) expect((await MessageLog.open(join(dir, name), SMALL)).isErr()).toBe(true);
    expect(readdirSync(dir).sort()).toEqual(['dangling', 'file', 'loop', 'to-file']);
  });

  test('a link to a log is as good as the log', async () => {
    const dir = scratchDirectory();
    const log = await openLog(join(dir, 'log'));
    symlinkSync(join(dir, 'log'), join(dir, 'link'));
    await openFails(join(dir, 'link'), 'locked');
    must(await log.append('x'));
    must(await log.close());
    expect(await valuesOf(await openLog(join(dir, 'link')))).toEqual(['x']);
  });

  test('other files and no log: invalid-argument, nothing touched, nothing added, the lock given back', async () => {
    const dir = scratchDirectory();
    writeFileSync(join(dir, 'photo.jpg'), garbage(100));
    writeFileSync(join(dir, '0000.log'), 'a log of another kind');
    mkdirSync(join(dir, 'sub'));
    const before = fingerprint(dir);
    expect((await openFails(dir, 'invalid-argument')).message).toMatch(/0000\.log.*photo\.jpg|photo\.jpg/);
    await openFails(dir, 'invalid-argument');
    expect(fingerprint(dir)).toEqual(before);
  });

  test('other files in a log’s directory are left alone and named in the report', async () => {
    const dir = scratchDirectory();
    must(await (await openLog(dir)).close());
    const foreign = ['.hidden', '0000.log', '00000000000000000000.snapshot', 'leader-epoch-checkpoint', 'notes.txt', 'partition.metadata'];
    for (const name of foreign) writeFileSync(join(dir, name), garbage(50));
    mkdirSync(join(dir, 'directory.tmp'));
    const before = fingerprint(dir);
    const log = await openLog(dir);
    expect(log.recovery.foreignFiles).toEqual([...foreign, 'directory.tmp'].sort());
    expect(log.recovery.clean).toBe(true);
    must(await log.append('x'));
    must(await log.close());
    const after = fingerprint(dir);
    for (const name of [...foreign, 'directory.tmp']) expect(after[join(dir, name)]).toBe(before[join(dir, name)]);
  });

  test('lost+found on a fresh file system is no reason to refuse', async () => {
    const dir = scratchDirectory();
    mkdirSync(join(dir, 'lost+found'));
    const log = await openLog(dir);
    expect(log.recovery.foreignFiles).toEqual([]);
    must(await log.append('x'));
    await expectSound(log, 1);
  });

  test('leftovers of an unfinished life go: temporary files, indexes without a segment', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    must(await log.append('x'));
    must(await log.close());
    for (const name of ['brimlog.segment.tmp', 'brimlog.checkpoint.tmp', '00000000000000000777.index', '00000000000000000777.timeindex']) writeFileSync(join(dir, name), garbage(50));
    const again = await openLog(dir);
    expect(again.recovery).toMatchObject({ clean: true, foreignFiles: [] });
    must(await again.close());
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp') || name.includes('777'))).toEqual([]);
  });

  test('a directory where a segment, or a side file, should be: an error with its path, nothing thrown', async () => {
    for (const name of ['00000000000000000005.log', 'brimlog.checkpoint', 'brimlog.positions', 'brimlog.segments']) {
      const dir = scratchDirectory();
      const log = await openLog(dir);
      must(await log.append(['a', 'b', 'c', 'd', 'e']));
      must(await log.close());
      rmSync(join(dir, name), { force: true });
      mkdirSync(join(dir, name));
      const opened = await MessageLog.open(dir, SMALL);
      if (opened.isOk()) {
        must(await opened.value.verify());
        must(await opened.value.close());
      } else {
        expect(JSON.stringify(opened.error)).toContain(name);
      }
      expect(statSync(join(dir, name)).isDirectory()).toBe(true);
    }
  });

  test('the directory removed while open: appends are told, close returns', async () => {
    const dir = join(scratchDirectory(), 'log');
    const log = await openLog(dir);
    must(await log.append('x'));
    rmSync(dir, { recursive: true });
    let error: { kind: string } | null = null;
    for (let i = 0; i < 20 && error === null; i += 1) {
      const result = await log.append('y'.repeat(9_000));
      if (result.isErr()) error = result.error;
    }
    expect(error?.kind).toBe('gone');
    expect(log.status()).toMatchObject({ state: 'failed', reason: 'gone' });
    const read = await log.read({ from: 0 });
    if (read.isErr()) expect(read.error.kind).toBe('gone');
    mustFail(await log.recover(), 'gone');
    expect((await log.close()).isErr()).toBe(true);
    expect(log.status()).toMatchObject({ state: 'closed', handles: { open: 0 } });
  });
});

describe('a second opener', () => {
  test('in the same process: locked, with this process’s pid, as often as it tries', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    for (let i = 0; i < 3; i += 1) expect(await openFails(dir, 'locked')).toMatchObject({ pid: process.pid, path: dir });
    must(await log.append('x'));
    must(await log.close());
    await expectSound(await openLog(dir), 1);
  });

  test('two that open at the same moment: one gets in', async () => {
    const dir = scratchDirectory();
    for (let round = 0; round < 5; round += 1) {
      const results = await Promise.all(Array.from({ length: 4 }, () => MessageLog.open(dir, SMALL)));
      const opened = results.filter((result) => result.isOk());
      expect(opened).toHaveLength(1);
      for (const result of results) if (result.isErr()) expect(result.error.kind).toBe('locked');
      must(await opened[0]!.value.close());
    }
  });

  test('in another process: locked with the holder’s pid; its death frees the log', async ({ skip }) => {
    if (spawnSync('flock', ['--version']).status !== 0) skip('flock of util-linux is not there');
    const dir = scratchDirectory();
    must(await (await openLog(dir)).close());
    // Any program that takes the same lock on the directory is a holder.
    const holder = spawn('flock', ['--exclusive', '--nonblock', dir, 'sh', '-c', 'echo held; read line'], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void holder.kill('SIGKILL'));
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once('data', () => resolve());
      holder.once('error', reject);
    });
    expect((await openFails(dir, 'locked')).pid).toBe(holder.pid);
    const gone = new Promise((resolve) => holder.once('exit', resolve));
    holder.stdin.end();
    await gone;
    await openLog(dir);
  });

  test('readers need no lock, and write nothing', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    must(await log.append(['a', 'b']));
    await expect.poll(() => log.status().spare).not.toBeNull();
    const before = fingerprint(dir);
    const reader = must(await MessageLog.openReader(dir));
    expect(await valuesOf(reader)).toEqual(['a', 'b']);
    for (const refused of [await reader.append('x'), await reader.flush(), await reader.deleteBefore(1), await reader.runRetention(), await reader.recover(), await reader.waitUntilWritable(), await reader.consumer('c').commit(1)]) {
      mustFail(refused as never, 'read-only' as never);
    }
    must(await reader.close());
    expect(fingerprint(dir)).toEqual(before);
  });
});

describe('the format', () => {
  test('a newer format version: incompatible-format, for writers and readers, and not a byte is changed', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    must(await log.append('x'));
    must(await log.close());
    const file = join(dir, 'brimlog.checkpoint');
    const bytes = readFileSync(file);
    for (const slot of [0, 4_096]) {
      const newer = Buffer.from(bytes);
      newer.writeUInt32BE(2, slot + 8);
      newer.writeUInt32BE(crc32c(newer.subarray(slot, slot + 124)), slot + 124);
      writeFileSync(file, newer);
      const before = fingerprint(dir);
      for (const onCorruption of ['refuse', 'quarantine'] as const) expect((await openFails(dir, 'incompatible-format', { onCorruption })).message).toContain('2');
      mustFail(await MessageLog.openReader(dir), 'incompatible-format');
      expect(fingerprint(dir)).toEqual(before);
    }
    writeFileSync(file, bytes);
    await expectSound(await openLog(dir), 1);
  });
});

describe('segments', () => {
  test.each(['closed', 'unclean'] as const)('missing in the middle, %s: corruption that names it, with its offsets; quarantine serves the rest', async (stop) => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop });
    const [, middle, last] = image.segments as [string, string, string];
    const dir = writeImage(join(parent, 'damaged'), image, { [middle]: null });
    const before = fingerprint(dir);
    const error = await openFails(dir, 'corruption');
    expect(error).toMatchObject({ fromOffset: baseOf(middle), nextOffset: baseOf(last) });
    expect(fingerprint(dir)).toEqual(before);
    const log = await openLog(dir, { ...SMALL, onCorruption: 'quarantine' });
    expect(log.recovery.quarantined).toMatchObject([{ fromOffset: baseOf(middle), nextOffset: baseOf(last) }]);
    await expectRest(log, image, baseOf(middle), baseOf(last));
    expect(must(await log.append('goes on')).baseOffset).toBe(image.appended.length);
  });

  test.each(['closed', 'unclean'] as const)('the last one vanished, %s: corruption; quarantine keeps its offsets from being given twice', async (stop) => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop });
    const last = image.segments.at(-1)!;
    const dir = writeImage(join(parent, 'damaged'), image, { [last]: null });
    const error = await openFails(dir, 'corruption');
    expect(error).toMatchObject({ rule: 'missing-segment', file: join(dir, last), position: 0, fromOffset: baseOf(last) });
    const log = await openLog(dir, { ...SMALL, onCorruption: 'quarantine' });
    expect((await salvage(log)).records.map((record) => text(record.value))).toEqual(expected(image).slice(0, baseOf(last)));
    const { baseOffset } = must(await log.append('goes on'));
    expect(baseOffset).toBeGreaterThanOrEqual(stop === 'closed' ? image.appended.length : baseOf(last));
    must(await log.close());
    const again = await openLog(dir, { ...SMALL, onCorruption: 'quarantine' });
    expect((await salvage(again)).records.at(-1)).toMatchObject({ offset: baseOffset });
  });

  test('damaged from its first byte, and no checkpoint: quarantine keeps the file as it is, and the next append does not take its name', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    must(await log.append(['a', 'b', 'c']));
    must(await log.close());
    rmSync(join(dir, 'brimlog.checkpoint'));
    const file = join(dir, '00000000000000000000.log');
    const damaged = readFileSync(file);
    damaged[7]! ^= 4;
    writeFileSync(file, damaged);
    expect(await openFails(dir, 'corruption')).toMatchObject({ file, position: 0, fromOffset: 0, nextOffset: 1, rule: 'base-offset' });
    const again = await openLog(dir, { onCorruption: 'quarantine' });
    expect(again.recovery.quarantined).toMatchObject([{ file, position: 0, fromOffset: 0, nextOffset: 1 }]);
    expect(must(await again.append('goes on')).baseOffset).toBe(1);
    expect(await salvage(again)).toMatchObject({ records: [{ offset: 1 }], errors: [{ kind: 'corruption', fromOffset: 0, nextOffset: 1 }] });
    must(await again.close());
    expect(readFileSync(file).equals(damaged)).toBe(true);
  });

  test('the last one vanished and the table of segments is missing: the checkpoint still tells', async () => {
    const parent = memoryDirectory();
    for (const stop of ['closed', 'unclean'] as const) {
      const image = await diskImage(parent, { ...THREE_SEGMENTS, stop });
      const last = image.segments.at(-1)!;
      const dir = writeImage(join(parent, `damaged-${stop}`), image, { [last]: null, 'brimlog.segments': null });
      expect(await openFails(dir, 'corruption')).toMatchObject({ rule: 'missing-segment', fromOffset: baseOf(last) });
    }
  });

  test('the last one vanished and the checkpoint is garbage: the table of segments still tells', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop: 'closed' });
    const last = image.segments.at(-1)!;
    const dir = writeImage(join(parent, 'damaged'), image, { [last]: null, 'brimlog.checkpoint': garbage(8_192) });
    expect(await openFails(dir, 'corruption')).toMatchObject({ rule: 'missing-segment', fromOffset: baseOf(last) });
  });

  test('all of them vanished: corruption, not an empty log', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop: 'closed' });
    const dir = writeImage(join(parent, 'damaged'), image, Object.fromEntries(image.segments.map((name) => [name, null])));
    for (const onCorruption of ['refuse', 'quarantine'] as const) {
      expect(await openFails(dir, 'corruption', { ...SMALL, onCorruption })).toMatchObject({ rule: 'missing-segment', fromOffset: 0, nextOffset: image.appended.length });
    }
  });

  test('the first one vanished: the log starts with the next', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop: 'closed' });
    const dir = writeImage(join(parent, 'damaged'), image, { [image.segments[0]!]: null });
    const log = await openLog(dir);
    expect(log.status().logStartOffset).toBe(baseOf(image.segments[1]!));
    expect(await valuesOf(log)).toEqual(expected(image).slice(baseOf(image.segments[1]!)));
  });

  test.each(['closed', 'unclean'] as const)('a stray one of a higher name in a log that was %s: corruption that says which offsets are missing', async (stop) => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop });
    const dir = writeImage(join(parent, 'stray'), image, { '00000000000000000500.log': Buffer.alloc(0) });
    const end = image.appended.length;
    const error = mustFail(await MessageLog.open(dir, SMALL), 'corruption');
    expect(error).toMatchObject({ file: join(dir, image.segments.at(-1)!), fromOffset: end, nextOffset: 500 });
    const log = await openLog(dir, { ...SMALL, onCorruption: 'quarantine' });
    expect(log.recovery.quarantined).toMatchObject([{ fromOffset: end, nextOffset: 500 }]);
    const { records } = await salvage(log);
    expect(records.map((record) => text(record.value))).toEqual(expected(image));
    expect(must(await log.append('goes on')).baseOffset).toBe(500);
  });

  test.each(['scanned', 'believed'])('one of another log that reaches into the next, %s at opening: the offsets of the next are its own', async (how) => {
    const parent = memoryDirectory();
    const other = await diskImage(join(parent, 'other'), { segments: [[1, 3]], valueBytes: 40, stop: 'closed' });
    const image = await diskImage(parent, { segments: [[2], [2]], valueBytes: 20, stop: 'closed' });
    const [first = '', second = ''] = image.segments;
    expect([first, second].map(baseOf)).toEqual([0, 2]);
    const scanned = how === 'scanned' ? { 'brimlog.checkpoint': null, 'brimlog.segments': null } : {};
    const dir = writeImage(join(parent, 'mixed'), image, { [first]: other.files.get(first)!, ...scanned });
    if (how === 'scanned') expect(mustFail(await MessageLog.open(dir, SMALL), 'corruption')).toMatchObject({ fromOffset: 1, nextOffset: 2 });
    const log = await openLog(dir, { ...SMALL, onCorruption: 'quarantine' });
    const { records, errors } = await salvage(log);
    expect(errors).toMatchObject([{ kind: 'corruption', fromOffset: 1, nextOffset: 2 }]);
    expect(records.map(({ offset, value }) => [offset, text(value)])).toEqual([
      [0, other.appended[0]!.value],
      [2, image.appended[2]!.value],
      [3, image.appended[3]!.value],
    ]);
  });

  test('two that changed their names: never a wrong record', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop: 'closed' });
    const [first, second] = image.segments as [string, string];
    const dir = writeImage(join(parent, 'damaged'), image, { [first]: image.files.get(second)!, [second]: image.files.get(first)! });
    const log = await openLog(dir, { ...SMALL, onCorruption: 'quarantine' });
    const { records } = await salvage(log);
    for (const record of records) expect(text(record.value)).toBe(image.appended[record.offset]!.value);
    expect(must(await log.verify()).problems).not.toEqual([]);
  });

  test('a segment of an impossible name is foreign', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir);
    must(await log.append('x'));
    must(await log.close());
    for (const name of ['99999999999999999999.log', '0000000000000000001.log', '00000000000000000001.LOG', '-0000000000000000001.log']) writeFileSync(join(dir, name), garbage(10));
    const again = await openLog(dir);
    expect(again.recovery.foreignFiles).toHaveLength(4);
    await expectSound(again, 1);
  });
});

/** All records but those of one range are served, none wrong. */
async function expectRest(log: MessageLog, image: DiskImage, from: number, to: number): Promise<void> {
  const { records, errors } = await salvage(log);
  expect(errors).toMatchObject([{ kind: 'corruption', fromOffset: from, nextOffset: to }]);
  expect(records.map((record) => text(record.value))).toEqual(image.appended.filter(({ offset }) => offset < from || offset >= to).map(({ value }) => value));
  expect(mustFail(await log.read({ from }), 'corruption').nextOffset).toBe(to);
}

function baseOf(name: string): number {
  return Number(name.slice(0, 20));
}

describe('side files are never the truth', () => {
  const DAMAGES: readonly (readonly [string, (bytes: Buffer) => Uint8Array | null])[] = [
    ['missing', () => null],
    ['empty', () => new Uint8Array(0)],
    ['garbage', (bytes) => garbage(Math.max(bytes.length, 100))],
    ['garbage behind it', (bytes) => Buffer.concat([bytes, garbage(1_000)])],
    ['zeros', (bytes) => new Uint8Array(Math.max(bytes.length, 100))],
    ['cut in half', (bytes) => bytes.subarray(0, bytes.length >>> 1)],
    ['cut to one byte', (bytes) => bytes.subarray(0, 1)],
    ['ones', (bytes) => new Uint8Array(Math.max(bytes.length, 100)).fill(0xff)],
  ];

  for (const stop of ['closed', 'unclean'] as const) {
    for (const name of [...SIDE_FILES, '.index', '.timeindex']) {
      test.each(DAMAGES)(`${name} of a log stopped ${stop}, %s: every record is read, the log goes on, a third opening finds nothing wrong`, async (_what, damage) => {
        const parent = memoryDirectory();
        const options = { ...SMALL, batchBytesMax: 1_024, indexIntervalBytes: 1 };
        const image = await diskImage(parent, { segments: [[1, 2, 1, 1, 1], [2, 1, 2, 1], [1, 3, 1, 1]], valueBytes: 20, stop, options });
        const names = name.startsWith('.') ? image.segments.map((segment) => segment.replace('.log', name)) : [name];
        const changes = Object.fromEntries(names.map((each) => [each, damage(image.files.get(each) ?? Buffer.alloc(0))]));
        const dir = writeImage(join(parent, 'damaged'), image, changes);
        const log = await openLog(dir, options);
        expect(log.recovery).toMatchObject({ cut: null, quarantined: [], foreignFiles: [] });
        expect(await valuesOf(log)).toEqual(expected(image));
        for (let from = 0; from < image.appended.length; from += 1) expect(text([...must(await log.read({ from })).records][0]!.value)).toBe(image.appended[from]!.value);
        expect(must(await log.append('one more')).baseOffset).toBe(image.appended.length);
        must(await log.consumer('c').commit(1));
        await expectSound(log, image.appended.length + 1);
        must(await log.close());
        const again = await openLog(dir, options);
        expect(again.recovery).toMatchObject({ clean: true, repaired: [], keptToOffset: image.appended.length + 1 });
        expect(must(await again.consumer('c').position())).toBe(1);
        await expectSound(again, image.appended.length + 1);
      });
    }
  }

  test('a damaged checkpoint, or one of its slots, is named in the report as repaired', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop: 'closed' });
    const bytes = image.files.get('brimlog.checkpoint')!;
    const { slot } = decodeCheckpointFile(bytes, crc32c) as { slot: 0 | 1 };
    const whole = writeImage(join(parent, 'whole'), image, { 'brimlog.checkpoint': garbage(8_192) });
    expect((await openLog(whole)).recovery).toMatchObject({ clean: false, repaired: [{ file: 'brimlog.checkpoint' }] });
    const older = Buffer.from(bytes);
    garbage(128).copy(older, slot * 4_096);
    const half = await openLog(writeImage(join(parent, 'half'), image, { 'brimlog.checkpoint': older }));
    expect(half.recovery).toMatchObject({ cut: null, quarantined: [], repaired: [{ file: 'brimlog.checkpoint' }] });
    expect(await valuesOf(half)).toEqual(expected(image));
  });

  test('without a checkpoint the log keeps its tag, so that later damage is still told apart', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop: 'closed' });
    const dir = writeImage(join(parent, 'damaged'), image, { 'brimlog.checkpoint': null });
    const log = await openLog(dir);
    must(await log.append('x'));
    must(await log.close());
    const before = decodeCheckpointFile(image.files.get('brimlog.checkpoint')!, crc32c);
    const after = decodeCheckpointFile(readFileSync(join(dir, 'brimlog.checkpoint')), crc32c);
    expect(after).toMatchObject({ kind: 'valid', checkpoint: { tag: (before as { checkpoint: { tag: number } }).checkpoint.tag } });
  });

  test('a checkpoint of another log, or of another time: records are neither lost nor cut in silence', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { ...THREE_SEGMENTS, stop: 'closed' });
    const { checkpoint } = decodeCheckpointFile(image.files.get('brimlog.checkpoint')!, crc32c) as { checkpoint: Parameters<typeof encodeCheckpointSlot>[0] };
    const lies = [
      { ...checkpoint, endPosition: checkpoint.endPosition + 1 },
      { ...checkpoint, recoveryPoint: 2, recoveryPointSegment: 0, recoveryPointPosition: 7, clean: false },
      { ...checkpoint, recoveryPointPosition: checkpoint.recoveryPointPosition - 1, clean: false },
      { ...checkpoint, recoveryPoint: 0, recoveryPointPosition: 0, clean: false },
      { ...checkpoint, highestSegment: 0, clean: false },
      { ...checkpoint, logStartOffset: 1_000_000 },
      { ...checkpoint, tag: checkpoint.tag ^ 1, clean: false },
    ];
    for (const [i, lie] of lies.entries()) {
      const bytes = new Uint8Array(8_192);
      bytes.set(encodeCheckpointSlot(lie, crc32c));
      const dir = writeImage(join(parent, `lie-${i}`), image, { 'brimlog.checkpoint': bytes });
      const opened = await MessageLog.open(dir, { ...SMALL, onCorruption: 'quarantine' });
      const log = must(opened);
      const { records, errors } = await salvage(log);
      for (const record of records) expect(text(record.value)).toBe(image.appended[record.offset]!.value);
      const told = errors.length + log.recovery.quarantined.length + (log.recovery.cut === null ? 0 : 1) + (log.status().logStartOffset > 0 ? 1 : 0);
      if (records.length < image.appended.length) expect(told, `lie ${i}`).toBeGreaterThan(0);
      must(await log.close());
    }
  });

  test('a checkpoint of another log, of records that this one never had: nothing is passed over or cut, and the report names it', async () => {
    const parent = memoryDirectory();
    const image = await diskImage(parent, { segments: [[1, 2, 1]], valueBytes: 20, stop: 'unclean' });
    const other = await diskImage(join(parent, 'other'), { segments: [[1, 2, 1, 3, 4]], valueBytes: 11, stop: 'unclean' });
    const { checkpoint } = decodeCheckpointFile(other.files.get('brimlog.checkpoint')!, crc32c) as { checkpoint: Parameters<typeof encodeCheckpointSlot>[0] };
    const bytes = new Uint8Array(8_192);
    const { position, nextOffset } = other.batches[1]!;
    bytes.set(encodeCheckpointSlot({ ...checkpoint, recoveryPoint: nextOffset - 1, recoveryPointSegment: 0, recoveryPointPosition: position }, crc32c));
    const log = await openLog(writeImage(join(parent, 'mixed'), image, { 'brimlog.checkpoint': bytes }), SMALL);
    expect(log.recovery).toMatchObject({ cut: null, repaired: [{ file: 'brimlog.checkpoint', what: 'of another log: every segment was scanned' }] });
    expect(await valuesOf(log)).toEqual(expected(image));
    must(await log.close());
    const again = await openLog(join(parent, 'mixed'), SMALL);
    expect(again.recovery).toMatchObject({ clean: true, repaired: [] });
    expect(await valuesOf(again)).toEqual(expected(image));
  });

  test('an index whose offsets are those of other batches skips nothing and doubles nothing', async () => {
    const parent = memoryDirectory();
    const options = { ...SMALL, batchBytesMax: 1_024, indexIntervalBytes: 1 };
    const image = await diskImage(parent, { segments: [[1, 2, 1, 2, 1, 2], [1]], valueBytes: 20, stop: 'closed', options });
    const name = image.segments[0]!.replace('.log', '.index');
    for (const shift of [-2, -1, 1, 2]) {
      const wrong = Buffer.from(image.files.get(name)!);
      for (let at = 0; at < wrong.length; at += 8) wrong.writeInt32BE(Math.max(at / 8, wrong.readInt32BE(at) + shift), at);
      const log = await openLog(writeImage(join(parent, `shift${shift}`), image, { [name]: wrong }), options);
      for (let from = 0; from < 9; from += 1) {
        // Another read first may have found the index out already.
        const fresh = await openLog(writeImage(join(parent, `shift${shift}-${from}`), image, { [name]: wrong }), options);
        for (const each of [fresh, log]) {
          expect([...must(await each.read({ from })).records].map((record) => text(record.value))).toEqual(expected(image).slice(from));
        }
      }
    }
  });

  test('an index that points into the middle of things is found out, rebuilt, and right on disk again', async () => {
    const parent = memoryDirectory();
    const options = { ...SMALL, batchBytesMax: 1_024, indexIntervalBytes: 1 };
    const image = await diskImage(parent, { segments: [[1, 1, 1, 1, 1, 1], [1]], valueBytes: 20, stop: 'closed', options });
    const name = image.segments[0]!.replace('.log', '.index');
    const right = image.files.get(name)!;
    expect(right.length).toBeGreaterThan(16);
    for (const shift of [1, 5, 81, -1, 200, 100_000]) {
      const wrong = Buffer.from(right);
      for (let at = 0; at < wrong.length; at += 8) wrong.writeInt32BE(Math.max(1, wrong.readInt32BE(at + 4) + shift), at + 4);
      const dir = writeImage(join(parent, `shift${shift}`), image, { [name]: wrong });
      const log = await openLog(dir, options);
      for (let from = 0; from < 6; from += 1) expect(text([...must(await log.read({ from })).records][0]!.value)).toBe(image.appended[from]!.value);
      await expect.poll(() => readFileSync(join(dir, name)).equals(right)).toBe(true);
      must(await log.close());
    }
  });
});

describe('rights', () => {
  test.skipIf(process.getuid?.() === 0)('a directory that may not be written: permission', async () => {
    const dir = scratchDirectory();
    chmodSync(dir, 0o555);
    await openFails(join(dir, 'log'), 'permission');
  });
});

describe('calls at the wrong time', () => {
  test('reads under way when the log closes answer with records or with closed', async () => {
    const log = await openLog(scratchDirectory());
    for (let i = 0; i < 40; i += 1) must(await log.append('x'.repeat(9_000), { ack: 'written' }));
    const reads = Array.from({ length: 40 }, (_, i) => log.read({ from: i, bytesMax: 1 }));
    const verified = log.verify();
    const iterated = valuesOf(log).then(() => 'all', (thrown: unknown) => String(thrown));
    must(await log.close());
    for (const result of await Promise.all(reads)) if (result.isErr()) expect(result.error.kind).toBe('closed');
    const report = await verified;
    if (report.isErr()) expect(report.error.kind).toBe('closed');
    expect(await iterated).toMatch(/all|closed/);
    expect(log.status().handles.open).toBe(0);
  });

  test('verify refuses wrong options, tells progress, stops at a signal, and survives a listener that throws', async () => {
    const dir = scratchDirectory();
    const log = await openLog(dir, { space: { reserveBytes: 0 } });
    for (let i = 0; i < 12; i += 1) must(await log.append('x'.repeat(900_000), { ack: 'written' }));
    for (const wrong of [null, 5, { onProgress: 5 }, { signal: 5 }, { deep: true }]) mustFail(await log.verify(wrong as never), 'invalid-argument');
    const reader = must(await MessageLog.openReader(dir));
    for (const verified of [log, reader]) {
      const progress: number[] = [];
      must(await verified.verify({ onProgress: ({ bytes, totalBytes }) => void progress.push(bytes / totalBytes) }));
      expect(progress.length).toBeGreaterThan(1);
      expect(progress.at(-1)).toBeGreaterThan(0.5);
      expect(progress.at(-1)).toBeLessThanOrEqual(1);
    }
    must(await reader.close());
    mustFail(await log.verify({ signal: AbortSignal.abort() }), 'aborted');
    const report = must(await log.verify({ onProgress: () => { throw new Error('from a listener'); } }));
    expect(report).toMatchObject({ records: 12, problems: [] });
  });

  test('onProgress of opening may throw, and tells of the scan', async () => {
    const parent = scratchDirectory();
    const image = await diskImage(parent, { segments: [Array.from({ length: 60 }, () => 1)], valueBytes: 60_000, stop: 'unclean', options: { ...SMALL, batchBytesMax: 65_536, segmentBytesMax: 8_388_608 } });
    const dir = writeImage(join(parent, 'copy'), image, { 'brimlog.checkpoint': null });
    let told = 0;
    const log = await openLog(dir, { ...SMALL, onProgress: ({ bytes, totalBytes }) => {
      told += 1;
      expect(bytes).toBeLessThanOrEqual(totalBytes);
      throw new Error('from a listener');
    } });
    expect(told).toBeGreaterThan(0);
    await expectSound(log, 60);
  });

  test('a renamed directory: the open log stays with its files', async () => {
    const parent = scratchDirectory();
    const log = await openLog(join(parent, 'a'));
    must(await log.append('x'));
    renameSync(join(parent, 'a'), join(parent, 'b'));
    const result = await log.append('y');
    const { state } = log.status();
    expect(result.isOk() || state === 'failed').toBe(true);
    await log[Symbol.asyncDispose]();
    const moved = await openLog(join(parent, 'b'));
    expect((await valuesOf(moved))[0]).toBe('x');
  });
});
