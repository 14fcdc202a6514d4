/**
 * The checkpoint: two checksummed slots, overwritten in turn and synced, so that a torn write leaves the one
 * before it. It bounds what must be scanned; it never is the only copy of a record. After a failed write or
 * sync the file is never synced again: the next write replaces it by a new one.
 * INVARIANT: `current` is what was read, or what is durable.
 */
import { err, ok, type Result } from 'neverthrow';
import { CHECKPOINT_FILE_BYTES, CHECKPOINT_SLOT_SPACING, encodeCheckpointSlot, type Checkpoint } from '../codec/checkpoint.js';
import { reactionTo } from '../decide/failure-policy.js';
import { SIDE_FILES } from '../decide/file-names.js';
import type { IoFailure } from '../model/io-failure.js';
import type { FileHandle } from '../ports/file-system.js';
import { pathIn, type LogContext } from './context.js';
import { LockScope } from './lock-scope.js';
import { isNameUnproven, replaceSideFile } from './side-file.js';
import { wholeOrFailed } from './write-whole.js';

/** What a write may change. @internal */
export type CheckpointFields = Omit<Checkpoint, 'sequence'>;

/** @internal */
export class CheckpointFile {
  readonly #ctx: LogContext;
  readonly #lock: LockScope<'checkpoint'>;
  #current: Checkpoint | null;
  #slot: 0 | 1;
  #handle: FileHandle | null = null;
  #usable: boolean;
  /** False while `current` was only read: another process may have left it in the page cache alone. */
  #durable: boolean;
  /**
   * Whether the file's name is durable: this process gave it, and synced that, or it tells of a clean close, which only a named
   * one does. What an earlier process failed to sync, no later sync makes good.
   */
  #named: boolean;

  /** `found` is the slot that opening read, null where there was none. */
  constructor(ctx: LogContext, found: { readonly checkpoint: Checkpoint; readonly slot: 0 | 1 } | null) {
    this.#ctx = ctx;
    this.#lock = new LockScope('checkpoint', () => undefined);
    this.#current = found?.checkpoint ?? null;
    this.#slot = found?.slot ?? 1;
    this.#usable = found !== null;
    this.#durable = found === null;
    this.#named = found?.checkpoint.clean === true;
  }

  get current(): Checkpoint | null {
    return this.#current;
  }

  /** Whether the file holds `current`: after a failed write it may hold what that one wrote. */
  get holdsCurrent(): boolean {
    return this.#usable;
  }

  /** Whether `current` is durable for certain. */
  get isDurable(): boolean {
    return this.#durable;
  }

  /** Whether `current` is durable for certain, and so is the name of its file. */
  get isNamed(): boolean {
    return this.#named && this.#durable;
  }

  /** Makes what `change` returns durable; it is asked once the write's turn has come. */
  write(change: (current: Checkpoint | null) => CheckpointFields): Promise<Result<void, IoFailure>> {
    return this.#lock.run(() => this.#write(change));
  }

  /** The same in a file whose name is durable; where there is no room for a new one, what was read stays as it is. */
  writeNamed(change: (current: Checkpoint | null) => CheckpointFields): Promise<Result<void, IoFailure>> {
    return this.#lock.run(async () => {
      const usable = this.#usable;
      if (!this.#named) this.#usable = false;
      const written = await this.#write(change);
      if (written.isErr() && !this.#named && !isNameUnproven(written.error)) this.#usable = usable;
      return written;
    });
  }

  async #write(change: (current: Checkpoint | null) => CheckpointFields): Promise<Result<void, IoFailure>> {
    const next: Checkpoint = { ...change(this.#current), sequence: (this.#current?.sequence ?? 0) + 1 };
    const slot = this.#slot === 0 ? 1 : 0;
    const written = await this.#put(next, slot);
    if (written.isErr()) {
      this.#usable = false;
      await this.#closeHandle();
      return err(written.error);
    }
    this.#current = next;
    this.#slot = slot;
    this.#durable = true;
    return ok(undefined);
  }

  async close(): Promise<void> {
    await this.#lock.run(() => this.#closeHandle());
  }

  /**
   * What was only read may be in the page cache alone, the file's name as well: the first write makes a new file, or,
   * on a full disk, first makes durable what was read.
   */
  async #put(next: Checkpoint, slot: 0 | 1): Promise<Result<void, IoFailure>> {
    if (!this.#usable) return this.#replace(next, slot);
    if (!this.#durable) {
      const replaced = await this.#replace(next, slot);
      if (replaced.isOk() || isNameUnproven(replaced.error) || reactionTo('side-file', replaced.error.symbol).error !== 'disk-full') return replaced;
      const confirmed = await this.#confirm();
      if (confirmed.isErr()) return confirmed;
    }
    return this.#overwrite(next, slot);
  }

  /**
   * The slot that was read is written again as it is, before the other one is touched: a crash in between must find
   * one of them whole, and a torn write of the same bytes changes nothing.
   */
  async #confirm(): Promise<Result<void, IoFailure>> {
    if (this.#current === null) return ok(undefined);
    const written = await this.#overwrite(this.#current, this.#slot);
    return written.isErr() ? written : this.#ctx.directory.sync();
  }

  async #overwrite(next: Checkpoint, slot: 0 | 1): Promise<Result<void, IoFailure>> {
    const opened = await this.#open();
    if (opened.isErr()) return err(opened.error);
    const bytes = [encodeCheckpointSlot(next, this.#ctx.crc32c)];
    const position = slot * CHECKPOINT_SLOT_SPACING;
    const written = wholeOrFailed(await opened.value.write(bytes, position), opened.value, bytes, position);
    return written.map(() => undefined);
  }

  async #open(): Promise<Result<FileHandle, IoFailure>> {
    if (this.#handle !== null) return ok(this.#handle);
    const opened = await this.#ctx.pool.openOwn(pathIn(this.#ctx.dir, SIDE_FILES.checkpoint), 'dsync');
    if (opened.isOk()) this.#handle = opened.value;
    return opened;
  }

  async #replace(next: Checkpoint, slot: 0 | 1): Promise<Result<void, IoFailure>> {
    const bytes = new Uint8Array(CHECKPOINT_FILE_BYTES);
    bytes.set(encodeCheckpointSlot(next, this.#ctx.crc32c), slot * CHECKPOINT_SLOT_SPACING);
    const replaced = await replaceSideFile(this.#ctx, SIDE_FILES.checkpoint, bytes);
    if (replaced.isErr()) return err(replaced.error);
    await this.#closeHandle();
    await this.#ctx.pool.close(replaced.value);
    this.#usable = true;
    this.#named = true;
    return ok(undefined);
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) await this.#ctx.pool.close(handle);
  }
}
