/** The part of the file-system contract that is about names: renaming, unlinking, listing, making directories, watching. */
import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { failureOf, sampleBytes, valueOf, type ContractCheck } from './contract-check.js';
import type { FileSystemEnvironment } from './file-system-contract.js';

const names = async ({ fileSystem }: FileSystemEnvironment, path: string): Promise<string[]> => [...valueOf(await fileSystem.readDirectory(path))].sort();

async function place({ fileSystem }: FileSystemEnvironment, path: string, bytes: Uint8Array): Promise<void> {
  const handle = valueOf(await fileSystem.open(path, 'create'));
  equal(valueOf(await handle.write([bytes], 0)), bytes.byteLength);
  valueOf(await handle.close());
}

async function contentOf({ fileSystem }: FileSystemEnvironment, path: string): Promise<Uint8Array> {
  const handle = valueOf(await fileSystem.open(path, 'read'));
  const into = new Uint8Array(10_000);
  const count = valueOf(await handle.read(into, 0));
  valueOf(await handle.close());
  return into.subarray(0, count);
}

/** @internal */
export const directoryChecks: readonly ContractCheck<FileSystemEnvironment>[] = [
  {
    name: 'rename: moves a file, and replaces what has the new name',
    async run(environment) {
      const { fileSystem, directory } = environment;
      await place(environment, `${directory}/a`, sampleBytes(10, 1));
      await place(environment, `${directory}/b`, sampleBytes(20, 2));
      valueOf(await fileSystem.rename(`${directory}/a`, `${directory}/b`));
      deepEqual(await names(environment, directory), ['b']);
      deepEqual(await contentOf(environment, `${directory}/b`), sampleBytes(10, 1));
      valueOf(await fileSystem.rename(`${directory}/b`, `${directory}/b`));
      deepEqual(await names(environment, directory), ['b']);
      valueOf(await fileSystem.makeDirectory(`${directory}/sub`));
      valueOf(await fileSystem.rename(`${directory}/b`, `${directory}/sub/c`));
      deepEqual([await names(environment, directory), await names(environment, `${directory}/sub`)], [['sub'], ['c']]);
    },
  },
  {
    name: 'rename: fails with not-found without a source, and changes nothing where it fails',
    async run(environment) {
      const { fileSystem, directory } = environment;
      await place(environment, `${directory}/a`, sampleBytes(10));
      valueOf(await fileSystem.makeDirectory(`${directory}/sub`));
      const failure = failureOf(await fileSystem.rename(`${directory}/none`, `${directory}/a`), 'not-found');
      deepEqual([failure.operation, failure.path], ['rename', `${directory}/none`]);
      failureOf(await fileSystem.rename(`${directory}/a`, `${directory}/none/b`), 'not-found');
      failureOf(await fileSystem.rename(`${directory}/a`, `${directory}/sub`), 'is-a-directory');
      failureOf(await fileSystem.rename(`${directory}/sub`, `${directory}/a`), 'not-a-directory');
      deepEqual(await names(environment, directory), ['a', 'sub']);
      deepEqual(await contentOf(environment, `${directory}/a`), sampleBytes(10));
    },
  },
  {
    name: 'unlink: takes the name at once, while an open handle goes on reading',
    async run(environment) {
      const { fileSystem, directory } = environment;
      await place(environment, `${directory}/a`, sampleBytes(5000));
      const handle = valueOf(await fileSystem.open(`${directory}/a`, 'read'));
      const before = valueOf(await handle.stat());
      valueOf(await fileSystem.unlink(`${directory}/a`));
      deepEqual(await names(environment, directory), []);
      failureOf(await fileSystem.open(`${directory}/a`, 'read'), 'not-found');
      failureOf(await fileSystem.unlink(`${directory}/a`), 'not-found');
      const into = new Uint8Array(5000);
      equal(valueOf(await handle.read(into, 0)), 5000);
      deepEqual(into, sampleBytes(5000));
      const after = valueOf(await handle.stat());
      deepEqual([after.links, after.identity], [0, before.identity]);
      await place(environment, `${directory}/a`, sampleBytes(3, 2));
      notEqual(valueOf(await fileSystem.stat(`${directory}/a`)).identity, before.identity);
      valueOf(await handle.close());
    },
  },
  {
    name: 'unlink: does not take a directory',
    async run(environment) {
      valueOf(await environment.fileSystem.makeDirectory(`${environment.directory}/sub`));
      failureOf(await environment.fileSystem.unlink(`${environment.directory}/sub`), 'is-a-directory', 'permission');
      deepEqual(await names(environment, environment.directory), ['sub']);
    },
  },
  {
    name: 'readDirectory: gives the names of files and directories, and nothing else',
    async run(environment) {
      const { fileSystem, directory } = environment;
      deepEqual(await names(environment, directory), []);
      for (const name of ['b', 'a', '.hidden', 'c d']) await place(environment, `${directory}/${name}`, sampleBytes(1));
      valueOf(await fileSystem.makeDirectory(`${directory}/sub/deep`));
      deepEqual(await names(environment, directory), ['.hidden', 'a', 'b', 'c d', 'sub']);
      deepEqual(await names(environment, `${directory}/`), ['.hidden', 'a', 'b', 'c d', 'sub']);
      failureOf(await fileSystem.readDirectory(`${directory}/none`), 'not-found');
      failureOf(await fileSystem.readDirectory(`${directory}/a`), 'not-a-directory');
    },
  },
  {
    name: 'makeDirectory: makes missing parents, and is fine where the directory is there',
    async run(environment) {
      const { fileSystem, directory } = environment;
      valueOf(await fileSystem.makeDirectory(`${directory}/x/y/z`));
      valueOf(await fileSystem.makeDirectory(`${directory}/x/y`));
      valueOf(await fileSystem.makeDirectory(directory));
      equal(valueOf(await fileSystem.stat(`${directory}/x/y/z`)).kind, 'directory');
      await place(environment, `${directory}/file`, sampleBytes(1));
      failureOf(await fileSystem.makeDirectory(`${directory}/file`), 'exists');
      failureOf(await fileSystem.makeDirectory(`${directory}/file/below`), 'not-a-directory');
    },
  },
  {
    name: 'sync: succeeds for a directory, changed or not',
    async run(environment) {
      const handle = valueOf(await environment.fileSystem.open(environment.directory, 'directory'));
      valueOf(await handle.sync());
      await place(environment, `${environment.directory}/a`, sampleBytes(1));
      valueOf(await handle.sync());
      equal(valueOf(await handle.stat()).kind, 'directory');
      valueOf(await handle.close());
    },
  },
  {
    name: 'watch: can be stopped, twice as well, and fails for a path that is not there',
    async run(environment) {
      const { fileSystem, directory } = environment;
      await place(environment, `${directory}/a`, sampleBytes(1));
      const stops = [valueOf(fileSystem.watch(directory, () => undefined)), valueOf(fileSystem.watch(`${directory}/a`, () => undefined))];
      await place(environment, `${directory}/b`, sampleBytes(1));
      for (const stop of [...stops, ...stops]) stop();
      equal(failureOf(fileSystem.watch(`${directory}/none`, () => undefined), 'not-found').operation, 'watch');
    },
  },
];
