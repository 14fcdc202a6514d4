/**
 * Copies a tree of names and files: as it is, or as a power cut leaves it. Bytes are shared, so that the
 * cost goes by the number of files alone.
 */
import { imageAfterCrash, type DataProfile, type ExposedBlocks, type Remains } from './crash-image.js';
import { applyNameChange, DirectoryInode, NameJournal, type Inode, type NameProfile, type RenameProfile } from './directory-inode.js';
import { FileInode } from './file-inode.js';
import { hashText, joinLanes, laneOf, placed } from './hash-lanes.js';
import type { Random } from './random.js';

/** A root directory and what is pending of its names. @internal */
export interface DiskTree {
  readonly root: DirectoryInode;
  readonly journal: NameJournal;
}

/** A copy of the tree as it is, page cache included, without handles and locks. @internal */
export function copyTree(tree: DiskTree): DiskTree {
  const copies = new Map<Inode, Inode>();
  const copyOf = <Kind extends Inode>(inode: Kind): Kind => {
    const known = copies.get(inode);
    if (known !== undefined) return known as Kind;
    const copy: Inode = inode.kind === 'file' ? inode.copy() : new DirectoryInode(inode.id, inode.modifiedAt);
    copies.set(inode, copy);
    if (inode.kind === 'directory' && copy.kind === 'directory') {
      for (const [name, child] of inode.entries) addEntry(copy, name, copyOf(child));
      for (const [name, child] of inode.durable) copy.durable.set(name, copyOf(child));
    }
    return copy as Kind;
  };
  return { root: copyOf(tree.root), journal: tree.journal.copy(copyOf) };
}

/** What a power cut leaves, by which choices. @internal */
export interface CrashChoices {
  readonly data: DataProfile;
  readonly names: NameProfile;
  readonly renames: RenameProfile;
  readonly exposed: ExposedBlocks;
}

/** The tree as found after a power cut: cache and platter agree, nothing is pending. @internal */
export function treeAfterCrash(tree: DiskTree, choices: CrashChoices, random: Random, remains: Remains): DiskTree {
  const changed = new Map<DirectoryInode, Map<string, Inode>>();
  const namesOf = (directory: DirectoryInode): Map<string, Inode> => {
    const names = changed.get(directory) ?? new Map(directory.durable);
    changed.set(directory, names);
    return names;
  };
  for (const change of tree.journal.survivors(choices.names, choices.renames, random)) applyNameChange(change, namesOf);

  const found = new Map<Inode, Inode>();
  const foundOf = (inode: Inode): Inode => {
    const known = found.get(inode);
    if (known !== undefined) return known;
    const copy = inode.kind === 'file' ? new FileInode(inode.id, inode.modifiedAt) : new DirectoryInode(inode.id, inode.modifiedAt);
    found.set(inode, copy);
    if (inode.kind === 'file' && copy.kind === 'file') {
      copy.durable = imageAfterCrash(inode, choices.data, choices.exposed, random, remains);
      copy.cache = copy.durable.share();
    } else if (inode.kind === 'directory' && copy.kind === 'directory') {
      for (const [name, child] of changed.get(inode) ?? inode.durable) addEntry(copy, name, foundOf(child));
      copy.durable = new Map(copy.entries);
    }
    return copy;
  };
  return { root: foundOf(tree.root) as DirectoryInode, journal: new NameJournal() };
}

function addEntry(directory: DirectoryInode, name: string, child: Inode): void {
  directory.entries.set(name, child);
  child.links += 1;
  if (child.kind === 'file') child.parent = directory;
}

/** A hash of everything durable: names and bytes, whatever their order. @internal */
export function hashOfDurable(directory: DirectoryInode): number {
  let low = 0x51ed270b;
  let high = 0x165667b1;
  for (const [name, child] of directory.durable) {
    const nameHash = hashText(name);
    const childHash = child.kind === 'file' ? child.durable.hash() : hashOfDurable(child);
    low = (low + placed(laneOf(childHash, 0), laneOf(nameHash, 0))) | 0;
    high = (high + placed(laneOf(childHash, 1), laneOf(nameHash, 1))) | 0;
  }
  return joinLanes(low, high);
}

/** Every file of the tree, with its path. @internal */
export function* filesBelow(directory: DirectoryInode, prefix: string): Iterable<readonly [path: string, file: FileInode]> {
  for (const [name, child] of directory.entries) {
    const path = `${prefix}/${name}`;
    if (child.kind === 'file') yield [path, child];
    else yield* filesBelow(child, path);
  }
}
