/**
 * Every file handle of a log is borrowed here and counted, up to a hard budget. The log's own files take a few, known
 * in number, and never wait; handles for reading are shared, kept while idle, and wait for a place where there is
 * none. INVARIANT: open ≤ max, and every handle comes back on every path.
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

/**
 * Most handles a log's own files take at one moment: the directory, checkpoint, watermark and positions and the files
 * that replace them, the active segment twice, the next one, the spare, an index that is written and one that is looked
 * into, the table. @internal
 */
export const OWN_HANDLES_MAX = 13;

/** @internal */
export class HandlePool {
  readonly #fs: FileSystem;
  readonly #max: number;
  readonly #background: Background;
  /** By path, least recently used first. */
  readonly #shared = new Map<string, Shared>();
  /** Those who wait for a place, or, once the pool is shut, for the last reader. */
  #waiting: (() => void)[] = [];
  #open = 0;
  #sharedOpen = 0;
  #shut = false;
  /** How often a name was invalidated, or the pool shut. */
  #changes = 0;

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
    this.#open += 1;
    let opened = await this.#fs.open(path, mode);
    if (opened.isErr() && reactionTo('read', opened.error.symbol).retry === 'evict') {
      await this.#evict(this.#max);
      opened = await this.#fs.open(path, mode);
    }
    if (opened.isErr()) this.#open -= 1;
    return opened;
  }

  /**
   * Closes a handle of one's own. It counts as given back whatever the disk answers, which changes nothing: what
   * must be durable was synced before.
   */
  async close(handle: FileHandle): Promise<void> {
    await handle.close().then(() => undefined);
    this.#open -= 1;
  }

  /** Borrows a handle for reading `path`, shared where one is open. */
  async borrow(path: string): Promise<Result<Borrowed, IoFailure>> {
    for (;;) {
      const known = this.#use(path);
      if (known !== null) return ok(known);
      if (this.#shut) return err(shutFailure(path));
      if (this.#sharedOpen < this.#max - OWN_HANDLES_MAX) break;
      const place = new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#background.run(this.#evict(1));
      await place;
    }
    this.#sharedOpen += 1;
    const changes = this.#changes;
    const opened = await this.openOwn(path, 'read');
    if (opened.isErr()) {
      this.#giveBackShared();
      return err(opened.error);
    }
    // A name that changed hands meanwhile may stand for another file than the one that was opened.
    const fresh: Shared = { path, handle: opened.value, users: 1, stale: changes !== this.#changes || this.#shared.has(path) };
    if (!fresh.stale) this.#shared.set(path, fresh);
    return ok(this.#lend(fresh));
  }

  /** The path stands for another file from now on; its readers finish with the old one. */
  invalidate(path: string): void {
    this.#changes += 1;
    const shared = this.#shared.get(path);
    if (shared === undefined) return;
    this.#shared.delete(path);
    shared.stale = true;
    if (shared.users === 0) this.#background.run(this.#closeShared(shared));
  }

  /** Lends nothing any more; resolves when every handle for reading is closed, those in use after their last user. */
  async shut(): Promise<void> {
    this.#shut = true;
    this.#changes += 1;
    this.#wakeAll();
    for (const shared of this.#shared.values()) shared.stale = true;
    await this.#evict(this.#max);
    while (this.#sharedOpen > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #use(path: string): Borrowed | null {
    const shared = this.#shared.get(path);
    if (shared === undefined) return null;
    this.#shared.delete(path);
    this.#shared.set(path, shared);
    shared.users += 1;
    return this.#lend(shared);
  }

  #lend(shared: Shared): Borrowed {
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      if (shared.stale) this.#background.run(this.#closeShared(shared));
      else this.#wakeOne();
    };
    return { handle: shared.handle, release };
  }

  /** Closes up to `count` handles that nobody uses, least recently used first. */
  #evict(count: number): Promise<unknown> {
    const idle = [...this.#shared.values()].filter((shared) => shared.users === 0).slice(0, count);
    return Promise.all(idle.map((shared) => this.#closeShared(shared)));
  }

  async #closeShared(shared: Shared): Promise<void> {
    if (this.#shared.get(shared.path) === shared) this.#shared.delete(shared.path);
    await this.close(shared.handle);
    this.#giveBackShared();
  }

  #giveBackShared(): void {
    this.#sharedOpen -= 1;
    if (this.#shut) this.#wakeAll();
    else this.#wakeOne();
  }

  #wakeOne(): void {
    this.#waiting.shift()?.();
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Reading was under way when the log closed. */
function shutFailure(path: string): IoFailure {
  return { symbol: 'other', errno: 0, code: 'CLOSED', operation: 'open', path, position: null, message: 'the log is closed' };
}
