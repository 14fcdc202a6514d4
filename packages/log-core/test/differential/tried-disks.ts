/** The disks that are compared: small real file systems, and the simulated one in the character of each. */
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocate, limitedSubvolume, MIB, SmallVolume, takeAll, type VolumeKind } from '../../../../scripts/disk-full/small-volume.mjs';
import { nodeFileSystem } from '../../src/adapters/node/node-file-system.js';
import { fileSystemFamily } from '../../src/adapters/node/file-system-family.js';
import { fileSystemCharacters } from '../../src/testing/file-system-character.js';
import type { SimulatedDiskOptions } from '../../src/testing/disk-options.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import type { SpaceLimits } from '../../src/testing/space-ledger.js';
import type { SimulatedTrial } from './compare-disks.js';
import type { DiskEvent } from './disk-operations.js';
import type { TriedDisk } from './disk-run.js';

/** The same path on every disk of a comparison, so that failures are of the same paths. */
export interface RealDisk extends TriedDisk {
  /** Undoes every event and empties the directory. */
  readonly restore: () => void;
  readonly remove: () => void;
}

/** A directory of the host's own file system, to which nothing happens. */
export function hostDirectory(): RealDisk {
  const home = mkdtempSync(join(tmpdir(), 'brimlog-differential-'));
  return emptied({ home, happen: () => undefined, undo: () => undefined, remove: () => rmSync(home, { recursive: true, force: true }) });
}

/** The kind of file system that the host's temporary files are on, by the name `statfs` gives it. */
export function hostKind(): string {
  return fileSystemFamily(BigInt(statfsSync(tmpdir()).type), process.platform).name;
}

/** A btrfs of which a quota group may hold so many bytes. */
export function limitedDirectory(bytes: number): RealDisk {
  const made = new SmallVolume('btrfs');
  const home = limitedSubvolume(made, bytes);
  const file = join(home, 'full');
  const happen = (event: DiskEvent): void => {
    if (event === 'full') takeQuota(file);
    if (event === 'free') rmSync(file, { force: true });
  };
  return emptied({ home, happen, undo: () => happen('free'), remove: () => made.remove() });
}

/** Writes until the quota refuses, in smaller and smaller pieces, each on the disk before the next. */
function takeQuota(file: string): void {
  const fd = openSync(file, 'w');
  for (let size = MIB; size >= 4096; size /= 16) {
    try {
      for (;;) {
        writeSync(fd, Buffer.alloc(size, 'x'));
        fsyncSync(fd);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).errno !== -122) throw error;
    }
  }
  closeSync(fd);
}

/** A volume of its own, to which everything can happen. */
export function volume(kind: VolumeKind, settings: { readonly bytes?: number; readonly options?: string; readonly make?: readonly string[] } = {}): RealDisk {
  const made = new SmallVolume(kind, settings);
  const files: string[] = [];
  let readOnly = false;
  const happen = (event: DiskEvent): void => {
    switch (event) {
      case 'full':
        files.push(fill(made, files.length));
        return;
      case 'inodes':
        takeInodes(join(made.path, 'of-others'), files);
        return;
      case 'free':
        for (const file of files.splice(0)) unlinkSync(file);
        return;
      case 'read-only':
      case 'writable':
        readOnly = event === 'read-only';
        made.remount(readOnly ? 'ro' : 'rw');
        return;
    }
  };
  const undo = (): void => {
    if (readOnly) happen('writable');
    happen('free');
  };
  return emptied({ home: made.path, happen, undo, remove: () => made.remove() });
}

interface Parts {
  readonly home: string;
  readonly happen: (event: DiskEvent) => void;
  readonly undo: () => void;
  readonly remove: () => void;
}

function emptied({ home, happen, undo, remove }: Parts): RealDisk {
  const root = join(home, 'compared');
  mkdirSync(root);
  const restore = (): void => {
    undo();
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
  };
  return { fileSystem: nodeFileSystem(), root, happen, restore, remove };
}

/** Takes the last block, in a file of another program's; answers which. */
function fill(made: SmallVolume, number: number): string {
  const file = join(made.path, `full-${number}`);
  const { bavail, bsize } = statfsSync(made.path);
  if (made.kind !== 'tmpfs' && bavail * bsize > 8 * MIB) allocate(`${file}-most`, bavail * bsize - 4 * MIB);
  takeAll(made, file);
  return file;
}

/** Makes empty files until there are no more. */
function takeInodes(directory: string, files: string[]): void {
  mkdirSync(directory, { recursive: true });
  for (let number = 0; number < 100_000; number += 1) {
    const file = join(directory, String(number));
    try {
      writeFileSync(file, '', { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
    files.push(file);
  }
}

type Character = keyof typeof fileSystemCharacters;

/** How the simulated disk is made to be like a real one of some kind. */
export function characterLike(kind: string): SimulatedDiskOptions {
  const character = kind in fileSystemCharacters ? (kind as Character) : 'simulated';
  // The largest file of ext4 with blocks of 4 KiB.
  return kind === 'ext4' ? { character, fileBytesMax: (2 ** 32 - 1) * 4096 } : { character };
}

/** A fresh simulated disk with an empty directory at `root`. `limited` is the limit that fills up. */
export async function simulatedTrial(root: string, options: SimulatedDiskOptions, limited: 'capacityBytes' | 'quotaBytes' = 'capacityBytes'): Promise<SimulatedTrial> {
  const disk = new SimulatedDisk(options);
  (await disk.makeDirectory(root))._unsafeUnwrap();
  const ample: Partial<SpaceLimits> = { capacityBytes: options.capacityBytes ?? 2 ** 50, quotaBytes: null, inodesMax: options.inodesMax ?? 2 ** 20 };
  const usedInodes = async (): Promise<number> => (ample.inodesMax ?? 0) - ((await disk.statFileSystem(root))._unsafeUnwrap().freeInodes ?? 0);
  /** What there is room for; null where that is not limited at the moment. */
  const limits: { bytes: number | null; inodes: number | null } = { bytes: null, inodes: null };
  const enforce = (): void => {
    disk.setLimits({ ...ample, ...(limits.bytes !== null && { [limited]: limits.bytes }), ...(limits.inodes !== null && { inodesMax: limits.inodes }) });
  };
  const happen = async (event: DiskEvent): Promise<void> => {
    if (event === 'read-only') await syncAll(disk);
    if (event === 'read-only' || event === 'writable') disk.setReadOnly(event === 'read-only');
    if (event === 'full') limits.bytes = disk.usedBytes;
    if (event === 'inodes') limits.inodes = await usedInodes();
    if (event === 'free') limits.bytes = limits.inodes = null;
    enforce();
  };
  const withRoom = async <T>(work: () => Promise<T>): Promise<T> => {
    disk.setLimits(ample);
    const outcome = await work();
    if (limits.bytes !== null) limits.bytes = Math.max(limits.bytes, disk.usedBytes);
    if (limits.inodes !== null) limits.inodes = Math.max(limits.inodes, await usedInodes());
    enforce();
    return outcome;
  };
  return { disk, fileSystem: disk, root, happen, withRoom };
}

/** A file system that is mounted anew writes everything out first. */
async function syncAll(disk: SimulatedDisk): Promise<void> {
  const syncOne = async (path: string, mode: 'read' | 'directory'): Promise<void> => {
    const opened = await disk.open(path, mode);
    if (opened.isErr()) return;
    (await opened.value.sync())._unsafeUnwrap();
    (await opened.value.close())._unsafeUnwrap();
  };
  for (const path of disk.files()) await syncOne(path, 'read');
  const directories = [''];
  for (const directory of directories) {
    await syncOne(`${directory}/`, 'directory');
    for (const name of (await disk.readDirectory(`${directory}/`)).unwrapOr([])) {
      const facts = await disk.stat(`${directory}/${name}`);
      if (facts.isOk() && facts.value.kind === 'directory') directories.push(`${directory}/${name}`);
    }
  }
}
