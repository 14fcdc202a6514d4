/**
 * Who wants to know of changes on the simulated disk. A change is told in a later promise reaction, once for
 * many; a directory's watcher hears of its names and of the bytes of its files.
 */
import type { Inode } from './directory-inode.js';

interface Watcher {
  readonly inode: Inode;
  readonly onChange: () => void;
  due: boolean;
}

/** Everybody who watches one disk. @internal */
export class ChangeWatchers {
  readonly #watchers = new Set<Watcher>();

  get count(): number {
    return this.#watchers.size;
  }

  /** Watches until the answer is called. */
  add(inode: Inode, onChange: () => void): () => void {
    const watcher: Watcher = { inode, onChange, due: false };
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** The bytes of a file or the names of a directory changed. */
  tell(changed: Inode): void {
    const parent = changed.kind === 'file' ? changed.parent : null;
    for (const watcher of this.#watchers) {
      if ((watcher.inode !== changed && watcher.inode !== parent) || watcher.due) continue;
      watcher.due = true;
      queueMicrotask(() => {
        watcher.due = false;
        if (this.#watchers.has(watcher)) watcher.onChange();
      });
    }
  }
}
