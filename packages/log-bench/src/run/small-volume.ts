/**
 * A small file system that can be filled without harm, for one child process alone: it is mounted in a mount namespace of
 * that process, so that the kernel takes it down when the process ends, however it ends. INVARIANT: nothing is mounted that
 * anybody else can see.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, ftruncateSync } from 'node:fs';
import { join } from 'node:path';

/** How a child gets its volume: a command that mounts it at `mountPoint` and becomes what follows. */
export interface SmallVolume {
  readonly type: 'ext4' | 'tmpfs';
  readonly mountPoint: string;
  readonly command: readonly string[];
}

const VOLUME_BYTES = 96 * 1024 * 1024;

/** A real file system with a journal, on a file of `dir`: needs root. */
function ext4In(dir: string): SmallVolume {
  const mountPoint = join(dir, 'volume');
  const image = join(dir, 'volume.ext4');
  mkdirSync(mountPoint);
  const fd = openSync(image, 'wx');
  ftruncateSync(fd, VOLUME_BYTES);
  closeSync(fd);
  const made = spawnSync('mkfs.ext4', ['-q', '-F', '-m', '0', image], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`mkfs.ext4: ${(made.stderr || String(made.error)).trim()}`);
  const script = 'mount -o loop,noatime "$1" "$2" && shift 2 && exec "$@"';
  return { type: 'ext4', mountPoint, command: ['unshare', '--mount', 'sh', '-c', script, 'sh', image, mountPoint] };
}

/** Memory that behaves as a full disk does, for users who may have a namespace of their own; its syncs mean nothing. */
function tmpfsIn(dir: string): SmallVolume {
  const mountPoint = join(dir, 'volume-in-memory');
  mkdirSync(mountPoint);
  const script = `mount -t tmpfs -o size=${VOLUME_BYTES} brimlog-bench "$1" && shift && exec "$@"`;
  return { type: 'tmpfs', mountPoint, command: ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', mountPoint] };
}

/** The best volume that can be had here, its files in `dir`; or why none can. */
export function smallVolumeIn(dir: string): SmallVolume | { readonly problem: string } {
  const problems: string[] = [];
  for (const make of [ext4In, tmpfsIn]) {
    try {
      const volume = make(dir);
      const tried = tryOut(volume);
      if (tried === null) return volume;
      problems.push(tried);
    } catch (thrown) {
      problems.push(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  return { problem: `no small file system can be mounted here (${problems.join('; ')})` };
}

/** Mounts it, runs nothing, and lets it go; answers what went wrong. */
function tryOut({ command }: SmallVolume): string | null {
  const [program = '', ...args] = command;
  const tried = spawnSync(program, [...args, 'true'], { encoding: 'utf8' });
  if (tried.status === 0) return null;
  return tried.error?.message ?? (tried.stderr.trim().split('\n').at(-1) ?? `${program} ended with ${String(tried.status)}`);
}
