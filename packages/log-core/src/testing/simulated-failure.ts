/**
 * Failures as Linux and Node give them: each symbol with an errno number and the code Node shows for it.
 * EDQUOT has no stable code in Node, so here it has none either.
 */
import type { IoFailure, IoOperation, IoSymbol } from '../model/io-failure.js';
import type { Position } from '../model/units.js';

const ERRNO: Readonly<Record<IoSymbol, readonly [errno: number, code: string]>> = {
  'no-space': [-28, 'ENOSPC'],
  'no-inodes': [-28, 'ENOSPC'],
  quota: [-122, 'UNKNOWN'],
  io: [-5, 'EIO'],
  'fd-exhausted': [-24, 'EMFILE'],
  'file-too-large': [-27, 'EFBIG'],
  'read-only-fs': [-30, 'EROFS'],
  permission: [-13, 'EACCES'],
  'not-found': [-2, 'ENOENT'],
  exists: [-17, 'EEXIST'],
  'not-a-directory': [-20, 'ENOTDIR'],
  'is-a-directory': [-21, 'EISDIR'],
  stale: [-116, 'ESTALE'],
  again: [-11, 'EAGAIN'],
  stalled: [0, 'STALLED'],
  other: [-22, 'EINVAL'],
};

/** Every symbol a fault can carry. @internal */
export const IO_SYMBOLS = Object.keys(ERRNO) as readonly IoSymbol[];

/** The failure of one simulated call. @public */
export function simulatedFailure(symbol: IoSymbol, operation: IoOperation, path: string, position: Position | null = null): IoFailure {
  const [errno, code] = ERRNO[symbol];
  return { symbol, errno, code, operation, path, position, message: `${code}: simulated ${symbol}, ${operation} '${path}'` };
}

/** What a call on a closed handle answers. @internal */
export function closedHandleFailure(operation: IoOperation, path: string, position: Position | null): IoFailure {
  return { symbol: 'other', errno: -9, code: 'EBADF', operation, path, position, message: `EBADF: the handle was closed, ${operation} '${path}'` };
}
