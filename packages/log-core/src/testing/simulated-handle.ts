/**
 * An open file or directory of the simulated disk. INVARIANT: like a descriptor of the system it is given back
 * once, after the last call on it answered: a handle with a hung call keeps its place and its lock.
 */
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure, IoOperation, IoSymbol } from '../model/io-failure.js';
import type { ByteCount, Position } from '../model/units.js';
import type { FileFacts, FileHandle, IoResult, LockOutcome, OpenMode } from '../ports/file-system.js';
import type { Call, CallDispatcher, WorkEffect } from './call-dispatcher.js';
import type { Inode } from './directory-inode.js';
import type { DiskState } from './disk-state.js';
import type { LockHolder, SyncFailureFlavour } from './file-inode.js';
import { closedHandleFailure, simulatedFailure } from './simulated-failure.js';

const DONE: Result<void, IoFailure> = ok(undefined);

/** Symbols that mean nothing was written at all, also where the write was to be synced in the same call. */
const BEFORE_WRITING: ReadonlySet<IoSymbol> = new Set([
  'no-space', 'no-inodes', 'quota', 'file-too-large', 'read-only-fs', 'permission', 'fd-exhausted',
]);

/** What handles share with their process. @internal */
export interface HandleHost {
  readonly state: DiskState;
  readonly dispatcher: CallDispatcher;
  readonly pid: number | null;
  readonly handles: Set<SimulatedHandle>;
  handlesMax: number;
}

/** An open handle; `pid` is the process that has it. @internal */
export class SimulatedHandle implements FileHandle, LockHolder {
  readonly path: string;
  readonly #host: HandleHost;
  readonly #inode: Inode;
  readonly #mode: OpenMode;
  #inFlight = 0;
  #whenIdle: (() => void) | null = null;
  #closing: IoResult<void> | null = null;

  constructor(host: HandleHost, path: string, inode: Inode, mode: OpenMode) {
    this.#host = host;
    this.path = path;
    this.#inode = inode;
    this.#mode = mode;
    host.handles.add(this);
  }

  get pid(): number | null {
    return this.#host.pid;
  }

  read(into: Uint8Array, position: Position): IoResult<ByteCount> {
    return this.#call<number>('read', position, into.length, into.length, (effect) => {
      const inode = this.#inode;
      if (into.length === 0) return ok(0);
      if (inode.kind === 'directory') return this.#fail('is-a-directory', 'read', position);
      const wanted = effect?.kind === 'short' ? into.subarray(0, effect.bytes) : into;
      const count = inode.cache.read(wanted, position);
      if (effect?.kind === 'flip' && count > 0) flipBitIn(wanted, effect.bit % (count * 8));
      return ok(count);
    });
  }

  write(buffers: readonly Uint8Array[], position: Position): IoResult<ByteCount> {
    const operation = this.#mode === 'dsync' ? 'dsync-write' : 'write';
    let length = 0;
    for (const buffer of buffers) length += buffer.length;
    return this.#call<number>(operation, position, length, length, (effect) => this.#write(operation, buffers, length, position, effect));
  }

  #write(
    operation: 'write' | 'dsync-write',
    buffers: readonly Uint8Array[],
    length: number,
    position: number,
    effect: WorkEffect | null,
  ): Result<number, IoFailure> {
    const { state } = this.#host;
    const inode = this.#inode;
    if (buffers.length === 0) return ok(0);
    if (inode.kind === 'directory' || this.#mode === 'read' || this.#mode === 'directory') return err(closedHandleFailure(operation, this.path, position));
    const flavour = this.#flavourOf(effect);
    if (flavour === null) {
      if (effect?.kind === 'fail') return this.#fail(effect.symbol, operation, position);
      const wanted = effect?.kind === 'short' ? Math.min(length, effect.bytes) : length;
      const written = state.write(inode, buffers, wanted, position, operation === 'dsync-write');
      return typeof written === 'string' ? this.#fail(written, operation, position) : ok(written);
    }
    // The write reached the cache; what its sync left of it on the platter is up to the flavour.
    const written = state.write(inode, buffers, length, position, false);
    if (typeof written === 'string') return this.#fail(written, operation, position);
    state.failSync(inode, flavour);
    return this.#fail(symbolOf(effect), operation, position);
  }

  sync(): IoResult<void> {
    const operation = this.#inode.kind === 'directory' ? 'sync-directory' : 'sync';
    return this.#call<void>(operation, null, null, undefined, (effect) => {
      const flavour = this.#flavourOf(effect);
      if (flavour !== null) {
        this.#host.state.failSync(this.#inode, flavour);
        return this.#fail(symbolOf(effect), operation, null);
      }
      return this.#answer(this.#host.state.sync(this.#inode), operation, null);
    });
  }

  truncate(bytes: ByteCount): IoResult<void> {
    return this.#call<void>('truncate', bytes, null, undefined, () => {
      const inode = this.#inode;
      if (inode.kind === 'directory' || this.#mode === 'read') return this.#fail('other', 'truncate', bytes);
      return this.#answer(this.#host.state.truncate(inode, bytes), 'truncate', bytes);
    });
  }

  stat(): IoResult<FileFacts> {
    return this.#call<FileFacts>('stat', null, null, null, () => ok(factsOf(this.#inode)));
  }

  tryLock(): IoResult<LockOutcome> {
    return this.#call<LockOutcome>('lock', null, null, { kind: 'acquired' }, () => {
      const inode = this.#inode;
      if (inode.lockHolder !== null && inode.lockHolder !== this) return ok({ kind: 'held', pid: inode.lockHolder.pid });
      inode.lockHolder = this;
      return ok({ kind: 'acquired' });
    });
  }

  close(): IoResult<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Calls that are out, and so keep the handle open. @internal */
  begin(): void {
    this.#inFlight += 1;
  }

  /** @internal */
  end(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#whenIdle?.();
  }

  /** Gives the descriptor and the lock back, without a call. @internal */
  drop(): void {
    if (!this.#host.handles.delete(this)) return;
    if (this.#inode.lockHolder === this) this.#inode.lockHolder = null;
    this.#host.state.release(this.#inode);
  }

  async #close(): Promise<Result<void, IoFailure>> {
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    return this.#host.dispatcher.run<void>({
      operation: 'close',
      path: this.#inode.path,
      position: null,
      bytes: null,
      lie: undefined,
      work: () => {
        this.drop();
        return DONE;
      },
    });
  }

  /** `lie` null stands for an answer that cannot be made up. */
  #call<T>(
    operation: IoOperation,
    position: number | null,
    bytes: number | null,
    lie: T | null,
    work: Call<T>['work'],
  ): IoResult<T> {
    if (this.#closing !== null) return Promise.resolve(err(closedHandleFailure(operation, this.path, position)));
    if (position !== null && !(Number.isSafeInteger(position) && position >= 0)) return Promise.resolve(this.#fail('other', operation, position));
    const call = { operation, path: this.#inode.path, position, bytes, work, handle: this };
    return this.#host.dispatcher.run(lie === null ? call : { ...call, lie });
  }

  /** What a failing sync leaves behind, or null where the effect is none. */
  #flavourOf(effect: WorkEffect | null): SyncFailureFlavour | null {
    if (effect?.kind === 'fail-sync') return effect.flavour;
    if (effect?.kind !== 'fail') return null;
    return this.#mode === 'dsync' && BEFORE_WRITING.has(effect.symbol) ? null : this.#host.state.character.syncFailure;
  }

  #answer(refusal: IoSymbol | null, operation: IoOperation, position: number | null): Result<void, IoFailure> {
    return refusal === null ? DONE : this.#fail(refusal, operation, position);
  }

  #fail(symbol: IoSymbol, operation: IoOperation, position: number | null): Result<never, IoFailure> {
    return err(simulatedFailure(symbol, operation, this.path, position));
  }
}

/** What `stat` tells of an inode. @internal */
export function factsOf(inode: Inode): FileFacts {
  return {
    kind: inode.kind,
    bytes: inode.kind === 'file' ? inode.cache.size : 4096,
    modifiedAt: inode.modifiedAt,
    identity: `1:${inode.id}`,
    links: inode.links,
  };
}

function symbolOf(effect: WorkEffect | null): IoSymbol {
  return effect?.kind === 'fail-sync' || effect?.kind === 'fail' ? effect.symbol : 'io';
}

function flipBitIn(bytes: Uint8Array, bit: number): void {
  const at = bit >>> 3;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
}
