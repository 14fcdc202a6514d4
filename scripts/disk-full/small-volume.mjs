// @ts-check
// Small file systems of a test's own: tmpfs, and ext4, xfs and btrfs on loop devices, made, grown, remounted and torn down. They need
// root (also in a namespace of its own); whether a kind can be had is found out by making one and writing to it.
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export const MIB = 1024 * 1024;

/** @typedef {'tmpfs' | 'ext4' | 'xfs' | 'btrfs'} VolumeKind */

/** The least a kind can be made with, and how. */
const RECIPES = {
  tmpfs: { bytesMin: 64 * 1024, make: [], grow: [] },
  ext4: { bytesMin: 4 * MIB, make: ['mkfs.ext4', '-q', '-F', '-m', '0'], grow: ['resize2fs'] },
  xfs: { bytesMin: 300 * MIB, make: ['mkfs.xfs', '-q', '-f'], grow: ['xfs_growfs'] },
  btrfs: { bytesMin: 110 * MIB, make: ['mkfs.btrfs', '-q', '-f'], grow: ['btrfs', 'filesystem', 'resize', 'max'] },
};

/** What is still mounted, so that a process that ends early leaves nothing behind. */
const mounted = new Set();
process.on('exit', () => {
  for (const volume of mounted) volume.remove();
});

/** One mounted file system. */
export class SmallVolume {
  #home;
  #device = '';
  bytes;

  /**
   * @param {VolumeKind} kind
   * @param {{ bytes?: number, options?: string, make?: readonly string[] }} [settings] its size; what is added to the options of
   *   the mount, and of the command that makes it
   */
  constructor(kind, { bytes = RECIPES[kind].bytesMin, options = '', make = [] } = {}) {
    this.kind = kind;
    this.bytes = bytes;
    this.#home = mkdtempSync(join(tmpdir(), `brimlog-${kind}-`));
    this.path = join(this.#home, 'mount');
    mkdirSync(this.path);
    mounted.add(this);
    try {
      this.#mount(options, make);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  get freeBytes() {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Makes it larger while it is in use.
   * @param {number} bytes by so many */
  grow(bytes) {
    this.bytes += bytes;
    if (this.kind === 'tmpfs') {
      this.remount(`size=${this.bytes}`);
      return;
    }
    truncateSync(this.#image, this.bytes);
    run('losetup', '-c', this.#device);
    const [command = '', ...args] = RECIPES[this.kind].grow;
    run(command, ...args, this.kind === 'ext4' ? this.#device : this.path);
  }

  /** @param {string} options such as `ro` */
  remount(options) {
    run('mount', '-o', `remount,${options}`, this.path);
  }

  /** As after an error of its own (ext4 mounted with `errors=remount-ro`): every write is refused, of open files too, until it is mounted again. */
  turnReadOnly() {
    writeFileSync(`/sys/fs/ext4/${basename(this.#device)}/trigger_fs_error`, '1');
  }

  /** Unmounts it, which takes that nobody uses it, and mounts it once more. */
  mountAgain() {
    run('umount', this.path);
    run('mount', '-t', this.kind, '-o', 'noatime', this.#device, this.path);
  }

  /** Unmounts it, whoever still uses it, and removes every trace. Twice is harmless. */
  remove() {
    if (!mounted.delete(this)) return;
    attempt('umount', '-l', this.path);
    if (this.#device !== '') attempt('losetup', '-d', this.#device);
    rmSync(this.#home, { recursive: true, force: true });
  }

  get #image() {
    return join(this.#home, 'image');
  }

  /**
   * @param {string} options
   * @param {readonly string[]} make
   */
  #mount(options, make) {
    const extra = options === '' ? '' : `,${options}`;
    if (this.kind === 'tmpfs') {
      run('mount', '-t', 'tmpfs', '-o', `size=${this.bytes}${extra}`, 'brimlog-test', this.path);
      return;
    }
    writeFileSync(this.#image, '');
    truncateSync(this.#image, this.bytes);
    const [command = '', ...args] = RECIPES[this.kind].make;
    run(command, ...args, ...make, this.#image);
    this.#device = run('losetup', '-f', '--show', this.#image).trim();
    run('mount', '-t', this.kind, '-o', `noatime${extra}`, this.#device, this.path);
  }
}

/**
 * Makes one and writes to it.
 * @param {VolumeKind} kind
 * @returns {string | null} why it cannot be had here; null where it can
 */
export function whyNoVolume(kind) {
  try {
    const volume = new SmallVolume(kind);
    try {
      writeFileSync(join(volume.path, 'probe'), 'probe');
      return null;
    } finally {
      volume.remove();
    }
  } catch (error) {
    return `${kind} cannot be mounted here: ${lastLine(error)}`;
  }
}

/**
 * @param {SmallVolume} volume one that may be made larger for good
 * @returns {string | null} why it cannot be made larger here, by a MiB; null where it can and now is
 */
export function whyNoGrowth(volume) {
  try {
    volume.grow(MIB);
    return null;
  } catch (error) {
    return `${volume.kind} cannot grow here: ${lastLine(error)}`;
  }
}

/**
 * Limits what a btrfs may hold by a quota group of its own.
 * @param {SmallVolume} volume
 * @param {number} bytes
 * @returns {string} the directory that is limited
 */
export function limitedSubvolume(volume, bytes) {
  const path = join(volume.path, 'limited');
  run('btrfs', 'quota', 'enable', volume.path);
  run('btrfs', 'subvolume', 'create', path);
  run('btrfs', 'quota', 'rescan', '-w', volume.path);
  setLimit(path, bytes);
  return path;
}

/**
 * @param {string} path
 * @param {number} bytes
 */
export function setLimit(path, bytes) {
  run('btrfs', 'qgroup', 'limit', String(bytes), path);
}

/**
 * Takes so much space, as another program would, by blocks that are really allocated.
 * @param {string} path the file that takes it
 * @param {number} bytes
 */
export function allocate(path, bytes) {
  run('fallocate', '-l', String(bytes), path);
}

/**
 * Takes all that can be had, to the last block, by one file that is written until there is no more room.
 * @param {SmallVolume} volume
 * @param {string} path
 */
export function takeAll(volume, path) {
  const fd = openSync(path, 'w');
  const sizes = [MIB, 64 * 1024, 4096];
  try {
    for (let size = sizes.shift(); size !== undefined; ) {
      try {
        writeSync(fd, Buffer.alloc(size, 'x'));
        if (volume.freeBytes === 0) fsyncSync(fd);
      } catch {
        fsyncSync(fd);
        size = sizes.shift();
      }
    }
  } finally {
    closeSync(fd);
  }
}

/** @param {unknown} error */
function lastLine(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').filter((line) => line.trim() !== '').at(-1) ?? '';
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function attempt(command, ...args) {
  try {
    run(command, ...args);
  } catch {
    // Torn down as far as it goes.
  }
}
