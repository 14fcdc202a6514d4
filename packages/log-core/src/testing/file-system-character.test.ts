/** The simulated file systems against what was seen of the real ones on Linux 6.18, one row a file system. */
import { describe, expect, it } from 'vitest';
import type { FileHandle } from '../ports/file-system.js';
import { deviceFaultPlan } from './device-faults.js';
import type { fileSystemCharacters } from './file-system-character.js';
import { SimulatedDisk } from './simulated-disk.js';

type Name = keyof typeof fileSystemCharacters;
const BLOCK = 4096;
const record = (value: number): Uint8Array => new Uint8Array(BLOCK).fill(value);

const open = async (disk: SimulatedDisk, path: string, mode: 'create' | 'write' | 'directory'): Promise<FileHandle> => (await disk.open(path, mode))._unsafeUnwrap();

/** A disk filled by appends, with two segments, the second of them open. */
async function fullDisk(character: Name): Promise<{ disk: SimulatedDisk; active: FileHandle; outcomes: string[] }> {
  const disk = new SimulatedDisk({ character, capacityBytes: 2000 * BLOCK });
  disk.writeFile('/log/0.log', new Uint8Array(40 * BLOCK).fill(1))._unsafeUnwrap();
  const active = await open(disk, '/log/1.log', 'create');
  const outcomes: string[] = [];
  for (let position = 0; outcomes.at(-1) === undefined || !outcomes.at(-1)?.startsWith('E'); ) {
    const written = await active.write([new Uint8Array(25 * BLOCK - 100).fill(2)], position);
    position += written.unwrapOr(0);
    outcomes.push(written.match((count) => (count === 25 * BLOCK - 100 ? 'whole' : 'short'), (failure) => failure.code));
  }
  return { disk, active, outcomes };
}

const answer = (result: { isOk(): boolean }): string => (result.isOk() ? 'ok' : 'full');

describe('a full disk', () => {
  it.each<[Name, { create: string; mkdir: string; rename: string; truncate: string; overwrite: string }]>([
    ['tmpfs', { create: 'ok', mkdir: 'ok', rename: 'ok', truncate: 'ok', overwrite: 'ok' }],
    ['ext4', { create: 'ok', mkdir: 'full', rename: 'ok', truncate: 'ok', overwrite: 'ok' }],
    ['xfs', { create: 'full', mkdir: 'full', rename: 'ok', truncate: 'ok', overwrite: 'ok' }],
    ['btrfs', { create: 'ok', mkdir: 'ok', rename: 'ok', truncate: 'ok', overwrite: 'full' }],
    ['btrfs-mixed', { create: 'full', mkdir: 'full', rename: 'full', truncate: 'full', overwrite: 'full' }],
  ])('of %s', async (name, expected) => {
    const { disk, active, outcomes } = await fullDisk(name);
    // The first sign is a short count, then ENOSPC; syncing what is there works.
    expect(outcomes.slice(-2)).toEqual(['short', 'ENOSPC']);
    expect((await active.sync()).isOk()).toBe(true);
    expect((await disk.statFileSystem('/log'))._unsafeUnwrap().freeBytes).toBe(0);

    const older = await open(disk, '/log/0.log', 'write');
    expect(answer(await older.write([new Uint8Array(BLOCK)], 0))).toBe(expected.overwrite);
    expect(answer(await disk.open('/log/new', 'create'))).toBe(expected.create);
    expect(answer(await disk.makeDirectory('/log/sub'))).toBe(expected.mkdir);
    expect(answer(await disk.rename('/log/1.log', '/log/2.log'))).toBe(expected.rename);
    expect(answer(await active.truncate(10 * BLOCK))).toBe(expected.truncate);
    // A larger size reserves nothing.
    if (expected.truncate === 'ok') expect((await active.truncate(2 ** 40)).isOk()).toBe(true);

    (await older.close())._unsafeUnwrap();
    expect((await disk.unlink('/log/0.log')).isOk()).toBe(true);
    expect((await active.write([record(3)], 0)).isOk()).toBe(true);
  });

  it('of copy-on-write at its worst takes no change at all, deletion included, until others make room', async () => {
    const { disk, active } = await fullDisk('copy-on-write');
    const refused = [await disk.unlink('/log/0.log'), await disk.rename('/log/0.log', '/log/2.log'), await active.truncate(BLOCK), await disk.open('/log/new', 'create')];
    expect(refused.map((result) => (result.isOk() ? 'ok' : result.error.code))).toEqual(['ENOSPC', 'ENOSPC', 'ENOSPC', 'ENOSPC']);
    expect(disk.files()).toEqual(['/log/0.log', '/log/1.log']);
    disk.setCapacity(2001 * BLOCK);
    expect((await disk.unlink('/log/0.log')).isOk()).toBe(true);
  });

  it.each<[Name, string]>([['tmpfs', 'more'], ['ext4', 'none'], ['xfs', 'more'], ['btrfs', 'none'], ['btrfs-mixed', 'more']])(
    'of %s: after an unlink statfs shows %s free, and an append succeeds',
    async (name, shown) => {
      const { disk, active } = await fullDisk(name);
      (await disk.unlink('/log/0.log'))._unsafeUnwrap();
      const { freeBytes } = (await disk.statFileSystem('/log'))._unsafeUnwrap();
      expect(freeBytes > 0 ? 'more' : 'none').toBe(shown);
      const { bytes } = (await active.stat())._unsafeUnwrap();
      expect((await active.write([new Uint8Array(25 * BLOCK)], bytes))._unsafeUnwrap()).toBe(25 * BLOCK);
      (await active.sync())._unsafeUnwrap();
      if (name === 'btrfs') expect((await disk.statFileSystem('/log'))._unsafeUnwrap().freeBytes).toBeGreaterThan(0);
    },
  );

  it('takes a tiny file where a larger append was refused, so that a small probe lies', async () => {
    const disk = new SimulatedDisk({ capacityBytes: 3 * BLOCK, wholeWrites: true });
    const big = await open(disk, '/big', 'create');
    expect((await big.write([new Uint8Array(4 * BLOCK)], 0))._unsafeUnwrapErr().symbol).toBe('no-space');
    const tiny = await open(disk, '/tiny', 'create');
    expect((await tiny.write([Uint8Array.of(1)], 0)).isOk()).toBe(true);
  });
});

/** A at 0 is durable; B's sync meets the device; then the rest of the story, and a power cut. */
async function failingDevice(character: 'ext4' | 'xfs' | 'btrfs', after: (file: FileHandle, disk: SimulatedDisk) => Promise<void>): Promise<number[]> {
  const disk = new SimulatedDisk({ character });
  const file = await open(disk, '/f', 'create');
  (await file.write([record(1)], 0))._unsafeUnwrap();
  (await file.sync())._unsafeUnwrap();
  (await (await open(disk, '/', 'directory')).sync())._unsafeUnwrap();
  (await file.write([record(2)], BLOCK))._unsafeUnwrap();
  disk.setFaults(deviceFaultPlan(character, 'one-write'));
  expect((await file.sync())._unsafeUnwrapErr()).toMatchObject({ symbol: 'io', errno: -5, operation: 'sync' });
  await after(file, disk);
  const found = disk.crash('none');
  return found.files().flatMap((path) => [0, 1, 2].map((block) => found.readFile(path)?.[block * BLOCK] ?? -1));
}

const fileSystems = ['ext4', 'xfs', 'btrfs'] as const;
const sync = async (file: FileHandle): Promise<boolean> => (await file.sync()).isOk();

describe('one failed data write', () => {
  it.each(fileSystems)('on %s: a second sync succeeds, the cache still has the record, and a power cut leaves zeros between valid ones', async (name) => {
    const found = await failingDevice(name, async (file) => {
      expect(await sync(file)).toBe(true);
      const cached = new Uint8Array(1);
      expect((await file.read(cached, BLOCK))._unsafeUnwrap()).toBe(1);
      expect(cached[0]).toBe(2);
      (await file.write([record(3)], 2 * BLOCK))._unsafeUnwrap();
      expect(await sync(file)).toBe(true);
    });
    expect(found).toEqual([1, 0, 3]);
  });

  it.each([['ext4', [1, 0, -1]], ['xfs', [1, 2, -1]], ['btrfs', [1, 2, -1]]] as const)(
    'on %s: rewriting the same bytes in a new process leaves %j',
    async (name, expected) => {
      const disk = new SimulatedDisk({ character: name });
      disk.writeFile('/f', record(1))._unsafeUnwrap();
      const file = await open(disk, '/f', 'write');
      (await file.write([record(2)], BLOCK))._unsafeUnwrap();
      disk.setFaults(deviceFaultPlan(name, 'one-write'));
      expect(await sync(file)).toBe(false);
      const restarted = disk.processCrash();
      const again = await open(restarted, '/f', 'write');
      (await again.write([record(2)], BLOCK))._unsafeUnwrap();
      expect([await sync(again), await sync(again)]).toEqual([true, true]);
      const found = restarted.crash('none').readFile('/f');
      expect([0, 1, 2].map((block) => found?.[block * BLOCK] ?? -1)).toEqual(expected);
    },
  );

  it.each(fileSystems)('on %s: cutting back to the durable end and writing again survives', async (name) => {
    const found = await failingDevice(name, async (file) => {
      (await file.truncate(BLOCK))._unsafeUnwrap();
      (await file.write([record(2)], BLOCK))._unsafeUnwrap();
      expect(await sync(file)).toBe(true);
    });
    expect(found).toEqual([1, 2, -1]);
  });

  it.each(fileSystems)('on %s: going on in a new file survives', async (name) => {
    const found = await failingDevice(name, async (_file, disk) => {
      const next = await open(disk, '/g', 'create');
      (await next.write([record(2)], 0))._unsafeUnwrap();
      expect(await sync(next)).toBe(true);
      expect(await sync(await open(disk, '/', 'directory'))).toBe(true);
    });
    expect(found.slice(3)).toEqual([2, -1, -1]);
  });

  it('on ext4 does no lasting harm to blocks that were written before', async () => {
    const disk = new SimulatedDisk({ character: 'ext4' });
    disk.writeFile('/f', new Uint8Array(2 * BLOCK))._unsafeUnwrap();
    const file = await open(disk, '/f', 'write');
    (await file.write([record(2)], BLOCK))._unsafeUnwrap();
    disk.setFaults(deviceFaultPlan('ext4', 'one-write'));
    expect(await sync(file)).toBe(false);
    (await file.write([record(2)], BLOCK))._unsafeUnwrap();
    expect(await sync(file)).toBe(true);
    expect(disk.crash('none').readFile('/f')?.[BLOCK]).toBe(2);
  });

  it('may be found on the platter all the same', async () => {
    const disk = new SimulatedDisk();
    disk.writeFile('/f', new Uint8Array(BLOCK))._unsafeUnwrap();
    const file = await open(disk, '/f', 'write');
    (await file.write([record(2)], 0))._unsafeUnwrap();
    disk.setFaults(deviceFaultPlan('xfs', 'one-write'));
    expect(await sync(file)).toBe(false);
    expect([disk.crash('none'), disk.crash('all')].map((found) => found.readFile('/f')?.[0])).toEqual([0, 2]);
  });
});

describe('a device that goes on failing', () => {
  it.each([
    ['ext4', 'all-writes', ['EIO', 'EROFS', 'EROFS', 'ok']],
    ['xfs', 'all-writes', ['EIO', 'EIO', 'EIO', 'EIO']],
    ['btrfs', 'all-writes', ['EIO', 'ok', 'ok', 'ok']],
    ['ext4', 'one-flush', ['EIO', 'ok', 'ok', 'ok', 'ok', 'ok', 'EROFS']],
    ['xfs', 'one-flush', ['EIO', 'EIO', 'EIO', 'EIO']],
    ['btrfs', 'one-flush', ['EIO', 'EROFS', 'EROFS', 'ok']],
    ['ext4', 'gone', ['EIO', 'ok', 'EIO', 'ok']],
    ['xfs', 'gone', ['EIO', 'ok', 'EIO', 'ok']],
    ['btrfs', 'gone', ['EIO', 'ok', 'EIO', 'ok']],
  ] as const)('%s, %s: sync, write, sync, read answer %j', async (name, failure, expected) => {
    const disk = new SimulatedDisk({ character: name });
    disk.writeFile('/f', record(1))._unsafeUnwrap();
    const file = await open(disk, '/f', 'write');
    (await file.write([record(2)], BLOCK))._unsafeUnwrap();
    disk.setFaults(deviceFaultPlan(name, failure));
    const answers: string[] = [];
    const steps = [
      () => file.sync(),
      () => file.write([record(3)], 2 * BLOCK),
      () => file.sync(),
      () => file.read(new Uint8Array(1), 0),
    ];
    for (let step = 0; step < expected.length; step += 1) {
      const result = await steps[step % steps.length]!();
      answers.push(result.isOk() ? 'ok' : result.error.code);
    }
    expect(answers).toEqual(expected);
    expect(disk.faultsFired.length).toBeGreaterThan(0);
    // Nothing that was acknowledged before is harmed by any of it.
    expect(disk.crash('none').readFile('/f')?.[0]).toBe(1);
  });
});
