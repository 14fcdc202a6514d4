/**
 * Carries a sequence of operations out on one disk through its port, and says of each what came of it in a form in
 * which two disks can be compared: the value, or symbol and errno of the failure.
 */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Result } from 'neverthrow';
import type { IoFailure } from '../../src/model/io-failure.js';
import type { FileHandle, FileSystem } from '../../src/ports/file-system.js';
import { eventsAfter, type DiskEvent, type DiskOperation } from './disk-operations.js';

/** A disk, below one directory, and how the events are made to happen to it. */
export interface TriedDisk {
  readonly fileSystem: FileSystem;
  /** An empty directory, without a slash at its end. */
  readonly root: string;
  /** What would keep the disk busy is closed before `read-only`. */
  /** Whether it may be full at any time, without an event. */
  readonly isSmall?: boolean;
  readonly happen: (event: DiskEvent) => Promise<void> | void;
}

/** An outcome is `ok`, with what it gave, or symbol and errno: `no-space -28`. */
export type Outcome = string;

/** One disk in the middle of a sequence. */
export class DiskRun {
  readonly #disk: TriedDisk;
  #events: ReadonlySet<DiskEvent> = new Set();
  readonly #slots = new Map<number, { readonly handle: FileHandle; readonly writes: boolean }>();

  constructor(disk: TriedDisk) {
    this.#disk = disk;
  }

  async step(operation: DiskOperation): Promise<Outcome> {
    switch (operation.do) {
      case 'open':
        return this.#open(operation);
      case 'event':
        if (operation.event === 'read-only') await this.#closeWhatKeepsBusy();
        await this.#disk.happen(operation.event);
        this.#events = eventsAfter(this.#events, operation.event);
        return 'ok';
      case 'stat':
      case 'list':
      case 'unlink':
      case 'mkdir':
      case 'rename':
        return this.#onPath(operation);
      case 'write':
      case 'read':
      case 'truncate':
      case 'sync':
      case 'stat-handle':
      case 'lock':
      case 'close':
      case 'same-file': {
        const slot = this.#slots.get(operation.slot);
        return slot === undefined ? 'passed over' : this.#onHandle(operation, slot.handle);
      }
    }
  }

  /** Gives every handle back. */
  async end(): Promise<void> {
    await this.#closeAll(() => true);
  }

  async #open({ slot, path, mode }: Extract<DiskOperation, { do: 'open' }>): Promise<Outcome> {
    const before = this.#slots.get(slot);
    this.#slots.delete(slot);
    if (before !== undefined) outcomeOf(await before.handle.close());
    const opened = await this.#disk.fileSystem.open(this.#at(path), mode);
    if (opened.isOk()) this.#slots.set(slot, { handle: opened.value, writes: mode !== 'read' && mode !== 'directory' });
    return outcomeOf(opened, () => '');
  }

  async #onPath(operation: Extract<DiskOperation, { do: 'stat' | 'list' | 'unlink' | 'mkdir' | 'rename' }>): Promise<Outcome> {
    const { fileSystem } = this.#disk;
    const path = this.#at(operation.path);
    switch (operation.do) {
      case 'stat':
        return outcomeOf(await fileSystem.stat(path), factsOf);
      case 'list':
        return outcomeOf(await fileSystem.readDirectory(path), (names) => [...names].sort().join(' '));
      case 'unlink':
        return outcomeOf(await fileSystem.unlink(path));
      case 'mkdir':
        // Of a path of which nothing is there yet, a part may be made before the rest is refused: that could not be told by the outcome.
        if (this.#isScarce && (await fileSystem.stat(dirname(path))).isErr()) return 'passed over';
        return outcomeOf(await fileSystem.makeDirectory(path));
      case 'rename':
        return outcomeOf(await fileSystem.rename(path, this.#at(operation.to)));
    }
  }

  async #onHandle(
    operation: Extract<DiskOperation, { do: 'write' | 'read' | 'truncate' | 'sync' | 'stat-handle' | 'lock' | 'close' | 'same-file' }>,
    handle: FileHandle,
  ): Promise<Outcome> {
    switch (operation.do) {
      case 'write':
        return outcomeOf(await handle.write(operation.sizes.map((size, index) => patterned(size, operation.fill + index)), operation.position), String);
      case 'read': {
        const into = new Uint8Array(operation.bytes).fill(0xee);
        return outcomeOf(await handle.read(into, operation.position), (count) => `${count} ${createHash('sha1').update(into).digest('hex')}`);
      }
      case 'truncate':
        return outcomeOf(await handle.truncate(operation.bytes));
      case 'sync':
        return outcomeOf(await handle.sync());
      case 'stat-handle':
        return outcomeOf(await handle.stat(), factsOf);
      case 'lock':
        return outcomeOf(await handle.tryLock(), ({ kind }) => kind);
      case 'close':
        this.#slots.delete(operation.slot);
        return outcomeOf(await handle.close());
      case 'same-file': {
        const [one, other] = [await handle.stat(), await this.#disk.fileSystem.stat(this.#at(operation.path))];
        if (one.isErr() || other.isErr()) return outcomeOf(one.isErr() ? one : other, () => '');
        return `ok ${String(one.value.identity === other.value.identity)}`;
      }
    }
  }

  /** Nothing is mounted read-only while a file can be written, or is to be removed at its last close. */
  async #closeWhatKeepsBusy(): Promise<void> {
    const unnamed = new Set<FileHandle>();
    for (const { handle } of this.#slots.values()) if ((await handle.stat())._unsafeUnwrap().links === 0) unnamed.add(handle);
    await this.#closeAll(({ handle, writes }) => writes || unnamed.has(handle));
  }

  async #closeAll(which: (slot: { readonly handle: FileHandle; readonly writes: boolean }) => boolean): Promise<void> {
    for (const [number, slot] of this.#slots) {
      if (!which(slot)) continue;
      this.#slots.delete(number);
      outcomeOf(await slot.handle.close());
    }
  }

  get #isScarce(): boolean {
    return this.#events.has('full') || this.#events.has('inodes') || this.#disk.isSmall === true;
  }

  #at(path: string): string {
    return path === '' ? this.#disk.root : `${this.#disk.root}/${path}`;
  }
}

function outcomeOf<T>(result: Result<T, IoFailure>, show?: (value: T) => string): Outcome {
  if (result.isErr()) return `${result.error.symbol} ${result.error.errno}`;
  return show === undefined ? 'ok' : `ok ${show(result.value)}`.trimEnd();
}

/** A directory's size and links are each file system's own. */
function factsOf({ kind, bytes, links }: { readonly kind: string; readonly bytes: number; readonly links: number }): string {
  return kind === 'file' ? `file of ${bytes} bytes, ${links} links` : kind;
}

/** Bytes that differ from place to place, never all zero. */
function patterned(size: number, fill: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => ((index * 7 + fill) % 255) + 1);
}
