/**
 * Sees every check of the file-system contract fail once: each sabotage breaks one promise of a disk that
 * keeps them all, and every check has to notice at least one of them.
 */
import { err, ok, type Result } from 'neverthrow';
import { expect, it } from 'vitest';
import type { IoFailure, IoSymbol } from '../../src/model/io-failure.js';
import type { FileHandle, FileSystem, IoResult, LockOutcome } from '../../src/ports/file-system.js';
import { fileSystemContract } from '../../src/testing/contract/file-system-contract.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';

interface Sabotage {
  readonly disk?: (disk: FileSystem) => Partial<FileSystem>;
  readonly handle?: (handle: FileHandle, disk: FileSystem) => Partial<FileHandle>;
}

const failed = (symbol: IoSymbol): Result<never, IoFailure> =>
  err({ symbol, errno: -5, code: 'E', operation: 'open', path: '', position: null, message: 'sabotaged' });
const renamed = <T>(result: Result<T, IoFailure>): Result<T, IoFailure> => result.mapErr((failure) => ({ ...failure, symbol: 'other' }));
const done = async (): IoResult<void> => ok(undefined);
const lengthOf = (buffers: readonly Uint8Array[]): number => buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);

/** The methods of an object, bound, so that some can be replaced. */
function methodsOf<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_target, key) {
      const value = (replaced as Record<PropertyKey, unknown>)[key] ?? (target as Record<PropertyKey, unknown>)[key];
      return typeof value === 'function' ? (value as (...values: unknown[]) => unknown).bind(target) : value;
    },
  });
}

function sabotaged(disk: FileSystem, { disk: replaceDisk, handle: replaceHandle }: Sabotage): FileSystem {
  const replaced = methodsOf(disk, replaceDisk?.(disk) ?? {});
  if (replaceHandle === undefined) return replaced;
  return methodsOf(replaced, {
    open: async (path, mode) => (await disk.open(path, mode)).map((handle) => methodsOf(handle, replaceHandle(handle, disk))),
  });
}

const sabotages: Record<string, Sabotage> = {
  'every failure is of no kind': {
    disk: (disk) => ({
      open: async (path, mode) => renamed(await disk.open(path, mode)),
      rename: async (from, to) => renamed(await disk.rename(from, to)),
      unlink: async (path) => renamed(await disk.unlink(path)),
    }),
  },
  'create takes a name that is taken': { disk: (disk) => ({ open: async (path, mode) => (mode === 'create' ? (await disk.open(path, mode)).orElse(() => failed('io')) : disk.open(path, mode)) }) },
  'open makes what is not there': {
    disk: (disk) => ({
      open: async (path, mode) => {
        const opened = await disk.open(path, mode);
        return opened.isErr() && opened.error.symbol === 'not-found' ? disk.open(path, 'create') : opened;
      },
    }),
  },
  'a strange path throws': { disk: (disk) => ({ open: (path, mode) => (path.includes('\0') ? Promise.reject(new Error(path)) : disk.open(path, mode)) }) },
  'write takes the first buffer only': { handle: (handle) => ({ write: async (buffers, position) => (await handle.write(buffers.slice(0, 1), position)).map(() => lengthOf(buffers)) }) },
  'write takes 1,024 buffers': { handle: (handle) => ({ write: (buffers, position) => handle.write(buffers.slice(0, 1024), position) }) },
  'write appends': { handle: (handle) => ({ write: async (buffers) => handle.write(buffers, (await handle.stat())._unsafeUnwrap().bytes) }) },
  'a handle for reading writes': { handle: (handle) => ({ write: async (buffers, position) => (await handle.write(buffers, position)).orElse(() => ok(lengthOf(buffers))) }) },
  'read is always whole': { handle: (handle) => ({ read: async (into, position) => (await handle.read(into, position)).map(() => into.byteLength) }) },
  'read spoils what is around its view': {
    handle: (handle) => ({
      read: (into, position) => {
        new Uint8Array(into.buffer).fill(1);
        return handle.read(into, position);
      },
    }),
  },
  'read of a directory is empty': { handle: (handle) => ({ read: async (into, position) => (await handle.read(into, position)).orElse(() => ok(0)) }) },
  'truncate does nothing': { handle: () => ({ truncate: done }) },
  'sync fails': { handle: () => ({ sync: async () => failed('io') }) },
  'stat names the path': {
    disk: (disk) => ({ stat: async (path) => (await disk.stat(path)).map((facts) => ({ ...facts, identity: path })) }),
  },
  'statfs has more free than there is': {
    disk: (disk) => ({ statFileSystem: async (path) => (await disk.statFileSystem(path)).map((space) => ({ ...space, freeBytes: space.totalBytes + 1 })) }),
  },
  'the boot id changes': { disk: () => ({ bootId: async () => String((bootIds += 1)) }) },
  'rename leaves the old name': {
    disk: (disk) => ({
      rename: async (from, to) => {
        const renamedFile = await disk.rename(from, to);
        if (renamedFile.isOk() && from !== to) await (await disk.open(from, 'create'))._unsafeUnwrap().close().then(() => undefined);
        return renamedFile;
      },
    }),
  },
  'rename clears its target first': {
    disk: (disk) => ({
      rename: async (from, to) => {
        if (from !== to) (await disk.unlink(to)).unwrapOr(undefined);
        return disk.rename(from, to);
      },
    }),
  },
  'unlink does nothing': { disk: () => ({ unlink: done }) },
  'listing names the directory itself': { disk: (disk) => ({ readDirectory: async (path) => (await disk.readDirectory(path)).map((names) => ['.', ...names]) }) },
  'mkdir makes no parents': { disk: (disk) => ({ makeDirectory: async (path) => (path.endsWith('/z') ? failed('not-found') : disk.makeDirectory(path)) }) },
  'watching what is not there works': { disk: () => ({ watch: () => ok(() => undefined) }) },
  'the lock is for all': { handle: () => ({ tryLock: async (): IoResult<LockOutcome> => ok({ kind: 'acquired' }) }) },
  'the lock stays': { handle: (handle) => ({ close: async () => (await handle.stat()).map(() => undefined) }) },
  'any close gives the lock back': {
    disk: (disk) => {
      const held = new Set<string>();
      return {
        open: async (path, mode) =>
          (await disk.open(path, mode)).map((handle) =>
            methodsOf(handle, {
              tryLock: async (): IoResult<LockOutcome> => {
                const kind = held.has(path) ? 'held' : 'acquired';
                held.add(path);
                return ok(kind === 'held' ? { kind, pid: null } : { kind });
              },
              close: () => {
                held.delete(path);
                return handle.close();
              },
            }),
          ),
      };
    },
  },
  'a closed handle works': { handle: (handle) => ({ sync: async () => (await handle.sync()).orElse(() => ok(undefined)) }) },
  'close does not wait': {
    handle: (handle) => ({
      write: async (buffers, position) => {
        for (let step = 0; step < 20; step += 1) await Promise.resolve();
        return handle.write(buffers, position);
      },
    }),
  },
  'calls at the same time share a position': {
    disk: (disk) => {
      let last = 0;
      return {
        open: async (path, mode) =>
          (await disk.open(path, mode)).map((handle) =>
            methodsOf(handle, {
              write: async (buffers, position) => {
                last = position;
                await Promise.resolve();
                return handle.write(buffers, last);
              },
            }),
          ),
      };
    },
  },
};
let bootIds = 0;

async function isNoticed(sabotage: Sabotage, run: (typeof fileSystemContract)[number]['run']): Promise<boolean> {
  const disk = new SimulatedDisk();
  (await disk.makeDirectory('/log'))._unsafeUnwrap();
  return run({ fileSystem: sabotaged(disk, sabotage), directory: '/log' }).then(
    () => false,
    () => true,
  );
}

it('the contract: every sabotage is noticed, and every check notices one', async () => {
  const missed: string[] = [];
  const asleep = new Set(fileSystemContract.map((check) => check.name));
  for (const [name, sabotage] of Object.entries(sabotages)) {
    const noticedBy: string[] = [];
    for (const check of fileSystemContract) if (await isNoticed(sabotage, check.run)) noticedBy.push(check.name);
    for (const check of noticedBy) asleep.delete(check);
    if (noticedBy.length === 0) missed.push(name);
  }
  expect({ missed, asleep: [...asleep] }).toEqual({ missed: [], asleep: [] });
});
