/**
 * What the engine needs of a disk: a small, handle-based port that Node's file system, and a
 * simulated one, can implement whole. No method throws or rejects; none retries, except that an
 * implementation may hide EINTR. Deciding what a failure means is not the port's business.
 *
 * Every call is one trip to the disk. The engine keeps at most one write region per log in flight.
 */
import type { Result } from 'neverthrow';
import type { IoFailure } from '../model/io-failure.js';
import type { ByteCount, Position, Timestamp } from '../model/units.js';

/** A port call's answer: settles always, rejects never. @public */
export type IoResult<T> = Promise<Result<T, IoFailure>>;

/**
 * How a file is opened.
 * - `read`: existing file, reading only.
 * - `write`: existing file, reading and writing.
 * - `dsync`: as `write`, but each write is on stable storage when it answers (`O_DSYNC`); its
 *   failures are reported as operation `dsync-write`.
 * - `create`: new file, reading and writing; fails with `exists` where the name is taken (`O_EXCL`).
 * - `directory`: a directory, for `sync` and `tryLock`.
 * @public
 */
export type OpenMode = 'read' | 'write' | 'dsync' | 'create' | 'directory';

/** What `stat` tells. `identity` names the inode: equal for two handles on the same file. @public */
export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'other';
  readonly bytes: ByteCount;
  readonly modifiedAt: Timestamp;
  readonly identity: string;
  readonly links: number;
}

/** What `statfs` tells; a hint, never a proof. `freeBytes` is what an unprivileged writer may use. @public */
export interface SpaceFacts {
  readonly freeBytes: ByteCount;
  readonly totalBytes: ByteCount;
  /** Free inodes, or null where the file system does not count them. */
  readonly freeInodes: number | null;
  /**
   * The file system's family, as far as it matters: `copy-on-write` ones allocate when they
   * overwrite, `network` ones are outside what the library promises.
   */
  readonly family: 'overwriting' | 'copy-on-write' | 'network';
  /** The file system's name where known, for messages. */
  readonly name: string;
}

/** The answer to `tryLock`. `pid` is the holder's process where the system tells it. @public */
export type LockOutcome =
  | { readonly kind: 'acquired' }
  | { readonly kind: 'held'; readonly pid: number | null }
  | { readonly kind: 'unavailable'; readonly message: string };

/** An open file or directory. After `close` was called no other method may be. @public */
export interface FileHandle {
  readonly path: string;
  /** Reads up to `into.byteLength` bytes at `position`; answers the count, 0 at the end of the file. */
  read(into: Uint8Array, position: Position): IoResult<ByteCount>;
  /**
   * Writes the buffers one after another at `position`; answers how many bytes were written, which
   * may be fewer than given (a short count hides the error that caused it). The buffers must not
   * change until it answers.
   */
  write(buffers: readonly Uint8Array[], position: Position): IoResult<ByteCount>;
  /** Makes the file's data, and its size, durable (`fdatasync`); a directory's entries likewise (`fsync`). */
  sync(): IoResult<void>;
  /** Sets the size; bytes beyond it are gone, a larger size reads as zeros and reserves nothing. */
  truncate(bytes: ByteCount): IoResult<void>;
  stat(): IoResult<FileFacts>;
  /** Takes an exclusive advisory lock without waiting; it is given back by `close` or the process's death. */
  tryLock(): IoResult<LockOutcome>;
  close(): IoResult<void>;
}

/** The disk. Paths are as given by the user, joined with `/`. @public */
export interface FileSystem {
  open(path: string, mode: OpenMode): IoResult<FileHandle>;
  readDirectory(path: string): IoResult<readonly string[]>;
  stat(path: string): IoResult<FileFacts>;
  statFileSystem(path: string): IoResult<SpaceFacts>;
  /** Replaces `to` atomically where it exists. Durable only once the directory is synced. */
  rename(from: string, to: string): IoResult<void>;
  unlink(path: string): IoResult<void>;
  /** Makes a directory and its missing parents; fine where it is there already. */
  makeDirectory(path: string): IoResult<void>;
  /**
   * Calls `onChange` soon after the file or an entry of the directory changed: a hint that may come late,
   * more than once, or never. Answers how to stop, or a failure where watching is not possible.
   */
  watch(path: string, onChange: () => void): Result<() => void, IoFailure>;
  /** Names the running kernel: while it is the same, what was written is at least in the page cache. */
  bootId(): Promise<string>;
}
