// @ts-check
// Which faults were met: one row a call of the disk, one column an errno or a kind of fault. What was never met shows as a dot.

const OPERATIONS = ['open', 'create', 'read', 'write', 'dsync-write', 'sync', 'sync-directory', 'truncate', 'stat', 'statfs', 'rename', 'unlink', 'readdir', 'mkdir', 'lock', 'watch', 'close'];

/** Signs with the heads of their columns. */
const SIGNS = /** @type {const} */ ([
  ['no-space', 'ENOSPC'],
  ['no-inodes', 'no inode'],
  ['quota', 'EDQUOT'],
  ['io', 'EIO'],
  ['fd-exhausted', 'EMFILE'],
  ['file-too-large', 'EFBIG'],
  ['read-only-fs', 'EROFS'],
  ['permission', 'EACCES'],
  ['stale', 'ESTALE'],
  ['again', 'EAGAIN'],
  ['other', 'EINVAL'],
  ['short', 'short'],
  ['done-then-fail', 'done, error'],
  ['drop', 'drops'],
  ['poison', 'poisons'],
  ['false-failure', 'false error'],
  ['flip', 'flip'],
  ['late', 'late'],
  ['hang', 'hang'],
  ['handles', 'few handles'],
  ['read-only', 'read-only'],
  ['halt', 'death'],
]);

/** @param {Record<string, Record<string, number>>} faults @returns {string} */
export function printGrid(faults) {
  const cells = OPERATIONS.map((operation) => SIGNS.map(([sign]) => String(faults[operation]?.[sign] ?? '·')));
  const widths = SIGNS.map(([, head], column) => Math.max(head.length, ...cells.map((row) => (row[column] ?? '').length)));
  const line = (/** @type {string} */ title, /** @type {readonly string[]} */ row) => [title.padEnd(14), ...row.map((cell, column) => cell.padStart(widths[column] ?? 0))].join('  ');
  return [line('', SIGNS.map(([, head]) => head)), ...OPERATIONS.map((operation, i) => line(operation, cells[i] ?? []))].join('\n');
}
