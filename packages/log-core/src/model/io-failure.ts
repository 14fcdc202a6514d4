/**
 * What a port reports when the world said no: a symbol from a closed set to decide by, and the
 * facts to show. Only an adapter turns an errno number into a symbol; nobody matches strings.
 */
import type { Position } from './units.js';

/** The closed set of reasons an operation of the disk can fail for. @public */
export type IoSymbol =
  | 'no-space'
  | 'no-inodes'
  | 'quota'
  | 'io'
  | 'fd-exhausted'
  | 'file-too-large'
  | 'read-only-fs'
  | 'permission'
  | 'not-found'
  | 'exists'
  | 'not-a-directory'
  | 'is-a-directory'
  | 'stale'
  | 'again'
  | 'stalled'
  | 'other';

/** The operations a file-system port offers, as they are named in errors. @public */
export type IoOperation =
  | 'open'
  | 'create'
  | 'read'
  | 'write'
  | 'dsync-write'
  | 'sync'
  | 'sync-directory'
  | 'truncate'
  | 'stat'
  | 'statfs'
  | 'rename'
  | 'unlink'
  | 'readdir'
  | 'mkdir'
  | 'lock'
  | 'watch'
  | 'close';

/**
 * One failed operation. `errno` is the system's negative number (0 where no call was behind it),
 * `code` its name as far as Node knows one. @public
 */
export interface IoFailure {
  readonly symbol: IoSymbol;
  readonly errno: number;
  readonly code: string;
  readonly operation: IoOperation;
  readonly path: string;
  readonly position: Position | null;
  readonly message: string;
}
