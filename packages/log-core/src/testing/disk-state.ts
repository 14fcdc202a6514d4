/**
 * The simulated disk without time: every operation as a function that is done at once, with the rules of
 * a POSIX file system and the limits of a finite one. A refusal is the symbol it would be reported by.
 * INVARIANT: a refused operation changed nothing. It does not know faults, calls in flight or promises.
 */
import type { IoSymbol } from '../model/io-failure.js';
import type { OpenMode } from '../ports/file-system.js';
import { ChangeWatchers } from './change-watchers.js';
import { DirectoryInode, NameJournal, type Inode } from './directory-inode.js';
import { hashOfDurable, type DiskTree } from './disk-tree.js';
import { FileInode, gatherWrite, type SyncFailureFlavour } from './file-inode.js';
import type { AllocatingOperation, FileSystemCharacter } from './file-system-character.js';
import { pageCount, pageOf } from './paged-bytes.js';
import { PathFinder } from './path-finder.js';
import { SpaceLedger, type SpaceLimits } from './space-ledger.js';

/** Something, or the symbol of why not. @internal */
export type OrRefusal<T> = T | IoSymbol;

/** What a disk is made with, beside its tree. @internal */
export interface DiskSettings {
  readonly character: FileSystemCharacter;
  readonly limits: SpaceLimits;
  /** The largest a file may become. */
  readonly fileBytesMax: number;
  /** A write that does not fit is refused whole, instead of being cut short. */
  readonly wholeWrites: boolean;
}

/** Pages are kept in an array: a file may be made larger than this, but not written behind it. */
const WRITABLE_BYTES_MAX = 2 ** 34;

/** How many pages of files that are gone are remembered, for a power cut to show. */
const REMAINS_MAX = 32;

/** Names, files, space and limits of one disk; processes share it. @internal */
export class DiskState {
  readonly character: FileSystemCharacter;
  readonly ledger: SpaceLedger;
  readonly tree: DiskTree;
  readonly paths: PathFinder;
  readonly remains: Uint8Array[] = [];
  /** Calls of all processes: what is freed late waits for them. */
  calls = 0;
  fileBytesMax: number;
  readOnly = false;
  readonly changes = { bytes: 0, names: 0, removals: 0 };
  readonly watchers = new ChangeWatchers();
  now: () => number;
  readonly #wholeWrites: boolean;
  #nextInode: number;

  constructor(settings: DiskSettings, tree: DiskTree | null, now: () => number) {
    this.character = settings.character;
    this.fileBytesMax = settings.fileBytesMax;
    this.#wholeWrites = settings.wholeWrites;
    this.now = now;
    this.ledger = new SpaceLedger(settings.limits, settings.character.statfs);
    this.tree = tree ?? { root: new DirectoryInode(1, now()), journal: new NameJournal() };
    this.tree.root.links = 1;
    this.paths = new PathFinder(this.tree.root);
    this.#nextInode = this.#adopt(this.tree.root, new Set()) + 1;
  }

  open(path: string, mode: OpenMode): OrRefusal<Inode> {
    const inode = mode === 'create' ? this.#create(path) : this.#openExisting(path, mode);
    if (typeof inode === 'string') return inode;
    inode.opens += 1;
    inode.path = path;
    return inode;
  }

  /** Gives an open handle back; the last one on a file without a name frees it. */
  release(inode: Inode): void {
    inode.opens -= 1;
    this.#freeIfUnused(inode);
  }

  /** Writes what fits of `length` bytes, at least one; answers the count. */
  write(file: FileInode, buffers: readonly Uint8Array[], length: number, position: number, durably: boolean): OrRefusal<number> {
    if (this.readOnly) return 'read-only-fs';
    if (length === 0) return 0;
    const withinFile = Math.min(length, Math.min(this.fileBytesMax, WRITABLE_BYTES_MAX) - position);
    if (withinFile <= 0) return 'file-too-large';
    const count = this.#countThatFits(file, position, withinFile);
    if (count <= 0) return this.ledger.refusal(this.calls);
    const before = file.cache.blocks;
    const change = gatherWrite(buffers, position, count);
    if (durably) {
      file.writeDurably(change);
      this.#fileSynced(file);
    } else file.write(change);
    this.ledger.take(file.cache.blocks - before, this.calls);
    this.#changed(file, 'bytes');
    return count;
  }

  truncate(file: FileInode, size: number): IoSymbol | null {
    if (this.readOnly) return 'read-only-fs';
    if (size > this.fileBytesMax) return 'file-too-large';
    const refusal = this.#refusalFor('truncate');
    if (refusal !== null) return refusal;
    const before = file.cache.blocks;
    file.truncate(size, (bytes) => this.#remember(bytes));
    this.ledger.give(before - file.cache.blocks, this.calls);
    this.#changed(file, 'bytes');
    return null;
  }

  sync(inode: Inode): IoSymbol | null {
    if (inode.kind === 'directory') {
      if (this.readOnly && this.tree.journal.pendingCount > 0) return 'read-only-fs';
      this.tree.journal.syncDirectory(inode);
      this.ledger.synced();
      return null;
    }
    if (this.readOnly && inode.pending.length > 0) return 'read-only-fs';
    inode.sync();
    this.#fileSynced(inode);
    return null;
  }

  failSync(inode: Inode, flavour: SyncFailureFlavour): void {
    if (inode.kind === 'file') inode.failSync(flavour);
    else if (flavour === 'false-failure') this.tree.journal.syncDirectory(inode);
    else this.tree.journal.failDirectorySync(inode);
  }

  rename(from: string, to: string): IoSymbol | null {
    const source = this.paths.locate(from);
    if (typeof source === 'string') return source;
    const target = this.paths.locate(to);
    if (typeof target === 'string') return target;
    if (this.readOnly) return 'read-only-fs';
    const { inode } = source;
    if (inode === null) return 'not-found';
    if (target.inode === inode) return null;
    // A directory cannot go below itself, nor take the place of one that it lies in.
    if (this.paths.isBelow(to, from) || this.paths.isBelow(from, to)) return 'other';
    const clash = refusalToReplace(target.inode, inode);
    if (clash !== null) return clash;
    const refusal = this.#refusalFor('rename');
    if (refusal !== null) return refusal;
    source.directory.entries.delete(source.name);
    target.directory.entries.set(target.name, inode);
    if (inode.kind === 'file') inode.parent = target.directory;
    inode.path = to;
    this.tree.journal.record(inode, source, target);
    if (target.inode !== null) this.#unname(target.inode);
    this.#changed(source.directory, 'names');
    if (target.directory !== source.directory) this.#changed(target.directory, 'names');
    return null;
  }

  unlink(path: string): IoSymbol | null {
    const found = this.paths.locate(path);
    if (typeof found === 'string') return found;
    if (this.readOnly) return 'read-only-fs';
    if (found.inode === null) return 'not-found';
    if (found.inode.kind === 'directory') return 'is-a-directory';
    const refusal = this.#refusalFor('unlink');
    if (refusal !== null) return refusal;
    found.directory.entries.delete(found.name);
    this.tree.journal.record(found.inode, found, null);
    this.#unname(found.inode);
    this.#changed(found.directory, 'removals');
    return null;
  }

  makeDirectory(path: string): IoSymbol | null {
    const names = this.paths.parse(path);
    return typeof names === 'string' ? names : this.#makeDirectories(names);
  }

  #makeDirectories(names: readonly string[]): IoSymbol | null {
    let directory = this.tree.root;
    for (const [depth, name] of names.entries()) {
      const child = directory.entries.get(name);
      if (child?.kind === 'file') return depth === names.length - 1 ? 'exists' : 'not-a-directory';
      const next = child ?? this.#makeOne(directory, name);
      if (typeof next === 'string') return next;
      directory = next;
    }
    return null;
  }

  readDirectory(path: string): OrRefusal<string[]> {
    const inode = this.paths.find(path);
    if (typeof inode === 'string') return inode;
    return inode.kind === 'directory' ? [...inode.entries.keys()] : 'not-a-directory';
  }

  imageHash(): number {
    return hashOfDurable(this.tree.root);
  }

  /** Puts a file there, durable with its name and its directories; for tests that set a scene. */
  place(path: string, bytes: Uint8Array): IoSymbol | null {
    const names = this.paths.parse(path);
    if (typeof names === 'string') return names;
    const refusal = this.#makeDirectories(names.slice(0, -1));
    if (refusal !== null) return refusal;
    const present = this.paths.find(path);
    const inode = present === 'not-found' ? this.#create(path) : present;
    if (typeof inode === 'string') return inode;
    if (inode.kind === 'directory') return 'is-a-directory';
    const before = inode.cache.blocks;
    inode.truncate(0);
    if (bytes.length > 0) inode.write(gatherWrite([bytes], 0, bytes.length));
    inode.sync();
    this.ledger.take(inode.cache.blocks - before, this.calls);
    this.#syncNames(names);
    this.#changed(inode, 'bytes');
    return null;
  }

  #create(path: string): OrRefusal<FileInode> {
    const found = this.paths.locate(path);
    if (typeof found === 'string') return found;
    if (found.inode !== null) return 'exists';
    const refusal = this.#refusalOfNew('create');
    if (refusal !== null) return refusal;
    const file = new FileInode(this.#newId(), this.now());
    file.parent = found.directory;
    this.#name(found.directory, found.name, file);
    return file;
  }

  #openExisting(path: string, mode: OpenMode): OrRefusal<Inode> {
    const inode = this.paths.find(path);
    if (typeof inode === 'string') return inode;
    if (mode === 'directory') return inode.kind === 'directory' ? inode : 'not-a-directory';
    if (mode === 'read') return inode;
    if (inode.kind === 'directory') return 'is-a-directory';
    return this.readOnly ? 'read-only-fs' : inode;
  }

  #makeOne(directory: DirectoryInode, name: string): OrRefusal<DirectoryInode> {
    const refusal = this.#refusalOfNew('mkdir');
    if (refusal !== null) return refusal;
    const made = new DirectoryInode(this.#newId(), this.now());
    this.#name(directory, name, made);
    return made;
  }

  #name(directory: DirectoryInode, name: string, inode: Inode): void {
    this.ledger.takeInode();
    inode.links += 1;
    directory.entries.set(name, inode);
    this.tree.journal.record(inode, null, { directory, name });
    this.#changed(directory, 'names');
  }

  #unname(inode: Inode): void {
    inode.links -= 1;
    this.#freeIfUnused(inode);
  }

  #freeIfUnused(inode: Inode): void {
    if (inode.links > 0 || inode.opens > 0) return;
    this.ledger.giveInode();
    if (inode.kind === 'directory') return;
    inode.cache.forEachDataPage((bytes) => this.#remember(bytes));
    this.ledger.give(inode.cache.blocks, this.calls);
  }

  #remember(bytes: Uint8Array): void {
    if (this.remains.length >= REMAINS_MAX) this.remains.shift();
    this.remains.push(bytes);
  }

  #refusalOfNew(operation: 'create' | 'mkdir'): IoSymbol | null {
    if (this.readOnly) return 'read-only-fs';
    // Where both are lacking, as `statfs` shows it, they cannot be told apart.
    if (!this.ledger.hasInode()) return this.ledger.shown(this.calls).freeBytes > 0 ? 'no-inodes' : 'no-space';
    return this.#refusalFor(operation);
  }

  #refusalFor(operation: AllocatingOperation): IoSymbol | null {
    if (!this.character.allocates.includes(operation) || this.ledger.available(this.calls) > 0) return null;
    return this.ledger.refusal(this.calls);
  }

  /** How many bytes of a write find room, block by block; all or none where writes are whole. */
  #countThatFits(file: FileInode, position: number, length: number): number {
    const room = this.ledger.available(this.calls);
    const lastPage = pageCount(position + length);
    if (room >= lastPage - pageOf(position)) return length;
    let needed = 0;
    for (let page = pageOf(position); page < lastPage; page += 1) {
      if (this.character.copyOnWrite || !file.cache.isAllocated(page)) needed += 1;
      if (needed > room) return this.#wholeWrites ? 0 : Math.max(0, page * 4096 - position);
    }
    return length;
  }

  #fileSynced(file: FileInode): void {
    if (this.tree.journal.pendingCount > 0) this.tree.journal.fileSynced(file);
    this.ledger.synced();
  }

  #syncNames(names: readonly string[]): void {
    let directory = this.tree.root;
    for (const name of names) {
      this.tree.journal.syncDirectory(directory);
      const child = directory.entries.get(name);
      if (child?.kind !== 'directory') return;
      directory = child;
    }
  }

  #changed(inode: Inode, what: keyof DiskState['changes']): void {
    this.changes[what] += 1;
    inode.modifiedAt = this.now();
    if (this.watchers.count > 0) this.watchers.tell(inode);
  }

  #newId(): number {
    this.#nextInode += 1;
    return this.#nextInode;
  }

  /** Counts what a copied tree takes up; answers its highest inode number. */
  #adopt(inode: Inode, seen: Set<Inode>): number {
    if (seen.has(inode)) return 0;
    seen.add(inode);
    if (inode !== this.tree.root) this.ledger.takeInode();
    let highest = inode.id;
    if (inode.kind === 'file') this.ledger.take(inode.cache.blocks, 0);
    else for (const child of inode.entries.values()) highest = Math.max(highest, this.#adopt(child, seen));
    return highest;
  }
}

function refusalToReplace(replaced: Inode | null, by: Inode): IoSymbol | null {
  if (replaced === null) return null;
  if (replaced.kind === 'file') return by.kind === 'file' ? null : 'not-a-directory';
  if (by.kind === 'file') return 'is-a-directory';
  return replaced.entries.size === 0 ? null : 'other';
}
