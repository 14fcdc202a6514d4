/**
 * The disk with the watchdog in front of every call, and EAGAIN tried again. A handle whose opening
 * answered too late is closed at once, so that nothing leaks.
 */
import { err, type Result } from 'neverthrow';
import { reactionTo } from '../decide/failure-policy.js';
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
import { messageOf } from './contain-bug.js';
import type { Deadline } from './deadline.js';

/** A disk that goes on answering EAGAIN is broken: after so many tries the error is passed on. */
const AGAIN_TRIES_MAX = 1_000;

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
    return guarded(this.#deadline, { operation, path, position: null }, call, onLate);
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
    return guarded(this.#deadline, { operation, path: this.#handle.path, position }, call);
  }
}

interface Site {
  readonly operation: IoOperation;
  readonly path: string;
  readonly position: Position | null;
}

function guarded<T>(
  deadline: Deadline,
  what: Site,
  call: () => IoResult<T>,
  onLate?: (late: Result<T, IoFailure>) => void,
): IoResult<T> {
  return deadline.guard(untilNotAgain(what, call), what, onLate);
}

async function untilNotAgain<T>(what: Site, call: () => IoResult<T>): IoResult<T> {
  for (let tries = 1; ; tries += 1) {
    const answer = await settled(what, call);
    if (answer.isOk()) return answer;
    const { retry } = reactionTo('read', answer.error.symbol);
    if (retry !== 'now' || tries >= AGAIN_TRIES_MAX) return err(answer.error);
  }
}

/** A port that throws or rejects breaks its word: whatever the call has done, it counts as failed. */
async function settled<T>(what: Site, call: () => IoResult<T>): IoResult<T> {
  try {
    return await call();
  } catch (thrown) {
    return err({ ...what, symbol: 'other', errno: 0, code: 'THROWN', message: `${what.operation} of ${what.path} threw: ${messageOf(thrown)}` });
  }
}
