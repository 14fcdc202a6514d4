/**
 * A file system that counts what is written through it, and hands everything on to another: what a program may put between
 * the log and the disk. `metered-file-system.test.ts` shows that it keeps the port's contract.
 */
import type { FileHandle, FileSystem } from '@brimlog/log-core';

/** Bytes written so far. */
export interface Meter {
  writtenBytes: number;
}

/** The same disk, metered. */
export function metered(disk: FileSystem, meter: Meter): FileSystem {
  return {
    open: async (path, mode) => (await disk.open(path, mode)).map((handle) => meteredHandle(handle, meter)),
    readDirectory: (path) => disk.readDirectory(path),
    stat: (path) => disk.stat(path),
    statFileSystem: (path) => disk.statFileSystem(path),
    rename: (from, to) => disk.rename(from, to),
    unlink: (path) => disk.unlink(path),
    makeDirectory: (path) => disk.makeDirectory(path),
    watch: (path, onChange) => disk.watch(path, onChange),
    bootId: () => disk.bootId(),
  };
}

function meteredHandle(handle: FileHandle, meter: Meter): FileHandle {
  return {
    path: handle.path,
    read: (into, position) => handle.read(into, position),
    write: async (buffers, position) => {
      const written = await handle.write(buffers, position);
      if (written.isOk()) meter.writtenBytes += written.value;
      return written;
    },
    sync: () => handle.sync(),
    truncate: (bytes) => handle.truncate(bytes),
    stat: () => handle.stat(),
    tryLock: () => handle.tryLock(),
    close: () => handle.close(),
  };
}
