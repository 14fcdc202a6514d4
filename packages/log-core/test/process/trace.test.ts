/**
 * What the library asks of the system, seen from outside: no synchronous file call while it appends, few files read by
 * opening a log of many segments, and memory that is bounded while far more is offered than the disk can take.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MovableClock } from '../support/movable-clock.js';
import { must, openLog, SMALL } from '../support/open-log.js';
import { memoryDirectory, scratchDirectory } from '../support/scratch-directory.js';
import { DrivenLog } from './driven-log.js';
import { attachStrace, needsStrace } from './strace.js';

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Every call on a file that can wait for the disk. */
const FILE_CALLS =
  'read,write,pread64,pwrite64,readv,writev,preadv,pwritev,preadv2,pwritev2,fdatasync,fsync,sync_file_range,open,openat,close,' +
  'ftruncate,truncate,fallocate,rename,renameat,renameat2,unlink,unlinkat,statfs,fstatfs,getdents64,mkdir,link';

interface Call {
  readonly tid: number;
  readonly name: string;
  readonly line: string;
}

/** The calls whose line names something below `dir`. */
function callsBelow(dir: string, lines: readonly string[]): Call[] {
  return lines
    .filter((line) => line.includes(dir))
    .map((line) => /^(\d+)\s+(\w+)\(/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ tid: Number(match[1]), name: match[2]!, line: match.input }));
}

function countByName(calls: readonly Call[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('append', () => {
  for (const ack of ['flushed', 'written'] as const) {
    it(`makes no synchronous file call: ${ack}, over many rolls`, async (context) => {
      await needsStrace(context);
      const dir = scratchDirectory();
      const child = await DrivenLog.start();
      must(await child.open(dir, { ...SMALL, flushIntervalMs: 20, space: { reserveBytes: 0, intervalMs: 50 } }));
      const trace = await attachStrace(child.pid, ['-e', `trace=${FILE_CALLS}`]);
      const metrics = must(await child.work({ producers: 16, appends: 20, valueBytes: 2 * KIB, ack }));
      const calls = callsBelow(dir, await trace.detach());
      const counts = countByName(calls);
      // The trace saw the work, and all of it was done by other threads than the one that JavaScript runs on.
      expect(metrics.appendedRecords).toBe(320);
      expect(metrics.rolls).toBeGreaterThan(4);
      expect((counts['pwrite64'] ?? 0) + (counts['pwritev'] ?? 0)).toBeGreaterThan(10);
      expect(counts['fdatasync']).toBeGreaterThan(0);
      expect(counts['rename']).toBeGreaterThan(0);
      expect(calls.filter(({ tid }) => tid === child.pid).map(({ line }) => line)).toEqual([]);
      console.log(`append, ${ack}: ${calls.length} calls on the log's files, 0 of them on the main thread ${JSON.stringify(counts)}`);
    });
  }
});

describe('open', () => {
  it('reads at most 3 files of a cleanly closed log of 1,000 segments', async (context) => {
    await needsStrace(context);
    const dir = memoryDirectory();
    const clock = new MovableClock();
    const made = await openLog(dir, { ...SMALL, batchBytesMax: 1_024, segmentMs: 1_000, clock, retention: { intervalMs: 3_600_000 } });
    for (let i = 0; i < 1_000; i += 1) {
      clock.pass(1_000);
      must(await made.append(`record ${i}`, { ack: 'written' }));
    }
    must(await made.close());
    expect(readdirSync(dir).filter((name) => name.endsWith('.log'))).toHaveLength(1_000);

    const child = await DrivenLog.start();
    const trace = await attachStrace(child.pid, ['-e', `trace=${FILE_CALLS}`]);
    const report = must(await child.open(dir, SMALL));
    const calls = callsBelow(dir, await trace.detach());
    expect(report).toMatchObject({ clean: true, keptToOffset: 1_000 });
    const files = (names: readonly string[]): string[] => {
      const found = calls.filter(({ name, line }) => names.includes(name) && !line.includes('O_DIRECTORY') && !/ = -1 /.test(line));
      const paths = found.map(({ line }) => new RegExp(`${dir}/([^>"]+)`).exec(line)?.[1]).filter((name) => name !== undefined);
      return [...new Set(paths)].sort();
    };
    const read = files(['read', 'pread64', 'readv', 'preadv']);
    const opened = files(['open', 'openat']);
    console.log(`open, 1,000 segments: read ${read.join(', ')}; opened ${opened.join(', ')}; ${report.durationMs.toFixed(0)} ms`);
    expect(read.length).toBeGreaterThan(0);
    expect(read.length).toBeLessThanOrEqual(3);
    expect(opened.filter((name) => name.endsWith('.log')).length).toBeLessThanOrEqual(1);
    expect(must(await child.read(499)).values).toContain('record 499');
    must(await child.close());
    expect(child.openFiles(dir)).toEqual([]);
  });
});

describe('memory', () => {
  it('is bounded by queueBytesMax while 100,000 appends are offered at once; what is refused is backpressure, not appended', async () => {
    const dir = scratchDirectory();
    const child = await DrivenLog.start();
    const queueBytesMax = 4 * MIB;
    must(await child.open(dir, { queueBytesMax, batchBytesMax: MIB, segmentBytesMax: 16 * MIB }));
    const { endings, growthBytes, queueBytesPeak } = must(await child.flood(100_000, KIB));
    const appended = endings['appended'] ?? 0;
    console.log(`memory: ${JSON.stringify(endings)}, grew by ${(growthBytes / MIB).toFixed(0)} MiB, queue at most ${(queueBytesPeak / MIB).toFixed(1)} MiB`);
    expect(Object.keys(endings).sort()).toEqual(['appended', 'backpressure not-appended']);
    expect(appended + endings['backpressure not-appended']!).toBe(100_000);
    expect(appended).toBeGreaterThan(3_000);
    expect(queueBytesPeak).toBeLessThanOrEqual(queueBytesMax);
    expect(growthBytes).toBeLessThan(200 * MIB);
    expect(await child.status()).toMatchObject({ state: 'writable', highWatermark: appended, queueBytes: 0 });
    must(await child.close());
  });
});
