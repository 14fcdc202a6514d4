/**
 * Turns what Node reports into an `IoFailure`: by errno number alone, never by code or message, for
 * Node has no stable code for EDQUOT and a message is not a contract.
 * INVARIANT: this table is the only place in the library that knows an errno number.
 * It does not know what a failure means for a log.
 */
import { constants, platform } from 'node:os';
import type { IoFailure, IoOperation, IoSymbol } from '../../model/io-failure.js';
import type { Position } from '../../model/units.js';

const named = constants.errno;

/** Linux numbers that `os.constants` does not carry: a damaged file system, a failed remote device. */
const LINUX_ONLY: readonly (readonly [number, IoSymbol])[] = [
  [117, 'io'], // EUCLEAN: xfs and ext4 found their own structures damaged
  [121, 'io'], // EREMOTEIO
];

const SYMBOLS: ReadonlyMap<number, IoSymbol> = new Map<number, IoSymbol>([
  ...(platform() === 'linux' ? LINUX_ONLY : []),
  [platform() === 'darwin' ? 69 : 122, 'quota'], // EDQUOT
  [named.ENOSPC, 'no-space'],
  [named.EIO, 'io'],
  [named.ENXIO, 'io'], // the device went away
  [named.ENODEV, 'io'],
  [named.EBADMSG, 'io'], // a checksum of the file system does not match
  [named.ENOTCONN, 'io'], // the server behind a FUSE mount died
  [named.ETIMEDOUT, 'io'],
  [named.EMFILE, 'fd-exhausted'],
  [named.ENFILE, 'fd-exhausted'],
  [named.EFBIG, 'file-too-large'],
  [named.EROFS, 'read-only-fs'],
  [named.EACCES, 'permission'],
  [named.EPERM, 'permission'],
  [named.ENOENT, 'not-found'],
  [named.EEXIST, 'exists'],
  [named.ENOTDIR, 'not-a-directory'],
  [named.EISDIR, 'is-a-directory'],
  [named.ESTALE, 'stale'],
  [named.EAGAIN, 'again'],
  [named.EWOULDBLOCK, 'again'],
  [named.EINTR, 'again'],
]);

/** The errno of a handle that was closed, negative as Node reports it. @internal */
export const BAD_HANDLE_ERRNO = -named.EBADF;

/**
 * The symbol for an errno number, of either sign; `other` for one that is not known.
 * On `watch` a lack of space is a lack of watches, which says nothing of the disk. @internal
 */
export function symbolOfErrno(errno: number, operation: IoOperation): IoSymbol {
  const symbol = SYMBOLS.get(Math.abs(errno)) ?? 'other';
  return symbol === 'no-space' && operation === 'watch' ? 'other' : symbol;
}

interface ErrorFacts {
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

/**
 * Makes the failure of `operation` on `path` out of whatever was thrown or called back: a system
 * error keeps its number, anything else (a path with a NUL byte, a wrong type) gets errno 0 and `other`.
 * `position` is in bytes, null where the operation has none. Never throws. @internal
 */
export function toIoFailure(error: unknown, operation: IoOperation, path: string, position: Position | null): IoFailure {
  const facts: ErrorFacts = typeof error === 'object' && error !== null ? error : {};
  const errno = typeof facts.errno === 'number' && Number.isInteger(facts.errno) ? -Math.abs(facts.errno) : 0;
  return {
    symbol: errno === 0 ? 'other' : symbolOfErrno(errno, operation),
    errno,
    code: typeof facts.code === 'string' ? facts.code : 'UNKNOWN',
    operation,
    path,
    position,
    message: typeof facts.message === 'string' ? facts.message : String(error),
  };
}
