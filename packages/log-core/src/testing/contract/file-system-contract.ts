/**
 * What every implementation of the `FileSystem` port must do, as far as it shows without a crash: the
 * engine is written against these sentences and nothing else. What survives a loss of power is the subject
 * of the simulated disk and of the runs on real devices.
 */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import type { FileHandle, FileSystem, OpenMode } from '../../ports/file-system.js';
import { directoryChecks } from './directory-checks.js';
import { failureOf, sampleBytes, valueOf, type ContractCheck } from './contract-check.js';
import { handleChecks } from './handle-checks.js';

/** A file system, and an empty directory of it that a check may fill; each check gets a new one. @public */
export interface FileSystemEnvironment {
  readonly fileSystem: FileSystem;
  readonly directory: string;
}

type Check = ContractCheck<FileSystemEnvironment>;

const create = async ({ fileSystem, directory }: FileSystemEnvironment, name = 'file'): Promise<FileHandle> =>
  valueOf(await fileSystem.open(`${directory}/${name}`, 'create'));

/** The first `length` bytes that a read at `position` gives. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  return into.subarray(0, valueOf(await handle.read(into, position)));
}

const openChecks: readonly Check[] = [
  {
    name: 'open: makes an empty file with create, and refuses a name that is taken',
    async run(environment) {
      const handle = await create(environment);
      equal(valueOf(await handle.stat()).bytes, 0);
      equal(handle.path, `${environment.directory}/file`);
      const failure = failureOf(await environment.fileSystem.open(handle.path, 'create'), 'exists');
      deepEqual([failure.operation, failure.path, failure.errno < 0], ['create', handle.path, true]);
      valueOf(await handle.close());
    },
  },
  {
    name: 'open: fails with not-found where there is nothing, in every mode but create',
    async run({ fileSystem, directory }) {
      const modes: readonly OpenMode[] = ['read', 'write', 'dsync', 'directory'];
      for (const mode of modes) equal(failureOf(await fileSystem.open(`${directory}/none`, mode), 'not-found').operation, 'open');
      for (const mode of [...modes, 'create'] as const) failureOf(await fileSystem.open(`${directory}/none/file`, mode), 'not-found');
      deepEqual(valueOf(await fileSystem.readDirectory(directory)), []);
    },
  },
  {
    name: 'open: tells files from directories',
    async run(environment) {
      const { fileSystem, directory } = environment;
      const handle = await create(environment);
      failureOf(await fileSystem.open(handle.path, 'directory'), 'not-a-directory');
      failureOf(await fileSystem.open(directory, 'write'), 'is-a-directory');
      failureOf(await fileSystem.open(directory, 'create'), 'exists', 'is-a-directory');
      failureOf(await fileSystem.open(`${handle.path}/below`, 'read'), 'not-a-directory');
      valueOf(await handle.close());
    },
  },
  {
    name: 'open: answers a failure for a path that is none, never an exception',
    async run({ fileSystem, directory }) {
      for (const path of [`${directory}/a\0b`, '']) {
        failureOf(await fileSystem.open(path, 'create'));
        failureOf(await fileSystem.open(path, 'read'));
        failureOf(await fileSystem.stat(path));
        failureOf(await fileSystem.statFileSystem(path));
        failureOf(await fileSystem.readDirectory(path));
        failureOf(await fileSystem.unlink(path));
        failureOf(await fileSystem.makeDirectory(path));
        failureOf(await fileSystem.rename(path, `${directory}/b`));
        failureOf(await fileSystem.rename(`${directory}/b`, path));
        failureOf(fileSystem.watch(path, () => undefined));
      }
    },
  },
];

const dataChecks: readonly Check[] = [
  {
    name: 'write: puts several buffers one after another, and answers their bytes',
    async run(environment) {
      const handle = await create(environment);
      const all = sampleBytes(10_000);
      const parts = [all.subarray(0, 1), all.subarray(1, 1), all.subarray(1, 4097), all.subarray(4097)];
      equal(valueOf(await handle.write(parts, 0)), 10_000);
      deepEqual(await readAt(handle, 0, 20_000), all);
      equal(valueOf(await handle.write([sampleBytes(10, 2)], 5000)), 10);
      deepEqual(await readAt(handle, 4990, 30), Uint8Array.from([...all.subarray(4990, 5000), ...sampleBytes(10, 2), ...all.subarray(5010, 5020)]));
      equal(valueOf(await handle.stat()).bytes, 10_000);
      valueOf(await handle.close());
    },
  },
  {
    name: 'write: takes no bytes, and more buffers than one system call can',
    async run(environment) {
      const handle = await create(environment);
      equal(valueOf(await handle.write([], 7)), 0);
      equal(valueOf(await handle.write([new Uint8Array(0)], 7)), 0);
      equal(valueOf(await handle.stat()).bytes, 0);
      const parts = Array.from({ length: 3000 }, (_, index) => sampleBytes(3, index));
      equal(valueOf(await handle.write(parts, 0)), 9000);
      deepEqual(await readAt(handle, 0, 9001), Uint8Array.from(parts.flatMap((part) => [...part])));
      valueOf(await handle.close());
    },
  },
  {
    name: 'write: leaves zeros where it begins beyond the end',
    async run(environment) {
      const handle = await create(environment);
      valueOf(await handle.write([sampleBytes(3)], 9000));
      deepEqual(await readAt(handle, 0, 10_000), Uint8Array.from([...new Uint8Array(9000), ...sampleBytes(3)]));
      valueOf(await handle.close());
    },
  },
  {
    name: 'write: in mode dsync does as in mode write',
    async run(environment) {
      const first = await create(environment);
      valueOf(await first.write([sampleBytes(5000)], 0));
      const second = valueOf(await environment.fileSystem.open(first.path, 'dsync'));
      equal(valueOf(await second.write([sampleBytes(100, 2), sampleBytes(100, 3)], 4950)), 200);
      deepEqual(await readAt(first, 4950, 300), Uint8Array.from([...sampleBytes(100, 2), ...sampleBytes(100, 3)]));
      deepEqual(await readAt(second, 0, 4950), sampleBytes(5000).subarray(0, 4950));
      valueOf(await second.sync());
      valueOf(await second.close());
      valueOf(await first.close());
    },
  },
  {
    name: 'write: fails on a handle that was opened to read',
    async run(environment) {
      const writer = await create(environment);
      valueOf(await writer.write([sampleBytes(10)], 0));
      const reader = valueOf(await environment.fileSystem.open(writer.path, 'read'));
      failureOf(await reader.write([sampleBytes(10, 2)], 0));
      failureOf(await reader.truncate(0));
      deepEqual(await readAt(reader, 0, 100), sampleBytes(10));
      valueOf(await reader.close());
      valueOf(await writer.close());
    },
  },
  {
    name: 'read: answers fewer bytes at the end of the file, and 0 beyond it',
    async run(environment) {
      const handle = await create(environment);
      valueOf(await handle.write([sampleBytes(100)], 0));
      const into = new Uint8Array(60).fill(0xee);
      equal(valueOf(await handle.read(into, 50)), 50);
      deepEqual(into, Uint8Array.from([...sampleBytes(100).subarray(50), ...new Uint8Array(10).fill(0xee)]));
      equal(valueOf(await handle.read(into, 100)), 0);
      equal(valueOf(await handle.read(into, 1_000_000)), 0);
      equal(valueOf(await handle.read(new Uint8Array(0), 0)), 0);
      valueOf(await handle.close());
    },
  },
  {
    name: 'read: fills a view without touching what lies around it',
    async run(environment) {
      const handle = await create(environment);
      valueOf(await handle.write([sampleBytes(5000)], 0));
      const whole = new Uint8Array(5020).fill(0xee);
      equal(valueOf(await handle.read(whole.subarray(10, 5010), 0)), 5000);
      deepEqual(whole, Uint8Array.from([...new Uint8Array(10).fill(0xee), ...sampleBytes(5000), ...new Uint8Array(10).fill(0xee)]));
      valueOf(await handle.close());
    },
  },
  {
    name: 'read: fails on a directory',
    async run({ fileSystem, directory }) {
      const handle = valueOf(await fileSystem.open(directory, 'directory'));
      failureOf(await handle.read(new Uint8Array(10), 0), 'is-a-directory');
      valueOf(await handle.close());
    },
  },
  {
    name: 'read and write: answer a failure for a position that is none',
    async run(environment) {
      const handle = await create(environment);
      for (const position of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
        failureOf(await handle.read(new Uint8Array(1), position));
        failureOf(await handle.write([sampleBytes(1)], position));
        failureOf(await handle.truncate(position));
      }
      equal(valueOf(await handle.stat()).bytes, 0);
      valueOf(await handle.close());
    },
  },
  {
    name: 'truncate: cuts, and grows with zeros, also where there were bytes before',
    async run(environment) {
      const handle = await create(environment);
      valueOf(await handle.write([sampleBytes(10_000)], 0));
      valueOf(await handle.truncate(4100));
      deepEqual(await readAt(handle, 0, 10_000), sampleBytes(10_000).subarray(0, 4100));
      valueOf(await handle.truncate(9000));
      deepEqual(await readAt(handle, 0, 10_000), Uint8Array.from([...sampleBytes(10_000).subarray(0, 4100), ...new Uint8Array(4900)]));
      valueOf(await handle.truncate(0));
      equal(valueOf(await handle.stat()).bytes, 0);
      valueOf(await handle.write([sampleBytes(1)], 5));
      deepEqual(await readAt(handle, 0, 10), Uint8Array.from([0, 0, 0, 0, 0, ...sampleBytes(1)]));
      valueOf(await handle.close());
    },
  },
  {
    name: 'sync: succeeds for new, unchanged and changed files',
    async run(environment) {
      const handle = await create(environment);
      valueOf(await handle.sync());
      valueOf(await handle.write([sampleBytes(100)], 0));
      valueOf(await handle.sync());
      valueOf(await handle.sync());
      valueOf(await handle.truncate(10));
      valueOf(await handle.sync());
      deepEqual(await readAt(handle, 0, 100), sampleBytes(100).subarray(0, 10));
      valueOf(await handle.close());
    },
  },
  {
    name: 'calls at the same time: each gets its own answer',
    async run(environment) {
      const handle = await create(environment);
      const writes = Array.from({ length: 40 }, (_, index) => handle.write([sampleBytes(700, index)], index * 700));
      deepEqual((await Promise.all(writes)).map(valueOf), Array.from({ length: 40 }, () => 700));
      const reads = await Promise.all(Array.from({ length: 40 }, (_, index) => readAt(handle, index * 700, 700)));
      for (const [index, read] of reads.entries()) deepEqual(read, sampleBytes(700, index));
      valueOf(await handle.close());
    },
  },
];

const factChecks: readonly Check[] = [
  {
    name: 'stat: names the inode by handle and by path, and keeps the name through a rename',
    async run(environment) {
      const { fileSystem, directory } = environment;
      const [first, second] = [await create(environment, 'first'), await create(environment, 'second')];
      valueOf(await first.write([sampleBytes(123)], 0));
      const facts = valueOf(await first.stat());
      deepEqual([facts.kind, facts.bytes, facts.links], ['file', 123, 1]);
      ok(Number.isFinite(facts.modifiedAt));
      equal(valueOf(await fileSystem.stat(first.path)).identity, facts.identity);
      notEqual(valueOf(await second.stat()).identity, facts.identity);
      valueOf(await fileSystem.rename(first.path, `${directory}/third`));
      equal(valueOf(await fileSystem.stat(`${directory}/third`)).identity, facts.identity);
      equal(valueOf(await first.stat()).identity, facts.identity);
      equal(valueOf(await fileSystem.stat(directory)).kind, 'directory');
      failureOf(await fileSystem.stat(first.path), 'not-found');
      valueOf(await first.close());
      valueOf(await second.close());
    },
  },
  {
    name: 'statFileSystem: gives sane numbers, and fails for a path that is not there',
    async run({ fileSystem, directory }) {
      const space = valueOf(await fileSystem.statFileSystem(directory));
      ok(space.totalBytes > 0 && space.freeBytes >= 0 && space.freeBytes <= space.totalBytes);
      ok(space.freeInodes === null || space.freeInodes > 0);
      ok(space.name !== '' && ['overwriting', 'copy-on-write', 'network'].includes(space.family));
      failureOf(await fileSystem.statFileSystem(`${directory}/none`), 'not-found');
    },
  },
  {
    name: 'bootId: is the same each time, and not empty',
    async run({ fileSystem }) {
      const id = await fileSystem.bootId();
      notEqual(id, '');
      equal(await fileSystem.bootId(), id);
    },
  },
];

/** The whole contract. @public */
export const fileSystemContract: readonly Check[] = [...openChecks, ...dataChecks, ...factChecks, ...directoryChecks, ...handleChecks];
