/**
 * Follows paths from the root. The parse of a path is kept for all disks, for logs use the same few again and again;
 * where it leads is looked up each time.
 */
import type { IoSymbol } from '../model/io-failure.js';
import type { DirectoryInode, Inode } from './directory-inode.js';

const KEPT_MAX = 4096;
const kept = new Map<string, readonly string[] | IoSymbol>();

/** The end of a path: its directory is there, the name in it perhaps. @internal */
export interface Located {
  readonly directory: DirectoryInode;
  readonly name: string;
  readonly inode: Inode | null;
}

/** Finds what a path leads to below one root. @internal */
export class PathFinder {
  readonly #root: DirectoryInode;

  constructor(root: DirectoryInode) {
    this.#root = root;
  }

  /** The names of a path from the root on, where a relative path starts too; or why it is no path. */
  parse(path: string): readonly string[] | IoSymbol {
    const known = kept.get(path);
    if (known !== undefined) return known;
    const parsed = parsePath(path);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(path, parsed);
    return parsed;
  }

  /** Where a path leads. */
  locate(path: string): Located | IoSymbol {
    const names = this.parse(path);
    if (typeof names === 'string') return names;
    let directory = this.#root;
    for (let depth = 0; depth < names.length - 1; depth += 1) {
      const child = directory.entries.get(names[depth] ?? '');
      if (child === undefined) return 'not-found';
      if (child.kind === 'file') return 'not-a-directory';
      directory = child;
    }
    const name = names[names.length - 1];
    if (name === undefined) return { directory, name: '', inode: directory };
    return { directory, name, inode: directory.entries.get(name) ?? null };
  }

  /** Whether a path leads through the place that another names. */
  isBelow(path: string, ancestor: string): boolean {
    const names = this.parse(path);
    const above = this.parse(ancestor);
    if (typeof names === 'string' || typeof above === 'string') return false;
    return names.length > above.length && above.every((name, depth) => names[depth] === name);
  }

  /** The file or directory at a path. */
  find(path: string): Inode | IoSymbol {
    const found = this.locate(path);
    if (typeof found === 'string') return found;
    return found.inode ?? 'not-found';
  }
}

function parsePath(path: string): string[] | IoSymbol {
  if (path === '') return 'not-found';
  if (path.includes('\0')) return 'other';
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names;
}
