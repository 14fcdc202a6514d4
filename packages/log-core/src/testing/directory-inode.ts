/**
 * Directories of the simulated disk: the names the cache shows, the names the platter holds, and the
 * changes in between, which are kept in one list for the whole disk because a journal orders them.
 * INVARIANT: a rename never loses a file; it is applied whole or not at all, unless a power cut may leave both names.
 * It does not know bytes, space or faults.
 */
import type { FileInode, LockHolder } from './file-inode.js';
import type { Random } from './random.js';

/** What a name leads to. @internal */
export type Inode = FileInode | DirectoryInode;

/** A directory, in the cache and on the platter. @internal */
export class DirectoryInode {
  readonly kind = 'directory';
  readonly id: number;
  entries = new Map<string, Inode>();
  durable = new Map<string, Inode>();
  modifiedAt: number;
  path = '';
  links = 0;
  opens = 0;
  lockHolder: LockHolder | null = null;

  constructor(id: number, modifiedAt: number) {
    this.id = id;
    this.modifiedAt = modifiedAt;
  }
}

/**
 * Which changes of names a power cut leaves.
 * - `none`: what no sync covered is undone. - `all`: everything is done.
 * - `posix-weak`: any subset of what was not synced.
 * - `journaling`: the changes up to some point; a directory's sync makes all earlier ones durable as well.
 * - `ext4-like`: as `journaling`, and the first sync of a new file makes its name durable.
 * @public
 */
export type NameProfile = 'none' | 'all' | 'posix-weak' | 'journaling' | 'ext4-like';

/**
 * What becomes of a rename that survives a power cut: `atomic`, as POSIX asks for, or that it may leave `both-names`
 * (file systems without a journal write the new name first). @public
 */
export type RenameProfile = 'atomic' | 'both-names';

interface Place {
  readonly directory: DirectoryInode;
  readonly name: string;
}

/** A change of names: `from` loses the inode, `to` gains it. @internal */
export interface NameChange {
  readonly inode: Inode;
  readonly from: Place | null;
  readonly to: Place | null;
  /** A later sync of a directory took the journal beyond this change. */
  journaled: boolean;
  /** A sync of the file took the journal beyond this change, where file systems do that. */
  committedWithFile: boolean;
  /** Its directory's sync failed: no later sync makes it durable for certain. */
  lost: boolean;
}

/** The changes of names of one disk that are not durable for certain, in their order. @internal */
export class NameJournal {
  #pending: NameChange[] = [];

  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Notes a change that the cache shows already. */
  record(inode: Inode, from: Place | null, to: Place | null): void {
    this.#pending.push({ inode, from, to, journaled: false, committedWithFile: false, lost: false });
  }

  /** Makes the changes in `directory` durable. */
  syncDirectory(directory: DirectoryInode): void {
    if (this.#pending.length === 0) return;
    // A rename between directories is one change: both sides become durable, with what came before them.
    const synced = new Set([directory]);
    for (const change of this.#pending) if (touches(change, synced)) addDirectories(change, synced);
    const kept: NameChange[] = [];
    const settled: NameChange[] = [];
    for (const change of this.#pending) {
      if (!change.lost && touches(change, synced)) {
        applyNameChange(change, (touched) => touched.durable);
        settled.push(change);
      } else {
        change.journaled = true;
        kept.push(change);
      }
    }
    // A lost change must not come back over a later one that is durable.
    this.#pending = kept.filter((change) => !change.lost || !settled.some((later) => concernSameName(change, later)));
  }

  /** A directory's sync that failed: what was pending there may or may not survive, whatever is synced later. */
  failDirectorySync(directory: DirectoryInode): void {
    const failed = new Set([directory]);
    for (const change of this.#pending) if (touches(change, failed)) change.lost = true;
  }

  /** A file was synced: file systems that commit its creation with it take everything before along. */
  fileSynced(inode: Inode): void {
    let last = this.#pending.length - 1;
    while (last >= 0 && this.#pending[last]?.inode !== inode) last -= 1;
    for (let index = 0; index <= last; index += 1) {
      const change = this.#pending[index];
      if (change !== undefined) change.committedWithFile = true;
    }
  }

  /** The changes that a power cut leaves, in order. */
  survivors(profile: NameProfile, renames: RenameProfile, random: Random): readonly NameChange[] {
    const left = this.#left(profile, random);
    if (renames === 'atomic') return left;
    return left.map((change) => (change.from !== null && change.to !== null && random.chance(0.5) ? { ...change, from: null } : change));
  }

  #left(profile: NameProfile, random: Random): readonly NameChange[] {
    switch (profile) {
      case 'none':
        return [];
      case 'all':
        return this.#pending;
      case 'posix-weak':
        return this.#pending.filter(() => random.chance(0.5));
      case 'journaling':
        return this.#prefix(random, (change) => change.journaled);
      case 'ext4-like':
        return this.#prefix(random, (change) => change.journaled || change.committedWithFile);
    }
  }

  /** A copy for a copied tree; `copyOf` gives the copy of an inode. */
  copy(copyOf: <Kind extends Inode>(inode: Kind) => Kind): NameJournal {
    const copy = new NameJournal();
    const place = (from: Place | null): Place | null => (from === null ? null : { directory: copyOf(from.directory), name: from.name });
    copy.#pending = this.#pending.map((change) => ({
      ...change,
      inode: copyOf(change.inode),
      from: place(change.from),
      to: place(change.to),
    }));
    return copy;
  }

  /** Every inode and directory that a pending change knows. */
  *inodes(): Iterable<Inode> {
    for (const change of this.#pending) {
      yield change.inode;
      if (change.from !== null) yield change.from.directory;
      if (change.to !== null) yield change.to.directory;
    }
  }

  #prefix(random: Random, isDurable: (change: NameChange) => boolean): NameChange[] {
    let least = this.#pending.length;
    while (least > 0) {
      const change = this.#pending[least - 1];
      if (change !== undefined && isDurable(change)) break;
      least -= 1;
    }
    return this.#pending.slice(0, least + random.below(this.#pending.length - least + 1));
  }
}

/** Applies a change to the names `namesOf` gives for a directory. @internal */
export function applyNameChange(change: NameChange, namesOf: (directory: DirectoryInode) => Map<string, Inode>): void {
  if (change.from !== null) {
    const names = namesOf(change.from.directory);
    // Where an earlier change did not survive, the name may lead elsewhere by now.
    if (names.get(change.from.name) === change.inode) names.delete(change.from.name);
  }
  if (change.to !== null) namesOf(change.to.directory).set(change.to.name, change.inode);
}

function touches(change: NameChange, directories: ReadonlySet<DirectoryInode>): boolean {
  return (change.from !== null && directories.has(change.from.directory)) || (change.to !== null && directories.has(change.to.directory));
}

function addDirectories(change: NameChange, directories: Set<DirectoryInode>): void {
  if (change.from !== null) directories.add(change.from.directory);
  if (change.to !== null) directories.add(change.to.directory);
}

function concernSameName(one: NameChange, other: NameChange): boolean {
  return [one.from, one.to].some(
    (place) => place !== null && [other.from, other.to].some((other) => other?.directory === place.directory && other.name === place.name),
  );
}
