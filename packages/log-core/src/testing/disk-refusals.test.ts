/** Which failure a call gets where several would do: as Linux has it, found by comparing with real file systems. */
import { describe, expect, it } from 'vitest';
import type { FileHandle, IoResult, OpenMode } from '../ports/file-system.js';
import type { SimulatedDiskOptions } from './disk-options.js';
import { SimulatedDisk } from './simulated-disk.js';

async function diskWith(files: readonly string[], options: SimulatedDiskOptions = {}): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(options);
  for (const path of files) expect(disk.writeFile(path, new Uint8Array(10)).isOk()).toBe(true);
  return disk;
}

/** The symbol of a failure, or null. */
async function symbolOf(call: IoResult<unknown>): Promise<string | null> {
  const result = await call;
  return result.isErr() ? result.error.symbol : null;
}

const handleOn = async (disk: SimulatedDisk, path: string, mode: OpenMode): Promise<FileHandle> => (await disk.open(path, mode))._unsafeUnwrap();

describe('SimulatedDisk', () => {
  it('moves no directory below itself, nor over one that it lies in', async () => {
    const disk = await diskWith(['/d/e/file']);
    expect(await symbolOf(disk.rename('/d', '/d/e/f'))).toBe('other');
    expect(await symbolOf(disk.rename('/d/e', '/d'))).toBe('other');
    expect(await symbolOf(disk.rename('/d', '/d'))).toBeNull();
    expect(disk.files()).toEqual(['/d/e/file']);
  });

  it('replaces no directory that is not empty', async () => {
    const disk = await diskWith(['/d/file', '/e/file']);
    expect(await symbolOf(disk.rename('/d', '/e'))).toBe('other');
  });

  it('is read-only before it looks whether the name is there', async () => {
    const disk = await diskWith(['/d/file']);
    disk.setReadOnly(true);
    expect(await symbolOf(disk.unlink('/none'))).toBe('read-only-fs');
    expect(await symbolOf(disk.unlink('/d'))).toBe('read-only-fs');
    expect(await symbolOf(disk.rename('/none', '/other'))).toBe('read-only-fs');
    expect(await symbolOf(disk.unlink('/none/file'))).toBe('not-found');
  });

  it('says no-inodes only where there are bytes to be had', async () => {
    const disk = await diskWith(['/file'], { inodesMax: 1 });
    expect(await symbolOf(disk.open('/new', 'create'))).toBe('no-inodes');
    disk.setCapacity(disk.usedBytes);
    expect(await symbolOf(disk.open('/new', 'create'))).toBe('no-space');
  });

  it('reads and writes nothing at all on whatever handle', async () => {
    const disk = await diskWith(['/d/file']);
    const directory = await handleOn(disk, '/d', 'directory');
    const reader = await handleOn(disk, '/d/file', 'read');
    expect((await directory.read(new Uint8Array(0), 0))._unsafeUnwrap()).toBe(0);
    expect((await reader.write([], 0))._unsafeUnwrap()).toBe(0);
    expect(await symbolOf(reader.write([new Uint8Array(0)], 0))).toBe('other');
  });

  it('refuses bytes so far behind the end that keeping them would end the process', async () => {
    const disk = await diskWith(['/file']);
    const writer = await handleOn(disk, '/file', 'write');
    expect(await symbolOf(writer.write([new Uint8Array(1)], 2 ** 45))).toBe('file-too-large');
    expect(await symbolOf(writer.truncate(2 ** 45))).toBeNull();
  });
});
