/**
 * Every file handle of a log is borrowed here and counted, up to a hard budget. Handles for reading are
 * shared and kept while idle; the oldest idle one goes when another is needed, and all idle ones go when
 * the system has none left. INVARIANT: open ≤ max, and every handle comes back on every path.
 */
import { err, ok, type Result } from 'neverthrow';
import { reactionTo } from '../decide/failure-policy.js';
import type { IoFailure } from '../model/io-failure.js';
import type { Background } from './background.js';
import type { FileHandle, FileSystem, IoResult, OpenMode } from '../ports/file-system.js';

/** A handle for reading, shared with other readers until released. @internal */
export interface Borrowed {
  readonly handle: FileHandle;
  readonly release: () => void;
}

interface Shared {
  readonly path: string;
  readonly handle: FileHandle;
  users: number;
  /** The name stands for another file by now, or for none: closed after its last user. */
  stale: boolean;
}

/** @internal */
export class HandlePool {
  readonly #fs: FileSystem;
  readonly #max: number;
  /** By path, least recently used first. */
  readonly #shared = new Map<string, Shared>();
  readonly #waiting: (() => void)[] = [];
  readonly #background: Background;
  #open = 0;

  constructor(fs: FileSystem, max: number, background: Background) {
    this.#fs = fs;
    this.#max = max;
    this.#background = background;
  }

  get open(): number {
    return this.#open;
  }

  get max(): number {
    return this.#max;
  }

  /** Opens a handle of one's own, to be given back with `close`. */
  async openOwn(path: string, mode: OpenMode): IoResult<FileHandle> {
    await this.#reserve();
    let opened = await this.#fs.open(path, mode);
    if (opened.isErr() && reactionTo('read', opened.error.symbol).retry === 'evict') {
      await this.#evict(this.#max);
      opened = await this.#fs.open(path, mode);
    }
    if (opened.isErr()) this.#giveBack();
    return opened;
  }

  /**
   * Closes a handle of one's own. It counts as given back whatever the disk answers, which changes nothing: what
   * must be durable was synced before.
   */
  async close(handle: FileHandle): Promise<void> {
    await handle.close().then(() => undefined);
    this.#giveBack();
  }

  /** Borrows a handle for reading `path`, shared where one is open. */
  async borrow(path: string): Promise<Result<Borrowed, IoFailure>> {
    const known = this.#use(path);
    if (known !== null) return ok(known);
    const opened = await this.openOwn(path, 'read');
    if (opened.isErr()) return err(opened.error);
    const raced = this.#use(path);
    if (raced !== null) {
      await this.close(opened.value);
      return ok(raced);
    }
    this.#shared.set(path, { path, handle: opened.value, users: 0, stale: false });
    return ok(this.#use(path) as Borrowed);
  }

  /** The path stands for another file from now on; its readers finish with the old one. */
  invalidate(path: string): void {
    const shared = this.#shared.get(path);
    if (shared === undefined) return;
    this.#shared.delete(path);
    shared.stale = true;
    if (shared.users === 0) this.#closeShared(shared);
  }

  /** Closes every handle that nobody uses; those in use go with their last user. Resolves when closed. */
  async closeShared(): Promise<void> {
    const all = [...this.#shared.values()];
    this.#shared.clear();
    for (const shared of all) shared.stale = true;
    await Promise.all(all.filter((shared) => shared.users === 0).map((shared) => this.close(shared.handle)));
  }

  #use(path: string): Borrowed | null {
    const shared = this.#shared.get(path);
    if (shared === undefined) return null;
    this.#shared.delete(path);
    this.#shared.set(path, shared);
    shared.users += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      if (shared.stale) this.#closeShared(shared);
      else this.#waiting.shift()?.();
    };
    return { handle: shared.handle, release };
  }

  async #reserve(): Promise<void> {
    while (this.#open >= this.#max) {
      // Evicting gives its place to the first that waits, which may be this one.
      const place = new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#background.run(this.#evict(1));
      await place;
    }
    this.#open += 1;
  }

  #giveBack(): void {
    this.#open -= 1;
    this.#waiting.shift()?.();
  }

  /** Closes up to `count` handles that nobody uses, least recently used first. */
  #evict(count: number): Promise<unknown> {
    const idle = [...this.#shared.values()].filter((shared) => shared.users === 0).slice(0, count);
    for (const shared of idle) this.#shared.delete(shared.path);
    return Promise.all(idle.map((shared) => this.close(shared.handle)));
  }

  #closeShared(shared: Shared): void {
    this.#background.run(this.close(shared.handle));
  }
}
