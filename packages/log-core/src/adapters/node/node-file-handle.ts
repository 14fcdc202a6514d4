/**
 * An open file of the host behind the port: one raw descriptor, every call through the operation gate.
 * INVARIANT: the descriptor is closed once, after the last call on it returned, for its number is given
 * to another file the moment it is free; so a handle whose call hangs keeps its descriptor and its lock.
 */
import * as fs from 'node:fs';
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure, IoOperation } from '../../model/io-failure.js';
import type { ByteCount, Position } from '../../model/units.js';
import type { FileFacts, FileHandle, IoResult, LockOutcome } from '../../ports/file-system.js';
import { holderInLockTable, tryFlock } from './directory-lock.js';
import { BAD_HANDLE_ERRNO } from './errno.js';
import { toFileFacts } from './file-facts.js';
import { gatedAct, gatedCall, type CallWatcher, type NodeCallback, type WithdrawableCall } from './gated-call.js';
import type { Lane, OperationGate } from './operation-gate.js';

/** How a handle writes and syncs. @internal */
export type HandleKind = 'file' | 'dsync' | 'directory';

/** Without a file system's own O_DSYNC that reaches the platter (macOS), a write is followed by a sync. */
const DSYNC_NEEDS_SYNC = process.platform === 'darwin' || (fs.constants as { O_DSYNC?: number }).O_DSYNC === undefined;

function closedFailure(operation: IoOperation, path: string, position: Position | null): IoFailure {
  return { symbol: 'other', errno: BAD_HANDLE_ERRNO, code: 'EBADF', operation, path, position, message: `EBADF: the handle was closed, ${operation}` };
}

function wrongNumber(operation: IoOperation, path: string, position: number): IoFailure {
  const message = `position and size must be safe integers from 0 on, found ${String(position)}`;
  return { symbol: 'other', errno: 0, code: 'ERR_OUT_OF_RANGE', operation, path, position, message };
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** @internal */
export class NodeFileHandle implements FileHandle, CallWatcher {
  readonly path: string;
  readonly #fd: number;
  readonly #kind: HandleKind;
  readonly #gate: OperationGate;
  readonly #waiting = new Set<WithdrawableCall>();
  #inFlight = 0;
  #whenIdle: (() => void) | null = null;
  #closing: Promise<Result<void, IoFailure>> | null = null;

  constructor(path: string, fd: number, kind: HandleKind, gate: OperationGate) {
    this.path = path;
    this.#fd = fd;
    this.#kind = kind;
    this.#gate = gate;
  }

  read(into: Uint8Array, position: Position): IoResult<ByteCount> {
    if (!isCount(position)) return Promise.resolve(err(wrongNumber('read', this.path, position)));
    return this.#call<number>('read', 'read', position, (done) => {
      fs.read(this.#fd, into, 0, into.byteLength, position, done);
    });
  }

  write(buffers: readonly Uint8Array[], position: Position): IoResult<ByteCount> {
    const operation = this.#kind === 'dsync' ? 'dsync-write' : 'write';
    if (!isCount(position)) return Promise.resolve(err(wrongNumber(operation, this.path, position)));
    return this.#call<number>('urgent', operation, position, (done) => {
      this.#startWrite(buffers, position, this.#kind === 'dsync' && DSYNC_NEEDS_SYNC ? this.#thenSync(done) : done);
    });
  }

  #startWrite(buffers: readonly Uint8Array[], position: Position, done: NodeCallback<number>): void {
    const only = buffers.length === 1 ? buffers[0] : undefined;
    if (only === undefined) fs.writev(this.#fd, buffers, position, done);
    else fs.write(this.#fd, only, 0, only.byteLength, position, done);
  }

  #thenSync(done: NodeCallback<number>): NodeCallback<number> {
    return (error, written) => {
      if (error !== null && error !== undefined) done(error, 0);
      else fs.fdatasync(this.#fd, (syncError) => done(syncError, written));
    };
  }

  sync(): IoResult<void> {
    if (this.#kind === 'directory') {
      return this.#act('urgent', 'sync-directory', null, (done) => fs.fsync(this.#fd, done));
    }
    return this.#act('urgent', 'sync', null, (done) => fs.fdatasync(this.#fd, done));
  }

  truncate(bytes: ByteCount): IoResult<void> {
    if (!isCount(bytes)) return Promise.resolve(err(wrongNumber('truncate', this.path, bytes)));
    const size: number = bytes;
    return this.#act('urgent', 'truncate', size, (done) => {
      fs.ftruncate(this.#fd, size, done);
    });
  }

  async stat(): Promise<Result<FileFacts, IoFailure>> {
    return (await this.#bigStat('stat')).map(toFileFacts);
  }

  #bigStat(operation: IoOperation): IoResult<fs.BigIntStats> {
    return this.#call('read', operation, null, (done) => {
      fs.fstat(this.#fd, { bigint: true }, done);
    });
  }

  async tryLock(): Promise<Result<LockOutcome, IoFailure>> {
    if (this.#closing !== null) return err(closedFailure('lock', this.path, null));
    const locked = tryFlock(this.#fd, this.path);
    if (locked.isErr()) return err(locked.error);
    if (locked.value.kind !== 'held') return ok(locked.value);
    return ok({ kind: 'held', pid: await this.#holder() });
  }

  /** The pid is a courtesy: whatever keeps it from being found, the lock is held all the same. */
  async #holder(): Promise<number | null> {
    if (process.platform !== 'linux') return null;
    const facts = await this.#bigStat('lock');
    if (facts.isErr()) return null;
    const table = await this.#call<string>('read', 'lock', null, (done) => {
      fs.readFile('/proc/locks', 'latin1', done);
    });
    return table.isOk() ? holderInLockTable(table.value, facts.value.dev, facts.value.ino) : null;
  }

  /** Calls that wait for the gate are taken out and fail; calls in flight are waited for. Twice is harmless. */
  close(): IoResult<void> {
    this.#closing ??= this.#closeOnce();
    return this.#closing;
  }

  async #closeOnce(): Promise<Result<void, IoFailure>> {
    for (const call of this.#waiting) {
      if (this.#gate.withdraw(call.waiting)) call.answer(closedFailure(call.site.operation, this.path, call.site.position));
    }
    this.#waiting.clear();
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    const site = { operation: 'close', path: this.path, position: null } as const;
    return gatedAct(this.#gate, 'urgent', site, (done) => fs.close(this.#fd, done));
  }

  #act(lane: Lane, operation: IoOperation, position: Position | null, start: (done: fs.NoParamCallback) => void): IoResult<void> {
    if (this.#closing !== null) return Promise.resolve(err(closedFailure(operation, this.path, position)));
    return gatedAct(this.#gate, lane, { operation, path: this.path, position }, start, this);
  }

  #call<T>(lane: Lane, operation: IoOperation, position: Position | null, start: (done: NodeCallback<T>) => void): IoResult<T> {
    if (this.#closing !== null) return Promise.resolve(err(closedFailure(operation, this.path, position)));
    return gatedCall(this.#gate, lane, { operation, path: this.path, position }, start, this);
  }

  /** @internal */
  queued(call: WithdrawableCall): void {
    this.#waiting.add(call);
  }

  /** @internal */
  started(call: WithdrawableCall | null): void {
    if (call !== null) this.#waiting.delete(call);
    this.#inFlight += 1;
  }

  /** @internal */
  ended(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#whenIdle?.();
  }
}
