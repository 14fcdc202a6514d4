/**
 * The disk with the watchdog in front of every call. A handle whose opening answered too late is closed at once, so
 * that nothing leaks.
 */
import type { Result } from 'neverthrow';
import type { IoFailure, IoOperation } from '../model/io-failure.js';
import type { ByteCount, Position } from '../model/units.js';
import type {
  FileFacts,
  FileHandle,
  FileSystem,
  IoResult,
  LockOutcome,
  OpenMode,
  SpaceFacts,
} from '../ports/file-system.js';
import type { Deadline } from './deadline.js';

/** @internal */
export class GuardedFileSystem implements FileSystem {
  readonly #disk: FileSystem;
  readonly #deadline: Deadline;

  constructor(disk: FileSystem, deadline: Deadline) {
    this.#disk = disk;
    this.#deadline = deadline;
  }

  async open(path: string, mode: OpenMode): IoResult<FileHandle> {
    const opened = await this.#guard(mode === 'create' ? 'create' : 'open', path, () => this.#disk.open(path, mode), (late) => {
      late.match(closeUnused, () => undefined);
    });
    return opened.map((handle) => new GuardedHandle(handle, this.#deadline));
  }

  readDirectory(path: string): IoResult<readonly string[]> {
    return this.#guard('readdir', path, () => this.#disk.readDirectory(path));
  }

  stat(path: string): IoResult<FileFacts> {
    return this.#guard('stat', path, () => this.#disk.stat(path));
  }

  statFileSystem(path: string): IoResult<SpaceFacts> {
    return this.#guard('statfs', path, () => this.#disk.statFileSystem(path));
  }

  rename(from: string, to: string): IoResult<void> {
    return this.#guard('rename', from, () => this.#disk.rename(from, to));
  }

  unlink(path: string): IoResult<void> {
    return this.#guard('unlink', path, () => this.#disk.unlink(path));
  }

  makeDirectory(path: string): IoResult<void> {
    return this.#guard('mkdir', path, () => this.#disk.makeDirectory(path));
  }

  watch(path: string, onChange: () => void): Result<() => void, IoFailure> {
    return this.#disk.watch(path, onChange);
  }

  bootId(): Promise<string> {
    return this.#disk.bootId();
  }

  #guard<T>(operation: IoOperation, path: string, call: () => IoResult<T>, onLate?: (late: Result<T, IoFailure>) => void): IoResult<T> {
    return this.#deadline.guard(call, { operation, path, position: null }, onLate);
  }
}

/** Nobody waits for this handle any more; whether closing it goes well changes nothing. */
function closeUnused(handle: FileHandle): void {
  handle.close().then(
    () => undefined,
    () => undefined,
  );
}

class GuardedHandle implements FileHandle {
  readonly #handle: FileHandle;
  readonly #deadline: Deadline;

  constructor(handle: FileHandle, deadline: Deadline) {
    this.#handle = handle;
    this.#deadline = deadline;
  }

  get path(): string {
    return this.#handle.path;
  }

  read(into: Uint8Array, position: Position): IoResult<ByteCount> {
    return this.#guard('read', position, () => this.#handle.read(into, position));
  }

  write(buffers: readonly Uint8Array[], position: Position): IoResult<ByteCount> {
    return this.#guard('write', position, () => this.#handle.write(buffers, position));
  }

  sync(): IoResult<void> {
    return this.#guard('sync', null, () => this.#handle.sync());
  }

  truncate(bytes: ByteCount): IoResult<void> {
    return this.#guard('truncate', bytes, () => this.#handle.truncate(bytes));
  }

  stat(): IoResult<FileFacts> {
    return this.#guard('stat', null, () => this.#handle.stat());
  }

  tryLock(): IoResult<LockOutcome> {
    return this.#guard('lock', null, () => this.#handle.tryLock());
  }

  close(): IoResult<void> {
    return this.#guard('close', null, () => this.#handle.close());
  }

  #guard<T>(operation: IoOperation, position: Position | null, call: () => IoResult<T>): IoResult<T> {
    return this.#deadline.guard(call, { operation, path: this.#handle.path, position });
  }
}
