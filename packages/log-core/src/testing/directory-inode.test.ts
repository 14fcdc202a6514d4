import { describe, expect, it } from 'vitest';
import type { NameProfile } from './directory-inode.js';
import { seededRandom } from './random.js';
import { SimulatedDisk } from './simulated-disk.js';

/** Every list of files that a power cut can leave. */
function outcomes(disk: SimulatedDisk, names: NameProfile): Set<string> {
  const random = seededRandom(1);
  return new Set(Array.from({ length: 300 }, () => disk.crash({ data: 'all', names }, random).files().join(' ')));
}

async function create(disk: SimulatedDisk, path: string, sync = false): Promise<void> {
  const handle = (await disk.open(path, 'create'))._unsafeUnwrap();
  if (sync) (await handle.sync())._unsafeUnwrap();
  (await handle.close())._unsafeUnwrap();
}

async function syncDirectory(disk: SimulatedDisk, path: string): Promise<boolean> {
  const handle = (await disk.open(path, 'directory'))._unsafeUnwrap();
  const synced = await handle.sync();
  (await handle.close())._unsafeUnwrap();
  return synced.isOk();
}

async function diskWithDirectory(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  (await disk.makeDirectory('/d'))._unsafeUnwrap();
  await syncDirectory(disk, '/');
  return disk;
}

describe('names after a power cut', () => {
  it('are any subset of the unsynced changes in posix-weak, and an ordered prefix in journaling', async () => {
    const disk = await diskWithDirectory();
    await create(disk, '/d/a');
    await create(disk, '/d/b');
    expect(outcomes(disk, 'posix-weak')).toEqual(new Set(['', '/d/a', '/d/b', '/d/a /d/b']));
    expect(outcomes(disk, 'journaling')).toEqual(new Set(['', '/d/a', '/d/a /d/b']));
    expect(outcomes(disk, 'none')).toEqual(new Set(['']));
    expect(outcomes(disk, 'all')).toEqual(new Set(['/d/a /d/b']));
  });

  it('are certain after the directory was synced, and the changes of other directories are not, but where a journal orders them', async () => {
    const disk = await diskWithDirectory();
    (await disk.makeDirectory('/e'))._unsafeUnwrap();
    await syncDirectory(disk, '/');
    await create(disk, '/e/x');
    await create(disk, '/d/a');
    await syncDirectory(disk, '/d');
    expect(outcomes(disk, 'posix-weak')).toEqual(new Set(['/d/a', '/d/a /e/x']));
    expect(outcomes(disk, 'journaling')).toEqual(new Set(['/d/a /e/x']));
  });

  it('of a new file are certain after its own sync on ext4 alone', async () => {
    const disk = await diskWithDirectory();
    await create(disk, '/d/a', true);
    await create(disk, '/d/b');
    expect(outcomes(disk, 'ext4-like')).toEqual(new Set(['/d/a', '/d/a /d/b']));
    expect(outcomes(disk, 'journaling')).toContain('');
    expect(outcomes(disk, 'posix-weak')).toContain('');
  });

  it('show a rename whole or not at all, also between directories', async () => {
    const disk = await diskWithDirectory();
    (await disk.makeDirectory('/e'))._unsafeUnwrap();
    await syncDirectory(disk, '/');
    await create(disk, '/d/a');
    await create(disk, '/d/b');
    await syncDirectory(disk, '/d');
    (await disk.rename('/d/a', '/d/b'))._unsafeUnwrap();
    expect(outcomes(disk, 'posix-weak')).toEqual(new Set(['/d/a /d/b', '/d/b']));
    (await disk.rename('/d/b', '/e/c'))._unsafeUnwrap();
    expect(outcomes(disk, 'journaling')).toEqual(new Set(['/d/a /d/b', '/d/b', '/e/c']));
    await syncDirectory(disk, '/e');
    expect(outcomes(disk, 'posix-weak')).toEqual(new Set(['/e/c']));
  });

  it('show a rename whole or, without a journal, under both names of one file', async () => {
    const disk = await diskWithDirectory();
    await create(disk, '/d/a');
    await syncDirectory(disk, '/d');
    (await disk.rename('/d/a', '/d/b'))._unsafeUnwrap();
    const random = seededRandom(1);
    const found = Array.from({ length: 100 }, () => disk.crash({ data: 'all', names: 'posix-weak', renames: 'both-names' }, random));
    expect(new Set(found.map((image) => image.files().join(' ')))).toEqual(new Set(['/d/a', '/d/b', '/d/a /d/b']));
    const both = found.find((image) => image.files().length === 2)!;
    const [a, b] = [(await both.stat('/d/a'))._unsafeUnwrap(), (await both.stat('/d/b'))._unsafeUnwrap()];
    expect([a.identity === b.identity, a.links, b.links]).toEqual([true, 2, 2]);
  });

  it('are uncertain after a failed sync of the directory, whatever is synced later', async () => {
    const disk = await diskWithDirectory();
    await create(disk, '/d/a');
    disk.setFaults([{ on: ['sync-directory'], effect: { kind: 'fail', symbol: 'io' } }]);
    expect(await syncDirectory(disk, '/d')).toBe(false);
    expect(await syncDirectory(disk, '/d')).toBe(true);
    await create(disk, '/d/b');
    expect(await syncDirectory(disk, '/d')).toBe(true);
    expect(outcomes(disk, 'posix-weak')).toEqual(new Set(['/d/b', '/d/a /d/b']));
    (await disk.unlink('/d/a'))._unsafeUnwrap();
    expect(await syncDirectory(disk, '/d')).toBe(true);
    expect(outcomes(disk, 'posix-weak')).toEqual(new Set(['/d/b']));
  });

  it('keep the old file of a name where only the renaming of its successor survived', async () => {
    const disk = await diskWithDirectory();
    await create(disk, '/d/a');
    await syncDirectory(disk, '/d');
    (await disk.unlink('/d/a'))._unsafeUnwrap();
    await create(disk, '/d/a');
    (await disk.rename('/d/a', '/d/b'))._unsafeUnwrap();
    expect(outcomes(disk, 'posix-weak')).toContain('/d/a /d/b');
    expect(outcomes(disk, 'journaling')).toEqual(new Set(['/d/a', '', '/d/b']));
  });

  it('bring an unlinked file back with its durable bytes', async () => {
    const disk = new SimulatedDisk();
    disk.writeFile('/d/a', Uint8Array.of(1, 2, 3))._unsafeUnwrap();
    (await disk.unlink('/d/a'))._unsafeUnwrap();
    expect(disk.files()).toEqual([]);
    expect(disk.crash('none').readFile('/d/a')).toEqual(Uint8Array.of(1, 2, 3));
    expect(disk.crash('all').files()).toEqual([]);
  });
});
