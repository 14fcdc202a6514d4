/** Paths as their names; the parse of a path is kept, for a log uses the same few again and again. */
import type { IoSymbol } from '../model/io-failure.js';

const KEPT_MAX = 4096;

/** @internal */
export class PathParser {
  readonly #kept = new Map<string, readonly string[] | IoSymbol>();

  /** The names of a path from the root on, where a relative path starts too; or why it is no path. */
  parse(path: string): readonly string[] | IoSymbol {
    const known = this.#kept.get(path);
    if (known !== undefined) return known;
    const parsed = parsePath(path);
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    this.#kept.set(path, parsed);
    return parsed;
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
