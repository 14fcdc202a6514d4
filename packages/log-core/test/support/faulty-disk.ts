/**
 * The host's disk with faults: calls that match a rule fail, hang, or throw. For real files and real inodes where the
 * simulated disk would leave a doubt, and for the reactions that are told by status, events and errors.
 */
import { err, ok, type Result } from 'neverthrow';
import { nodeFileSystem } from '../../src/adapters/node/node-file-system.js';
import type { FileHandle, FileSystem, IoFailure, IoOperation, IoResult, IoSymbol, OpenMode } from '../../src/index.js';

/** One fault. `times` calls that match fail, after `skip` others went well. */
export interface Rule {
  readonly on: IoOperation | readonly IoOperation[];
  /** What the path must contain; anything by default. */
  readonly path?: string | RegExp;
  readonly symbol: IoSymbol;
  readonly skip?: number;
  readonly times?: number;
  /** The call is carried out all the same, and then said to have failed. */
  readonly done?: boolean;
  /** A write gets so many bytes to the disk first. */
  readonly bytes?: number;
  /** It is their count that such a write answers, not an error. */
  readonly short?: boolean;
  /** The call does not answer until `release` is called; then it is carried out and answers truly, or `fails`, undone. */
  readonly hang?: boolean | 'fails';
  /** Breaks the port's own promise: the call throws. */
  readonly bug?: boolean;
}

interface Active {
  readonly rule: Rule;
  skip: number;
  times: number;
}

/** Errno as Linux has it, for what errors must show. */
const ERRNO: Partial<Record<IoSymbol, readonly [number, string]>> = {
  'no-space': [-28, 'ENOSPC'], quota: [-122, 'EDQUOT'], io: [-5, 'EIO'], 'fd-exhausted': [-24, 'EMFILE'], 'file-too-large': [-27, 'EFBIG'], 'read-only-fs': [-30, 'EROFS'], permission: [-13, 'EACCES'], 'not-found': [-2, 'ENOENT'], again: [-11, 'EAGAIN'],
};

export class FaultyDisk implements FileSystem {
  readonly #disk = nodeFileSystem();
  #active: Active[] = [];
  #hanging: { readonly operation: IoOperation; readonly resume: () => void }[] = [];
  readonly #open = new Set<FaultyHandle>();
  /** Carries writes out instead of the host's thread pool, at once; answers the count. */
  onWrite: ((path: string, buffers: readonly Uint8Array[], position: number) => number) | null = null;
  /** Every call that was made to fail, as `operation file`. */
  readonly met: string[] = [];
  /** Every call, as `operation file`. */
  readonly calls: string[] = [];

  /** Adds faults; answers how to take them back. */
  inject(...rules: readonly Rule[]): () => void {
    const added = rules.map((rule) => ({ rule, skip: rule.skip ?? 0, times: rule.times ?? Infinity }));
    this.#active.push(...added);
    return () => {
      this.#active = this.#active.filter((each) => !added.includes(each));
    };
  }

  /** The disk is well again; what hangs goes on. */
  heal(): void {
    this.#active = [];
    this.release();
  }

  /** Lets what hangs go on: everything, or one kind of call. */
  release(only?: IoOperation): void {
    const hanging = this.#hanging;
    this.#hanging = hanging.filter(({ operation }) => only !== undefined && operation !== only);
    for (const each of hanging) if (!this.#hanging.includes(each)) each.resume();
  }

  async open(path: string, mode: OpenMode): IoResult<FileHandle> {
    const opened = await this.run(mode === 'create' ? 'create' : 'open', path, null, () => this.#disk.open(path, mode));
    return opened.map((handle) => {
      const faulty = new FaultyHandle(this, handle, mode);
      this.#open.add(faulty);
      return faulty;
    });
  }

  readDirectory(path: string): ReturnType<FileSystem['readDirectory']> {
    return this.run('readdir', path, null, () => this.#disk.readDirectory(path));
  }

  stat(path: string): ReturnType<FileSystem['stat']> {
    return this.run('stat', path, null, () => this.#disk.stat(path));
  }

  statFileSystem(path: string): ReturnType<FileSystem['statFileSystem']> {
    return this.run('statfs', path, null, () => this.#disk.statFileSystem(path));
  }

  async rename(from: string, to: string): IoResult<void> {
    const renamed = await this.run('rename', to, null, () => this.#disk.rename(from, to));
    // Rules go by the name a file has now.
    if (renamed.isOk()) for (const handle of this.#open) if (handle.name === from) handle.name = to;
    return renamed;
  }

  unlink(path: string): IoResult<void> {
    return this.run('unlink', path, null, () => this.#disk.unlink(path));
  }

  makeDirectory(path: string): IoResult<void> {
    return this.run('mkdir', path, null, () => this.#disk.makeDirectory(path));
  }

  watch(path: string, onChange: () => void): ReturnType<FileSystem['watch']> {
    return this.#disk.watch(path, onChange);
  }

  bootId(): Promise<string> {
    return this.#disk.bootId();
  }

  /** Carries a call out, or what is to become of it. `write` is what a short one would write. */
  async run<T>(operation: IoOperation, path: string, position: number | null, call: () => IoResult<T>, write?: (bytes: number) => IoResult<T>): IoResult<T> {
    const line = `${operation} ${path.slice(path.lastIndexOf('/') + 1)}`;
    this.calls.push(line);
    const rule = this.#match(operation, path);
    if (rule === null) return call();
    this.met.push(line);
    if (rule.bug === true) throw new Error(`a bug in ${line}`);
    if (rule.hang !== undefined && rule.hang !== false) await new Promise<void>((resume) => this.#hanging.push({ operation, resume }));
    if (rule.hang === true) return call();
    const partly = rule.bytes === undefined ? undefined : write?.(rule.bytes);
    if (rule.short === true && partly !== undefined) return partly;
    await (rule.done === true ? call() : partly)?.then(() => undefined);
    const [errno, code] = ERRNO[rule.symbol] ?? [-999, 'EOTHER'];
    return err({ symbol: rule.symbol, errno, code, operation, path, position, message: `${code}: injected, ${line}` });
  }

  #match(operation: IoOperation, path: string): Rule | null {
    for (const active of this.#active) {
      const { on, path: wanted } = active.rule;
      const meets = [on].flat().includes(operation) && (wanted === undefined || (typeof wanted === 'string' ? path.includes(wanted) : wanted.test(path)));
      if (!meets || active.times === 0) continue;
      if (active.skip > 0) {
        active.skip -= 1;
        continue;
      }
      active.times -= 1;
      return active.rule;
    }
    return null;
  }
}

class FaultyHandle implements FileHandle {
  readonly #disk: FaultyDisk;
  readonly #handle: FileHandle;
  readonly #mode: OpenMode;
  name: string;

  constructor(disk: FaultyDisk, handle: FileHandle, mode: OpenMode) {
    this.#disk = disk;
    this.#handle = handle;
    this.#mode = mode;
    this.name = handle.path;
  }

  get path(): string {
    return this.#handle.path;
  }

  read(into: Uint8Array, position: number): IoResult<number> {
    return this.#disk.run('read', this.name, position, () => this.#handle.read(into, position));
  }

  write(buffers: readonly Uint8Array[], position: number): IoResult<number> {
    const { onWrite } = this.#disk;
    if (onWrite !== null) return Promise.resolve(ok(onWrite(this.name, buffers, position)));
    const partly = (bytes: number): IoResult<number> => this.#handle.write([Buffer.concat(buffers).subarray(0, bytes)], position);
    return this.#disk.run(this.#mode === 'dsync' ? 'dsync-write' : 'write', this.name, position, () => this.#handle.write(buffers, position), partly);
  }

  sync(): IoResult<void> {
    return this.#disk.run(this.#mode === 'directory' ? 'sync-directory' : 'sync', this.name, null, () => this.#handle.sync());
  }

  truncate(bytes: number): IoResult<void> {
    return this.#disk.run('truncate', this.name, bytes, () => this.#handle.truncate(bytes));
  }

  stat(): ReturnType<FileHandle['stat']> {
    return this.#disk.run('stat', this.name, null, () => this.#handle.stat());
  }

  tryLock(): ReturnType<FileHandle['tryLock']> {
    return this.#disk.run('lock', this.name, null, () => this.#handle.tryLock());
  }

  close(): Promise<Result<void, IoFailure>> {
    return this.#disk.run('close', this.name, null, () => this.#handle.close());
  }
}
