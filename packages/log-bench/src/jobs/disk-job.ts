/**
 * What this disk can do, with nothing of the log in between: every way of writing, for chunks of one record up to
 * 8 MiB, in turns so that all ways see the same minutes; then two files at once, and how fast bytes are read and checked.
 */
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { fdatasync, write } from 'node:fs';
import { join } from 'node:path';
import { loadCrc32c } from '../measure/native-crc.js';
import { RawFile, type RawMode } from '../measure/raw-file.js';
import { readAndCheck } from '../measure/raw-reads.js';
import { appendBytes, RECORD_100 } from '../model/workload.js';
import type { DiskJob, DiskRow } from './job.js';

const MIB = 1024 * 1024;

const CHUNKS = [
  { title: '1 record', bytes: appendBytes(RECORD_100, 1) },
  { title: '16 records', bytes: appendBytes(RECORD_100, 16) },
  { title: '256 records', bytes: appendBytes(RECORD_100, 256) },
  { title: '1,000 records', bytes: appendBytes(RECORD_100, 1000) },
  { title: '4,096 records', bytes: appendBytes(RECORD_100, 4096) },
  { title: '1 MB', bytes: 1_000_000 },
  { title: '8 MiB', bytes: 8 * MIB },
] as const;

const WAYS: readonly { readonly title: string; readonly mode: RawMode }[] = [
  { title: 'write + fdatasync, growing file', mode: { place: 'growing', sync: 'fdatasync' } },
  { title: 'write + fdatasync, over written blocks', mode: { place: 'overwriting', sync: 'fdatasync' } },
  { title: 'O_DSYNC write, growing file', mode: { place: 'growing', sync: 'dsync' } },
  { title: 'O_DSYNC write, over written blocks', mode: { place: 'overwriting', sync: 'dsync' } },
  { title: 'write without sync, growing file', mode: { place: 'growing', sync: 'none' } },
  { title: 'write without sync, over written blocks', mode: { place: 'overwriting', sync: 'none' } },
];

/** A measurement that is repeated: answers calls per second, and the median microseconds of one call if it timed them. */
interface Repeated {
  readonly row: DiskRow;
  readonly measure: () => Promise<{ readonly perSecond: number; readonly p50Us: number | null }>;
}

/** Measures everything, round by round. */
export async function measureDisk(job: DiskJob, onStep: (done: number, of: number) => void): Promise<readonly DiskRow[]> {
  const repeated = [...writes(job), ...pairs(job), ...memory(job)];
  let done = 0;
  for (let round = 0; round < job.rounds; round += 1) {
    for (const { row, measure } of repeated) {
      const { perSecond, p50Us } = await measure();
      row.perSecond.push(perSecond);
      if (p50Us !== null) row.p50Us.push(p50Us);
      done += 1;
      onStep(done, repeated.length * job.rounds);
    }
  }
  return repeated.map(({ row }) => row);
}

function newRow(group: string, title: string, bytes: number): DiskRow {
  return { group, title, bytes, perSecond: [], p50Us: [] };
}

function writes(job: DiskJob): Repeated[] {
  return CHUNKS.flatMap((chunk) =>
    WAYS.map(({ title, mode }) => ({
      row: newRow(`writing ${chunk.title}`, title, chunk.bytes),
      measure: async () => {
        const file = new RawFile(join(job.dir, 'raw'), chunk.bytes, mode);
        file.run(job.sliceMs);
        const result = { perSecond: file.perSecond, p50Us: file.latencies.p50 };
        file.remove();
        return result;
      },
    })),
  );
}

/** One and two files whose syncs are in flight at once: how much a second log costs the first. */
function pairs(job: DiskJob): Repeated[] {
  return [1, 2, 4].map((files) => ({
    row: newRow('files at once, 1 record each, callbacks', files === 1 ? '1 file' : `${files} files together`, CHUNKS[0].bytes),
    measure: async () => {
      const startedAt = performance.now();
      const counts = await Promise.all(Array.from({ length: files }, (_, i) => syncByCallbacks(join(job.dir, `pair-${i}`), startedAt + job.sliceMs)));
      const operations = counts.reduce((sum, count) => sum + count, 0);
      return { perSecond: (operations * 1000) / (performance.now() - startedAt), p50Us: null };
    },
  }));
}

/** Writes and syncs one record after another through the thread pool; answers how many. */
function syncByCallbacks(path: string, endsAt: number): Promise<number> {
  const fd = openSync(path, 'w');
  const chunk = Buffer.alloc(CHUNKS[0].bytes, 0x5a);
  return new Promise<number>((resolve, reject) => {
    let count = 0;
    const once = (): void => {
      write(fd, chunk, 0, chunk.length, count * chunk.length, (writeError) => {
        if (writeError !== null) {
          reject(writeError);
          return;
        }
        fdatasync(fd, (syncError) => {
          if (syncError !== null) {
            reject(syncError);
            return;
          }
          count += 1;
          if (performance.now() < endsAt) once();
          else resolve(count);
        });
      });
    };
    once();
  }).finally(() => {
    closeSync(fd);
    unlinkSync(path);
  });
}

/** Reading back out of the page cache, and what a checksum and a copy cost by themselves. */
function memory(job: DiskJob): Repeated[] {
  const crc32c = loadCrc32c();
  const source = Buffer.alloc(MIB, 0x5a);
  const target = Buffer.alloc(MIB);
  const small = source.subarray(0, 64 * 1024);
  const timed = (group: string, title: string, bytes: number, work: () => void): Repeated => ({
    row: newRow(group, title, bytes),
    measure: async () => ({ perSecond: ratePerSecond(job.sliceMs, work), p50Us: null }),
  });
  const path = join(job.dir, 'read');
  return [
    {
      row: newRow('reading and memory', 'read + CRC-32C, page cache, 1 MiB at a time', MIB),
      measure: async () => {
        writeFileSync(path, Buffer.alloc(64 * MIB, 0x5a));
        const { bytes, milliseconds } = readAndCheck([path], crc32c);
        unlinkSync(path);
        return { perSecond: (bytes / MIB / milliseconds) * 1000, p50Us: null };
      },
    },
    timed('reading and memory', 'CRC-32C, 64 KiB at a time', small.length, () => crc32c(small)),
    timed('reading and memory', 'CRC-32C, one record at a time', CHUNKS[0].bytes, () => crc32c(source.subarray(0, CHUNKS[0].bytes))),
    timed('reading and memory', 'copying memory, 1 MiB at a time', MIB, () => source.copy(target)),
  ];
}

function ratePerSecond(milliseconds: number, work: () => void): number {
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < milliseconds) {
    for (let i = 0; i < 16; i += 1) work();
    count += 16;
  }
  return (count * 1000) / (performance.now() - startedAt);
}
