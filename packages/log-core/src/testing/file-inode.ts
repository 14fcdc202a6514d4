/**
 * One file of the simulated disk: what the page cache shows, what the platter holds, and the changes in
 * between. INVARIANT: durable bytes change only by a sync, a dsync write, or a helper that says so.
 * It does not know names, space or faults.
 */
import type { DirectoryInode } from './directory-inode.js';
import { isZero, PAGE_BYTES, PagedBytes, pageCount, pageOf } from './paged-bytes.js';

/** A write that is not durable yet; `bytes` null stands for zeros. @internal */
export interface PendingWrite {
  readonly kind: 'write';
  readonly position: number;
  readonly length: number;
  readonly bytes: Uint8Array | null;
}

/** A change of a file that is not durable yet. @internal */
export type PendingChange = PendingWrite | { readonly kind: 'truncate'; readonly size: number };

/**
 * What a failed sync leaves behind. In each the dirty pages count as clean afterwards, so that later syncs succeed
 * without them.
 * - `drop`: whether they reached the platter only a power cut will show; writing the same bytes again heals.
 * - `poison`: as `drop`, and blocks that were not durable before read as zeros after a power cut, however often
 *   they are written again, until a truncation drops them (ext4: the extent stays unwritten).
 * - `false-failure`: everything is on the platter, the error notwithstanding.
 * @public
 */
export type SyncFailureFlavour = 'drop' | 'poison' | 'false-failure';

/** Who has the lock: a handle, of a process. @internal */
export interface LockHolder {
  readonly pid: number | null;
}

/** A file, in the cache and on the platter. @internal */
export class FileInode {
  readonly kind = 'file';
  readonly id: number;
  cache = new PagedBytes();
  durable = new PagedBytes();
  pending: PendingChange[] = [];
  /** Changes that a failed sync gave up, older than everything pending: each may be on the platter all the same. */
  orphans: PendingChange[] = [];
  /** Blocks that a failed sync left unwritten. */
  poison: Set<number> | null = null;
  modifiedAt: number;
  /** The directory it was last named in, for those who watch that. */
  parent: DirectoryInode | null = null;
  /** The path it was last opened by or renamed to: what its calls are known by. */
  path = '';
  /** Names that lead here, in the cache. */
  links = 0;
  /** Open handles. */
  opens = 0;
  lockHolder: LockHolder | null = null;

  constructor(id: number, modifiedAt: number) {
    this.id = id;
    this.modifiedAt = modifiedAt;
  }

  /** Writes into the cache; nothing of it is durable. */
  write(change: PendingWrite): void {
    applyWrite(this.cache, change, null);
    this.pending.push(change);
  }

  /** Writes through: exactly this range is durable, and the size as far as it reaches. Older changes stay pending. */
  writeDurably(change: PendingWrite): void {
    if (this.pending.length > 0 || this.orphans.length > 0) this.#settleBelow(change);
    applyWrite(this.cache, change, null);
    applyWrite(this.durable, change, this.poison);
  }

  /** Sets the size, in the cache. `dropped` is shown the pages of data that go, as the cache has them or the disk may. */
  truncate(size: number, dropped?: (bytes: Uint8Array) => void): void {
    if (dropped !== undefined) this.#showOverwritten(size, dropped);
    this.cache.resize(size, dropped);
    this.pending.push({ kind: 'truncate', size });
    this.#forgetPoisonFrom(pageCount(size));
  }

  /** Makes everything durable that is pending. */
  sync(): void {
    for (const change of this.pending) applyChange(this.durable, change, this.poison);
    if (this.orphans.length > 0) this.orphans = this.pending.reduce(withoutOlder, this.orphans).filter((orphan) => orphan.kind === 'write');
    // What an earlier failed sync lost of the data stays lost; the size does not.
    if (this.durable.size !== this.cache.size) this.durable.resize(this.cache.size);
    this.pending = [];
  }

  /** A sync that fails. */
  failSync(flavour: SyncFailureFlavour): void {
    if (flavour === 'false-failure') {
      this.sync();
      return;
    }
    if (flavour === 'poison') for (const change of this.pending) this.#poisonBlocksOf(change);
    this.orphans.push(...this.pending);
    this.pending = [];
  }

  /** A copy that shares all bytes; handles and locks are left behind. */
  copy(): FileInode {
    const copy = new FileInode(this.id, this.modifiedAt);
    copy.cache = this.cache.share();
    copy.durable = this.durable.share();
    copy.pending = this.pending.slice();
    copy.orphans = this.orphans.slice();
    copy.poison = this.poison === null ? null : new Set(this.poison);
    return copy;
  }

  /** Before a range becomes durable by itself: truncations must not undo it later, nor older writes overlay it. */
  #settleBelow(change: PendingWrite): void {
    this.orphans = withoutOlder(this.orphans, change).filter((orphan) => orphan.kind === 'write');
    let kept: PendingChange[] = [];
    for (const older of this.pending) {
      if (older.kind === 'truncate') {
        if (older.size < this.durable.size) this.durable.resize(older.size);
        kept = withoutOlder(kept, older);
      } else kept.push(older);
    }
    this.pending = withoutOlder(kept, change);
  }

  /** Shows the pages behind `size` as they were before a pending write over data: the disk may have them so still. */
  #showOverwritten(size: number, show: (bytes: Uint8Array) => void): void {
    const image = this.durable.share();
    for (const change of this.pending) {
      if (change.kind === 'write' && change.position >= size && image.size > change.position) image.share().resize(size, show);
      applyChange(image, change, null);
    }
  }

  #poisonBlocksOf(change: PendingChange): void {
    if (change.kind === 'truncate') return;
    for (let block = pageOf(change.position); block < pageCount(change.position + change.length); block += 1) {
      if (!this.durable.isAllocated(block)) (this.poison ??= new Set()).add(block);
    }
  }

  #forgetPoisonFrom(block: number): void {
    if (this.poison === null) return;
    for (const poisoned of this.poison) if (poisoned >= block) this.poison.delete(poisoned);
    if (this.poison.size === 0) this.poison = null;
  }
}

/** Applies a change to an image of the platter; poisoned blocks take no data. @internal */
export function applyChange(image: PagedBytes, change: PendingChange, poison: ReadonlySet<number> | null): void {
  if (change.kind === 'truncate') image.resize(change.size);
  else applyWrite(image, change, poison);
}

/** Applies `[from, to)` of a write to an image; poisoned blocks take no data. @internal */
export function applyWrite(
  image: PagedBytes,
  write: PendingWrite,
  poison: ReadonlySet<number> | null,
  from = 0,
  to = write.length,
): void {
  if (from >= to) return;
  if (poison === null) {
    if (write.bytes === null) image.writeZeros(write.position + from, to - from);
    else image.write(write.position + from, write.bytes, from, to);
    return;
  }
  image.grow(write.position + to);
  let at = from;
  while (at < to) {
    const page = pageOf(write.position + at);
    const stop = Math.min(to, (page + 1) * PAGE_BYTES - write.position);
    if (!poison.has(page)) applyWrite(image, write, null, at, stop);
    at = stop;
  }
}

/** The older changes with what a newer one, durable itself, makes void taken out. */
function withoutOlder(older: readonly PendingChange[], newer: PendingChange): PendingChange[] {
  return older.flatMap((change): PendingChange[] => {
    if (change.kind === 'truncate') return [change];
    if (newer.kind === 'truncate') return clip(change, 0, newer.size);
    return [...clip(change, 0, newer.position), ...clip(change, newer.position + newer.length, Infinity)];
  });
}

/** The parts of a write within `[from, to)` of the file. */
function clip(write: PendingWrite, from: number, to: number): PendingWrite[] {
  const start = Math.max(from, write.position);
  const end = Math.min(to, write.position + write.length);
  if (start >= end) return [];
  if (end - start === write.length) return [write];
  const skip = start - write.position;
  const bytes = write.bytes === null ? null : write.bytes.subarray(skip, skip + end - start);
  return [{ kind: 'write', position: start, length: end - start, bytes }];
}

/** Takes the first `length` bytes of the buffers as one write; whole pages of zeros are not kept byte by byte. @internal */
export function gatherWrite(buffers: readonly Uint8Array[], position: number, length: number): PendingWrite {
  if (length >= PAGE_BYTES && allZero(buffers, length)) return { kind: 'write', position, length, bytes: null };
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const buffer of buffers) {
    if (at >= length) break;
    const part = buffer.length <= length - at ? buffer : buffer.subarray(0, length - at);
    bytes.set(part, at);
    at += part.length;
  }
  return { kind: 'write', position, length, bytes };
}

function allZero(buffers: readonly Uint8Array[], length: number): boolean {
  let left = length;
  let known: Uint8Array | null = null;
  for (const buffer of buffers) {
    const count = Math.min(left, buffer.length);
    // A spare is often written as one buffer of zeros many times over.
    if (buffer !== known && !isZero(buffer, 0, count)) return false;
    known = buffer;
    left -= count;
  }
  return true;
}
