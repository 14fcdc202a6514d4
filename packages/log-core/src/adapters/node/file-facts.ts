/** Node's stat results in the words of the port. It does not know where they came from. */
import type { BigIntStats } from 'node:fs';
import type { FileFacts } from '../../ports/file-system.js';

/** The facts of a file; the identity joins device and inode, which are wider than a safe integer. @internal */
export function toFileFacts(stats: BigIntStats): FileFacts {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other',
    bytes: Number(stats.size),
    modifiedAt: Number(stats.mtimeMs),
    identity: `${stats.dev.toString()}:${stats.ino.toString()}`,
    links: Number(stats.nlink),
  };
}
