/**
 * The host's file system behind the port, on the callback functions of `node:fs`: a FileHandle of Node
 * closes itself when collected, which would give a lock back unasked.
 * INVARIANT: nothing here blocks the event loop, throws or rejects, and nothing is retried.
 * It does not know what the files mean.
 */
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure, IoOperation } from '../../model/io-failure.js';
import type { FileFacts, FileHandle, FileSystem, IoResult, OpenMode, SpaceFacts } from '../../ports/file-system.js';
import { readBootId } from './boot-id.js';
import { toIoFailure } from './errno.js';
import { toFileFacts } from './file-facts.js';
import { fileSystemFamily } from './file-system-family.js';
import { gatedAct, gatedCall, type NodeCallback } from './gated-call.js';
import { NodeFileHandle, type HandleKind } from './node-file-handle.js';
import { sharedOperationGate, type Lane, type OperationGate } from './operation-gate.js';

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY, O_NONBLOCK } = fs.constants;
const O_DSYNC = (fs.constants as { O_DSYNC?: number }).O_DSYNC ?? 0;

const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  // A named pipe that stands where a file is expected would keep the open waiting for ever.
  read: O_RDONLY | O_NONBLOCK,
  write: O_RDWR,
  dsync: O_RDWR | O_DSYNC,
  create: O_RDWR | O_CREAT | O_EXCL,
  directory: O_RDONLY | O_DIRECTORY,
};

const HANDLE_KINDS: Readonly<Record<OpenMode, HandleKind>> = {
  read: 'file',
  write: 'file',
  dsync: 'dsync',
  create: 'file',
  directory: 'directory',
};

const NEW_FILE_MODE = 0o644;

class NodeFileSystem implements FileSystem {
  readonly #gate: OperationGate;
  #bootId: string | null = null;

  constructor(gate: OperationGate) {
    this.#gate = gate;
  }

  async open(path: string, mode: OpenMode): Promise<Result<FileHandle, IoFailure>> {
    const operation = mode === 'create' ? 'create' : 'open';
    const opened = await this.#call<number>(operation === 'create' ? 'urgent' : 'read', operation, path, (done) => {
      fs.open(path, OPEN_FLAGS[mode], NEW_FILE_MODE, done);
    });
    if (opened.isErr()) return err(await this.#tellInodesFromSpace(opened.error));
    return ok(new NodeFileHandle(path, opened.value, HANDLE_KINDS[mode], this.#gate));
  }

  readDirectory(path: string): IoResult<readonly string[]> {
    return this.#call<string[]>('read', 'readdir', path, (done) => {
      fs.readdir(path, done);
    });
  }

  async stat(path: string): Promise<Result<FileFacts, IoFailure>> {
    const stats = await this.#call<fs.BigIntStats>('read', 'stat', path, (done) => {
      fs.stat(path, { bigint: true }, done);
    });
    return stats.map(toFileFacts);
  }

  async statFileSystem(path: string): Promise<Result<SpaceFacts, IoFailure>> {
    const stats = await this.#call<fs.BigIntStatsFs>('read', 'statfs', path, (done) => {
      fs.statfs(path, { bigint: true }, done);
    });
    return stats.map((facts) => ({
      freeBytes: Number(facts.bavail * facts.bsize),
      totalBytes: Number(facts.blocks * facts.bsize),
      // btrfs and other file systems that make inodes as they go report none in total.
      freeInodes: facts.files === 0n ? null : Number(facts.ffree),
      ...fileSystemFamily(facts.type, process.platform),
    }));
  }

  async rename(from: string, to: string): Promise<Result<void, IoFailure>> {
    const renamed = await this.#act('rename', from, (done) => fs.rename(from, to, done));
    return renamed.isErr() ? err(await this.#tellInodesFromSpace(renamed.error)) : ok(undefined);
  }

  unlink(path: string): IoResult<void> {
    return this.#act('unlink', path, (done) => fs.unlink(path, done));
  }

  /** Parents are made here one by one: Node's own recursive mkdir reports a full or read-only disk as ENOENT. */
  async makeDirectory(path: string): Promise<Result<void, IoFailure>> {
    let made = await this.#makeOneDirectory(path);
    const parent = typeof path === 'string' ? dirname(path) : path;
    if (made.isErr() && made.error.symbol === 'not-found' && parent !== path) {
      const parentMade = await this.makeDirectory(parent);
      made = parentMade.isErr() ? parentMade : await this.#makeOneDirectory(path);
    }
    return made;
  }

  async #makeOneDirectory(path: string): Promise<Result<void, IoFailure>> {
    const made = await this.#act('mkdir', path, (done) => fs.mkdir(path, done));
    if (made.isOk()) return ok(undefined);
    if (made.error.symbol === 'not-found') return made;
    const there = await this.stat(path);
    if (there.isOk() && there.value.kind === 'directory') return ok(undefined);
    return err(await this.#tellInodesFromSpace(made.error));
  }

  watch(path: string, onChange: () => void): Result<() => void, IoFailure> {
    try {
      const watcher = fs.watch(path, { persistent: false }, () => {
        onChange();
      });
      // A watcher that breaks later is a hint as well: whoever follows looks once more, then polls.
      watcher.on('error', () => {
        watcher.close();
        onChange();
      });
      return ok(() => {
        watcher.close();
      });
    } catch (thrown) {
      return err(toIoFailure(thrown, 'watch', path, null));
    }
  }

  bootId(): Promise<string> {
    this.#bootId ??= readBootId();
    return Promise.resolve(this.#bootId);
  }

  /** One errno stands for two lacks: where bytes are free and inodes are none, inodes are what is missing. */
  async #tellInodesFromSpace(failure: IoFailure): Promise<IoFailure> {
    if (failure.symbol !== 'no-space') return failure;
    const space = await this.statFileSystem(dirname(failure.path));
    const outOfInodes = space.isOk() && space.value.freeInodes === 0 && space.value.freeBytes > 0;
    return outOfInodes ? { ...failure, symbol: 'no-inodes' } : failure;
  }

  #act(operation: IoOperation, path: string, start: (done: fs.NoParamCallback) => void): IoResult<void> {
    return gatedAct(this.#gate, 'urgent', { operation, path, position: null }, start);
  }

  #call<T>(lane: Lane, operation: IoOperation, path: string, start: (done: NodeCallback<T>) => void): IoResult<T> {
    return gatedCall(this.#gate, lane, { operation, path, position: null }, start);
  }
}

/**
 * The host's file system. All instances of a process share one operation gate, so that a hung disk leaves
 * the host's thread pool a thread. @internal
 */
export function nodeFileSystem(): FileSystem {
  return new NodeFileSystem(sharedOperationGate());
}
