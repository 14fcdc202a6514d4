/** The part of the file-system contract that is about the life of a handle: locking and closing. */
import { deepEqual, equal } from 'node:assert/strict';
import type { FileHandle } from '../../ports/file-system.js';
import { failureOf, sampleBytes, valueOf, type ContractCheck } from './contract-check.js';
import type { FileSystemEnvironment } from './file-system-contract.js';

const openDirectory = async ({ fileSystem, directory }: FileSystemEnvironment): Promise<FileHandle> => valueOf(await fileSystem.open(directory, 'directory'));

const lockKind = async (handle: FileHandle): Promise<string> => valueOf(await handle.tryLock()).kind;

/** @internal */
export const handleChecks: readonly ContractCheck<FileSystemEnvironment>[] = [
  {
    name: 'tryLock: excludes a second handle of the same process, and is given back by close',
    async run(environment) {
      const [first, second] = [await openDirectory(environment), await openDirectory(environment)];
      equal(await lockKind(first), 'acquired');
      equal(await lockKind(first), 'acquired');
      equal(await lockKind(second), 'held');
      valueOf(await first.close());
      equal(await lockKind(second), 'acquired');
      valueOf(await second.close());
    },
  },
  {
    name: 'tryLock: works on a file, and one file does not lock another',
    async run({ fileSystem, directory }) {
      const first = valueOf(await fileSystem.open(`${directory}/a`, 'create'));
      const again = valueOf(await fileSystem.open(`${directory}/a`, 'write'));
      const other = valueOf(await fileSystem.open(`${directory}/b`, 'create'));
      deepEqual([await lockKind(first), await lockKind(again), await lockKind(other)], ['acquired', 'held', 'acquired']);
      for (const handle of [again, first, other]) valueOf(await handle.close());
    },
  },
  {
    name: 'tryLock: a handle that is closed without the lock leaves it with its holder',
    async run(environment) {
      const [first, second, third] = [await openDirectory(environment), await openDirectory(environment), await openDirectory(environment)];
      equal(await lockKind(first), 'acquired');
      equal(await lockKind(second), 'held');
      valueOf(await second.close());
      equal(await lockKind(third), 'held');
      valueOf(await first.close());
      valueOf(await third.close());
    },
  },
  {
    name: 'close: twice is harmless, and every other call fails afterwards',
    async run({ fileSystem, directory }) {
      const handle = valueOf(await fileSystem.open(`${directory}/a`, 'create'));
      valueOf(await handle.write([sampleBytes(10)], 0));
      valueOf(await handle.close());
      valueOf(await handle.close());
      failureOf(await handle.read(new Uint8Array(1), 0));
      failureOf(await handle.write([sampleBytes(1)], 0));
      failureOf(await handle.sync());
      failureOf(await handle.truncate(0));
      failureOf(await handle.stat());
      failureOf(await handle.tryLock());
      equal(valueOf(await fileSystem.stat(`${directory}/a`)).bytes, 10);
    },
  },
  {
    name: 'close: answers after the calls in flight, which get their answers',
    async run({ fileSystem, directory }) {
      const handle = valueOf(await fileSystem.open(`${directory}/a`, 'create'));
      const answers: string[] = [];
      const note = (name: string) => (): void => {
        answers.push(name);
      };
      const write = handle.write([sampleBytes(100_000)], 0).then(note('write'));
      const closed = handle.close().then(note('close'));
      await Promise.all([write, closed]);
      deepEqual(answers, ['write', 'close']);
    },
  },
];
