/** Paths as their names; the parse of a path is kept, for a log uses the same few again and again. */

const KEPT_MAX = 4096;

/** @internal */
export class PathParser {
  #kept = new Map<string, readonly string[]>();

  /** The names of a path from the root on; a relative path starts there too. */
  parse(path: string): readonly string[] {
    const known = this.#kept.get(path);
    if (known !== undefined) return known;
    const names: string[] = [];
    for (const name of path.split('/')) {
      if (name === '..') names.pop();
      else if (name !== '' && name !== '.') names.push(name);
    }
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
    this.#kept.set(path, names);
    return names;
  }
}
