import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IoFailure } from '../model/io-failure.js';
import type { FileHandle, IoResult, OpenMode } from '../ports/file-system.js';
import type { Result } from 'neverthrow';
import type { FaultPlan } from './fault-plan.js';
import { parsePlan } from './fault-plan-text.js';
import { seededRandom } from './random.js';
import type { SimulatedDiskOptions } from './disk-options.js';
import { SimulatedClock } from './simulated-clock.js';
import { SimulatedDisk } from './simulated-disk.js';
import { shuffledSchedule } from './shuffled-schedule.js';

const BLOCK = 4096;
const plan = (text: string): FaultPlan => parsePlan(text)._unsafeUnwrap();
/** The value of a call that must succeed. */
const done = async <T>(call: IoResult<T>): Promise<T> => (await call)._unsafeUnwrap();
const open = async (disk: SimulatedDisk, path: string, mode: OpenMode = 'create'): Promise<FileHandle> => (await disk.open(path, mode))._unsafeUnwrap();
const symbolOf = (result: Result<unknown, IoFailure>): string => (result.isOk() ? 'ok' : result.error.symbol);
const bytes = (length: number, value = 7): Uint8Array => new Uint8Array(length).fill(value);

async function fileOn(options: SimulatedDiskOptions, faults: string, mode: OpenMode = 'write'): Promise<{ disk: SimulatedDisk; file: FileHandle }> {
  const disk = new SimulatedDisk(options);
  disk.writeFile('/f', bytes(100, 1))._unsafeUnwrap();
  const file = await open(disk, '/f', mode);
  disk.setFaults(plan(faults));
  return { disk, file };
}

/** Whether the promise settles before the event loop turns. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('SimulatedDisk: cache and platter', () => {
  it('keeps what was synced, of file and name, and loses the rest at the worst', async () => {
    const disk = new SimulatedDisk();
    const file = await open(disk, '/f');
    (await file.write([bytes(10)], 0))._unsafeUnwrap();
    (await file.sync())._unsafeUnwrap();
    expect(disk.crash('none').files()).toEqual([]);
    (await (await open(disk, '/', 'directory')).sync())._unsafeUnwrap();
    (await file.write([bytes(10)], 10))._unsafeUnwrap();
    expect(disk.crash('none').readFile('/f')).toEqual(bytes(10));
    expect(disk.crash('all').readFile('/f')).toEqual(bytes(20));
    expect(disk.readFile('/f')).toEqual(bytes(20));
    expect(disk.readDurable('/f')).toEqual(bytes(10));
  });

  it('makes durable what a dsync handle writes, that range alone', async () => {
    const { disk, file } = await fileOn({}, '', 'dsync');
    const other = await open(disk, '/f', 'write');
    (await other.write([bytes(10, 2)], 0))._unsafeUnwrap();
    (await file.write([bytes(10, 3)], 5))._unsafeUnwrap();
    const found = disk.crash('none').readFile('/f');
    expect([found?.[0], found?.[5], found?.[14], found?.[15]]).toEqual([1, 3, 3, 1]);
    expect(disk.crash('all').readFile('/f')).toEqual(disk.readFile('/f'));
  });

  it('processCrash keeps the cache and the boot, crash neither; both leave the disk as it was and no handle behind', async () => {
    const { disk, file } = await fileOn({}, '');
    (await file.write([bytes(10)], 100))._unsafeUnwrap();
    (await file.tryLock())._unsafeUnwrap();
    const [killed, cut] = [disk.processCrash(), disk.crash('none')];
    expect([killed, cut].map((found) => found.readFile('/f')?.length)).toEqual([110, 100]);
    // What was not synced before the process died still is not.
    expect([killed.crash('none'), killed.crash('all')].map((found) => found.readFile('/f')?.length)).toEqual([100, 110]);
    expect([killed.openHandles, cut.openHandles, disk.openHandles]).toEqual([0, 0, 1]);
    expect(await killed.bootId()).toBe(await disk.bootId());
    expect(await cut.bootId()).not.toBe(await disk.bootId());
    expect(await cut.crash('none').bootId()).not.toBe(await cut.bootId());
    expect((await (await open(killed, '/f', 'write')).tryLock())._unsafeUnwrap()).toEqual({ kind: 'acquired' });
    (await (await open(cut, '/f', 'write')).write([bytes(100, 9)], 0))._unsafeUnwrap();
    expect(disk.readFile('/f')?.[0]).toBe(1);
  });

  it('always finds the same image by the same seed, and hashes equal images alike', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { disk, file } = await fileOn({ seed }, '');
        for (let index = 0; index < 5; index += 1) (await file.write([bytes(700, index + 2)], index * 650))._unsafeUnwrap();
        const [one, other] = [disk.crash('subset', seededRandom(seed)), disk.crash('subset', seededRandom(seed))];
        expect(one.readFile('/f')).toEqual(other.readFile('/f'));
        expect(one.imageHash()).toBe(other.imageHash());
      }),
      { numRuns: 20 },
    );
  });

  it('hashes what is durable: a write does not change it, a sync does', async () => {
    const { disk, file } = await fileOn({}, '');
    const before = disk.imageHash();
    (await file.write([bytes(10)], 0))._unsafeUnwrap();
    expect(disk.imageHash()).toBe(before);
    (await file.sync())._unsafeUnwrap();
    const synced = disk.imageHash();
    expect(synced).not.toBe(before);
    await open(disk, '/g');
    expect(disk.imageHash()).toBe(synced);
    (await (await open(disk, '/', 'directory')).sync())._unsafeUnwrap();
    expect(disk.imageHash()).not.toBe(synced);
  });

  it('gives back the bytes of files that are gone as garbage', async () => {
    const disk = new SimulatedDisk();
    disk.writeFile('/old', bytes(BLOCK, 99))._unsafeUnwrap();
    (await disk.unlink('/old'))._unsafeUnwrap();
    const file = await open(disk, '/new');
    (await file.write([bytes(2 * BLOCK, 5)], 0))._unsafeUnwrap();
    const random = seededRandom(1);
    const seen = new Set(Array.from({ length: 50 }, () => disk.crash({ data: 'subset', names: 'all', exposed: 'garbage' }, random).readFile('/new')?.[0]));
    expect(seen).toContain(99);
  });
});

describe('SimulatedDisk: space', () => {
  it('cuts a write short at the last free block, then refuses, and has room again after an unlink', async () => {
    const disk = new SimulatedDisk({ capacityBytes: 4 * BLOCK });
    const file = await open(disk, '/f');
    expect((await file.write([bytes(3 * BLOCK - 10), bytes(2 * BLOCK)], 0))._unsafeUnwrap()).toBe(4 * BLOCK);
    expect(symbolOf(await file.write([bytes(1)], 4 * BLOCK))).toBe('no-space');
    // What has its block already can be written over.
    expect((await file.write([bytes(10)], 0))._unsafeUnwrap()).toBe(10);
    expect(disk.usedBytes).toBe(4 * BLOCK);
    (await disk.unlink('/f'))._unsafeUnwrap();
    expect(disk.usedBytes).toBe(4 * BLOCK);
    (await file.close())._unsafeUnwrap();
    expect(disk.usedBytes).toBe(0);
  });

  it.each<[string, SimulatedDiskOptions, string]>([
    ['a quota, without a code', { quotaBytes: 2 * BLOCK }, 'quota -122 UNKNOWN'],
    ['the volume', { capacityBytes: 2 * BLOCK }, 'no-space -28 ENOSPC'],
    ['the reserve of root', { capacityBytes: 4 * BLOCK, reserveBytes: 2 * BLOCK }, 'no-space -28 ENOSPC'],
    ['the largest file', { fileBytesMax: 2 * BLOCK }, 'file-too-large -27 EFBIG'],
  ])('is limited by %s', async (_name, options, expected) => {
    const file = await open(new SimulatedDisk(options), '/f');
    expect((await file.write([bytes(3 * BLOCK)], 0))._unsafeUnwrap()).toBe(2 * BLOCK);
    const failure = (await file.write([bytes(BLOCK)], 2 * BLOCK))._unsafeUnwrapErr();
    expect(`${failure.symbol} ${failure.errno} ${failure.code}`).toBe(expected);
    expect((await file.sync()).isOk()).toBe(true);
  });

  it('runs out of inodes with space to spare', async () => {
    const disk = new SimulatedDisk({ inodesMax: 2 });
    await open(disk, '/a');
    (await disk.makeDirectory('/b'))._unsafeUnwrap();
    expect(symbolOf(await disk.open('/c', 'create'))).toBe('no-inodes');
    expect(symbolOf(await disk.makeDirectory('/d'))).toBe('no-inodes');
    expect((await disk.statFileSystem('/'))._unsafeUnwrap()).toMatchObject({ freeInodes: 0, freeBytes: 2 ** 40 });
  });

  it('can grow, and can free late', async () => {
    const disk = new SimulatedDisk({ capacityBytes: BLOCK, freeAfterCalls: 3 });
    const file = await open(disk, '/f');
    (await file.write([bytes(BLOCK)], 0))._unsafeUnwrap();
    expect(symbolOf(await file.write([bytes(1)], BLOCK))).toBe('no-space');
    disk.setCapacity(2 * BLOCK);
    expect(symbolOf(await file.write([bytes(BLOCK)], BLOCK))).toBe('ok');
    (await file.truncate(0))._unsafeUnwrap();
    const answers: string[] = [];
    for (let call = 0; call < 3; call += 1) answers.push(symbolOf(await file.write([bytes(1)], 0)));
    expect(answers).toEqual(['no-space', 'no-space', 'ok']);
  });

  it('needs free blocks to overwrite where it copies on write, and none to unlink', async () => {
    const disk = new SimulatedDisk({ character: 'btrfs-mixed', capacityBytes: 4 * BLOCK });
    disk.writeFile('/ballast', bytes(BLOCK))._unsafeUnwrap();
    const file = await open(disk, '/f');
    (await file.write([bytes(3 * BLOCK)], 0))._unsafeUnwrap();
    expect(symbolOf(await file.write([bytes(BLOCK)], 0))).toBe('no-space');
    expect(symbolOf(await file.truncate(0))).toBe('no-space');
    expect(symbolOf(await disk.rename('/f', '/g'))).toBe('no-space');
    expect(symbolOf(await disk.unlink('/ballast'))).toBe('ok');
    expect(symbolOf(await file.write([bytes(BLOCK)], 0))).toBe('ok');
    expect(symbolOf(await disk.rename('/f', '/g'))).toBe('ok');
  });

  it('shows what it is told to show', async () => {
    const base = new SimulatedDisk().crash('none');
    expect((await base.statFileSystem('/'))._unsafeUnwrap()).toMatchObject({ freeBytes: 2 ** 40, totalBytes: 2 ** 40, family: 'overwriting', name: 'simulated' });
    const character = { name: 'x', family: 'network', allocates: [], copyOnWrite: false, countsInodes: false, syncFailure: 'drop', names: 'journaling' } as const;
    const lagging = new SimulatedDisk({ capacityBytes: 10 * BLOCK, character: { ...character, statfs: { kind: 'lag', calls: 3 } } });
    const file = await open(lagging, '/f');
    (await file.write([bytes(4 * BLOCK)], 0))._unsafeUnwrap();
    (await file.write([bytes(BLOCK)], 4 * BLOCK))._unsafeUnwrap();
    const shown: number[] = [];
    for (let call = 0; call < 4; call += 1) shown.push((await lagging.statFileSystem('/'))._unsafeUnwrap().freeBytes / BLOCK);
    expect(shown.at(-1)).toBe(5);
    expect(shown[0]).toBe(6);
    const lying = new SimulatedDisk({ capacityBytes: 10 * BLOCK, character: { ...character, statfs: { kind: 'fixed', freeBytes: 1 } } });
    expect((await lying.statFileSystem('/'))._unsafeUnwrap()).toMatchObject({ freeBytes: 1, freeInodes: null, family: 'network' });
  });
});

describe('SimulatedDisk: faults', () => {
  it('fails by symbol without doing anything, and counts what fired', async () => {
    const { disk, file } = await fileOn({}, 'write@2x2 fail(again)');
    const answers = [];
    for (let call = 0; call < 4; call += 1) answers.push(symbolOf(await file.write([bytes(10)], 100 + call * 10)));
    expect(answers).toEqual(['ok', 'again', 'again', 'ok']);
    expect(disk.faultsFired.map(({ operation }) => operation)).toEqual(['write', 'write']);
    expect(disk.readFile('/f')?.[115]).toBe(0);
  });

  it('cuts counts short, of writes and reads', async () => {
    const { disk, file } = await fileOn({}, 'write@1 short(4,no-space); read@1 short(3)');
    expect((await file.write([bytes(5), bytes(5)], 0))._unsafeUnwrap()).toBe(4);
    expect(symbolOf(await file.write([bytes(6)], 4))).toBe('no-space');
    expect([...disk.readFile('/f')!.subarray(0, 6)]).toEqual([7, 7, 7, 7, 1, 1]);
    expect((await file.read(new Uint8Array(10), 0))._unsafeUnwrap()).toBe(3);
  });

  it.each([
    ['fail-sync(drop,io)', 1, 1],
    ['fail-sync(poison,io)', 1, 1],
    ['fail-sync(false-failure,io)', 7, 7],
    ['fail(io)', 1, 1],
    ['fail(again)', 1, 7],
    ['done-then-fail(io)', 7, 7],
    ['lie', 1, 7],
  ])('sync with %s leaves %i on the platter, and %i after a second sync', async (effect, afterFirst, afterSecond) => {
    const { disk, file } = await fileOn({}, `sync@1 ${effect}`);
    (await file.write([bytes(10)], 0))._unsafeUnwrap();
    expect(symbolOf(await file.sync())).toBe(effect === 'lie' ? 'ok' : effect === 'fail(again)' ? 'again' : 'io');
    expect(disk.crash('none').readFile('/f')?.[0]).toBe(afterFirst);
    expect(symbolOf(await file.sync())).toBe('ok');
    expect(disk.crash('none').readFile('/f')?.[0]).toBe(afterSecond);
    expect(disk.readFile('/f')?.[0]).toBe(7);
  });

  it.each([
    ['fail(no-space)', 1, 1],
    ['fail(io)', 7, 1],
    ['short(4)', 7, 7],
    ['done-then-fail(io)', 7, 7],
  ])('dsync-write with %s leaves %i in the cache and %i on the platter', async (effect, cached, durable) => {
    const { disk, file } = await fileOn({}, `dsync-write@1 ${effect}`, 'dsync');
    symbolOf(await file.write([bytes(10)], 0));
    expect([disk.readFile('/f')?.[0], disk.crash('none').readFile('/f')?.[0]]).toEqual([cached, durable]);
  });

  it('flips a bit in one read, or for good', async () => {
    const { disk, file } = await fileOn({}, 'read@1 flip(9); read@3 rot(0)');
    const seen: number[][] = [];
    for (let call = 0; call < 4; call += 1) {
      const into = new Uint8Array(2);
      (await file.read(into, 0))._unsafeUnwrap();
      seen.push([...into]);
    }
    expect(seen).toEqual([[1, 3], [1, 1], [0, 1], [0, 1]]);
    expect(disk.crash('none').readFile('/f')?.[0]).toBe(0);
  });

  it('lies about writes, names and locks', async () => {
    const { disk, file } = await fileOn({}, 'write|truncate|rename|unlink|mkdir|lock@1+ lie');
    expect((await file.write([bytes(10)], 0))._unsafeUnwrap()).toBe(10);
    for (const result of [await file.truncate(0), await disk.rename('/f', '/g'), await disk.unlink('/f'), await disk.makeDirectory('/d')]) expect(result.isOk()).toBe(true);
    expect((await file.tryLock())._unsafeUnwrap()).toEqual({ kind: 'acquired' });
    expect(disk.files()).toEqual(['/f']);
    expect(disk.readFile('/f')).toEqual(bytes(100, 1));
  });

  it('needs a free handle to list a directory, as to open anything', async () => {
    const { disk, file } = await fileOn({ handlesMax: 1 }, '');
    expect([symbolOf(await disk.open('/f', 'read')), symbolOf(await disk.readDirectory('/'))]).toEqual(['fd-exhausted', 'fd-exhausted']);
    expect((await done(disk.stat('/f'))).bytes).toBe(100);
    await done(file.close());
    expect(await done(disk.readDirectory('/'))).toEqual(['f']);
  });

  it('runs out of handles, and goes read-only, for good', async () => {
    const { disk, file } = await fileOn({}, 'open@2 handles(1); stat@1 read-only');
    const second = await open(disk, '/f', 'read');
    expect(symbolOf(await disk.open('/f', 'read'))).toBe('fd-exhausted');
    (await second.close())._unsafeUnwrap();
    expect(symbolOf(await disk.open('/f', 'read'))).toBe('fd-exhausted');
    disk.setHandlesMax(10);
    await done(disk.stat('/f'));
    const refused = [await file.write([bytes(1)], 0), await file.truncate(0), await disk.unlink('/f'), await disk.rename('/f', '/g'), await disk.open('/g', 'create'), await disk.open('/f', 'write'), await disk.makeDirectory('/d')];
    expect(new Set(refused.map(symbolOf))).toEqual(new Set(['read-only-fs']));
    expect(symbolOf(await disk.open('/f', 'read'))).toBe('ok');
    disk.setReadOnly(false);
    expect(symbolOf(await file.write([bytes(1)], 0))).toBe('ok');
  });

  it('hangs for ever, and a handle with a hung call is never given back', async () => {
    const { disk, file } = await fileOn({}, 'sync@1 hang');
    (await file.tryLock())._unsafeUnwrap();
    expect(await settles(file.sync())).toBe(false);
    expect(await settles(file.close())).toBe(false);
    disk.release();
    expect([disk.openPaths, disk.hungCalls, disk.heldCalls]).toEqual([['/f'], 1, 0]);
    const other = await open(disk, '/f', 'write');
    expect((await other.tryLock())._unsafeUnwrap().kind).toBe('held');
    expect(disk.processCrash().openHandles).toBe(0);
  });

  it.each([['first', 7], ['last', 1]])('answers late, with the work done %s', async (when, meanwhile) => {
    const { disk, file } = await fileOn({}, `write@1 late(${when})`);
    const written = file.write([bytes(10)], 0);
    expect(await settles(written)).toBe(false);
    expect(disk.readFile('/f')?.[0]).toBe(meanwhile);
    const closed = file.close();
    expect(await settles(closed)).toBe(false);
    disk.release();
    expect((await written)._unsafeUnwrap()).toBe(10);
    expect((await closed).isOk()).toBe(true);
    expect(disk.readFile('/f')?.[0]).toBe(7);
    expect(disk.openHandles).toBe(0);
  });

  it('halts: nothing is done and nothing answers, and a power cut shows what was there', async () => {
    const { disk, file } = await fileOn({}, 'sync@1 halt');
    (await file.write([bytes(10)], 0))._unsafeUnwrap();
    expect(disk.halted).toBe(false);
    expect(await settles(file.sync())).toBe(false);
    await disk.whenHalted;
    expect(await settles(disk.unlink('/f'))).toBe(false);
    expect(disk.crash('none').readFile('/f')).toEqual(bytes(100, 1));
  });

  it('halts after as many calls as it may have', async () => {
    const disk = new SimulatedDisk({ callsMax: 3 });
    for (let call = 0; call < 3; call += 1) await done(disk.stat('/'));
    expect([disk.halted, await settles(disk.stat('/')), disk.halted]).toEqual([false, false, true]);
  });

  it('halts after a call: its work is done, and it has no answer', async () => {
    const { disk, file } = await fileOn({}, 'sync@1 done-then-halt');
    (await file.write([bytes(10)], 0))._unsafeUnwrap();
    expect(await settles(file.sync())).toBe(false);
    expect([disk.halted, disk.crash('none').readFile('/f')?.[0]]).toEqual([true, 7]);
  });

  it('finds a rename by its old and by its new name', async () => {
    for (const faults of ['rename(/f)@1 fail(io)', 'rename(/g)@1 fail(io)']) {
      const { disk } = await fileOn({}, faults);
      expect(symbolOf(await disk.rename('/f', '/g'))).toBe('io');
      expect(disk.files()).toEqual(['/f']);
    }
  });

  it('gives a handle back whose open was answered by a failure, and one whose close was', async () => {
    const { disk, file } = await fileOn({}, 'create@1 done-then-fail(io); close@1 fail(io)');
    expect(symbolOf(await disk.open('/new', 'create'))).toBe('io');
    expect(disk.files()).toContain('/new');
    expect(disk.openPaths).toEqual(['/f']);
    expect(symbolOf(await file.close())).toBe('io');
    expect(disk.openHandles).toBe(0);
  });

  it('knows the calls of a handle by the name its file has now', async () => {
    const { disk, file } = await fileOn({}, 'write(/f)@1+ fail(io)');
    await done(disk.rename('/f', '/g'));
    expect(await done(file.write([bytes(1)], 0))).toBe(1);
    await done(disk.rename('/g', '/f'));
    expect(symbolOf(await file.write([bytes(1)], 0))).toBe('io');
    expect([disk.trace.at(-3), disk.trace.at(-2)]).toEqual(['#3 write /g at 0 (1 bytes): ok', '#4 rename /g to /f: ok']);
    expect(file.path).toBe('/f');
  });

  it('shows its last calls', async () => {
    const { disk, file } = await fileOn({}, 'write@1 fail(quota)');
    expect(symbolOf(await file.write([bytes(10)], 5))).toBe('quota');
    await done(file.sync());
    expect(disk.trace).toEqual(['#1 open /f: ok', '#2 write /f at 5 (10 bytes): UNKNOWN [fail]', '#3 sync /f: ok']);
    for (let call = 0; call < 300; call += 1) await done(file.stat());
    expect([disk.trace.length, disk.trace[0], disk.trace.at(-1)]).toEqual([256, '#48 stat /f: ok', '#303 stat /f: ok']);
    expect(disk.calls).toBe(303);
    const whole = await fileOn({ traceCallsMax: Infinity }, '');
    for (let call = 0; call < 300; call += 1) await done(whole.file.stat());
    expect(whole.disk.trace.length).toBe(301);
  });

  it('counts what went wrong by operation and sign, injected or by its limits, and no ordinary refusal', async () => {
    const { disk, file } = await fileOn({}, 'write@1 fail(quota); write@2 short(5,io); sync@1 fail-sync(poison,io); read@1 flip(3); stat@1 late(last); unlink@1 done-then-fail(io); create@1 halt');
    for (let call = 0; call < 3; call += 1) await file.write([bytes(10)], 0).then(symbolOf);
    expect(symbolOf(await file.sync())).toBe('io');
    await done(file.read(bytes(10), 0));
    const late = file.stat();
    disk.release();
    await done(late);
    expect(symbolOf(await disk.unlink('/f'))).toBe('io');
    expect(symbolOf(await disk.unlink('/f'))).toBe('not-found');
    disk.setCapacity(0);
    expect(symbolOf(await file.write([bytes(10)], 9000))).toBe('no-space');
    expect(await settles(disk.open('/g', 'create'))).toBe(false);
    expect(disk.faultCounts).toEqual({
      write: { quota: 1, short: 1, io: 1, 'no-space': 1 },
      sync: { io: 1, poison: 1 },
      read: { flip: 1 },
      stat: { late: 1 },
      unlink: { io: 1, 'done-then-fail': 1 },
      create: { halt: 1 },
    });
  });

  it('counts its changes: a call that changes nothing, or is refused, is none', async () => {
    const { disk, file } = await fileOn({}, 'write@1 fail(io)');
    const before = disk.changes;
    expect(symbolOf(await file.write([bytes(1)], 0))).toBe('io');
    expect(symbolOf(await disk.unlink('/none'))).toBe('not-found');
    await done(file.sync());
    await done(file.read(bytes(1), 0));
    await done(disk.readDirectory('/'));
    expect(disk.changes).toEqual(before);
    await done(file.write([bytes(1)], 0));
    await done(file.truncate(3));
    await done(disk.rename('/f', '/g'));
    await done(disk.unlink('/g'));
    expect(disk.changes).toEqual({ bytes: before.bytes + 2, names: before.names + 1, removals: before.removals + 1 });
  });
});

describe('SimulatedDisk: processes, watching, order', () => {
  it('is one disk for two processes with locks of their own; the death of one gives its locks back', async () => {
    const disk = new SimulatedDisk({ pid: 10 });
    const other = disk.otherProcess(20);
    expect(await other.bootId()).toBe(await disk.bootId());
    const [first, second] = [await open(disk, '/', 'directory'), await open(other, '/', 'directory')];
    expect((await first.tryLock())._unsafeUnwrap()).toEqual({ kind: 'acquired' });
    expect((await second.tryLock())._unsafeUnwrap()).toEqual({ kind: 'held', pid: 10 });
    (await (await open(disk, '/f')).write([bytes(10)], 0))._unsafeUnwrap();
    expect(other.readFile('/f')).toEqual(bytes(10));
    disk.kill();
    expect(await settles(disk.stat('/f'))).toBe(false);
    expect([disk.openHandles, other.openHandles]).toEqual([0, 1]);
    expect((await second.tryLock())._unsafeUnwrap()).toEqual({ kind: 'acquired' });
  });

  it('tells watchers of a file and of its directory, once for many changes, until they stop', async () => {
    const { disk, file } = await fileOn({}, '');
    const told = { file: 0, directory: 0 };
    const stops = [
      disk.watch('/f', () => (told.file += 1))._unsafeUnwrap(),
      disk.watch('/', () => (told.directory += 1))._unsafeUnwrap(),
    ];
    expect(symbolOf(disk.watch('/none', () => undefined))).toBe('not-found');
    await Promise.all([done(file.write([bytes(1)], 0)), done(file.write([bytes(1)], 1))]);
    expect(told).toEqual({ file: 1, directory: 1 });
    await open(disk, '/g');
    await done(file.truncate(0));
    await settles(Promise.resolve());
    expect(told).toEqual({ file: 2, directory: 3 });
    for (const stop of stops) stop();
    await done(file.write([bytes(1)], 0));
    expect([told, disk.watcherCount]).toEqual([{ file: 2, directory: 3 }, 0]);
  });

  it('lets a schedule choose the order in which calls are carried out', async () => {
    const waiting = new Map<string, () => void>();
    const disk = new SimulatedDisk({ schedule: (label, run) => waiting.set(label, run) });
    disk.writeFile('/a', bytes(1))._unsafeUnwrap();
    const answers: string[] = [];
    const done = [disk.unlink('/a').then(() => answers.push('unlink')), disk.rename('/a', '/b').then(() => answers.push('rename'))];
    waiting.get('rename /a')?.();
    waiting.get('unlink /a')?.();
    await Promise.all(done);
    expect(answers).toEqual(['rename', 'unlink']);
    expect(disk.files()).toEqual(['/b']);
  });

  it('works with the scheduler of fast-check, which finds both orders', async () => {
    const orders = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const disk = new SimulatedDisk({
          schedule: (label, run) => {
            scheduler.schedule(Promise.resolve(), label).then(run, run);
          },
        });
        disk.writeFile('/a', bytes(1))._unsafeUnwrap();
        const calls = Promise.all([disk.unlink('/a'), disk.rename('/a', '/b')]).then((answers) => answers.map(symbolOf).join());
        orders.add(await scheduler.waitFor(calls));
      }),
      { numRuns: 40 },
    );
    expect(orders).toEqual(new Set(['ok,not-found', 'not-found,ok']));
  });

  it('carries calls out in an order that follows from a seed, each in a turn of its own', async () => {
    const orderOf = async (seed: number): Promise<string> => {
      const clock = new SimulatedClock();
      const order: string[] = [];
      const disk = new SimulatedDisk({ schedule: shuffledSchedule(clock, seededRandom(seed)) });
      for (const path of ['/a', '/b', '/c']) disk.stat(path).then(() => order.push(path), () => undefined);
      await clock.settle();
      disk.stat('/d').then(() => order.push('/d'), () => undefined);
      await clock.settle();
      return order.join('');
    };
    const orders = await Promise.all(Array.from({ length: 60 }, (_, seed) => orderOf(seed)));
    expect(orders).toEqual(await Promise.all(Array.from({ length: 60 }, (_, seed) => orderOf(seed))));
    expect(new Set(orders)).toEqual(new Set(['/a/b/c/d', '/a/c/b/d', '/b/a/c/d', '/b/c/a/d', '/c/a/b/d', '/c/b/a/d']));
  });

  it('answers in a later reaction, never inside the call', async () => {
    const disk = new SimulatedDisk();
    let answered = false;
    const call = disk.stat('/').then(() => (answered = true));
    expect(answered).toBe(false);
    await call;
  });

  it('shows a listener each call before it is carried out, so that every state between two can be cut', async () => {
    const disk = new SimulatedDisk();
    const images: number[] = [];
    disk.beforeCall = ({ number, operation }) => {
      if (operation !== 'close') images[number] = disk.crash('all').files().length;
    };
    const a = await open(disk, '/a');
    await open(disk, '/b');
    await done(disk.unlink('/a'));
    await done(a.close());
    expect(images.slice(1)).toEqual([0, 1, 2]);
  });

  it('stamps files with the time it is given', async () => {
    let now = 5;
    const disk = new SimulatedDisk({ now: () => now });
    const file = await open(disk, '/f');
    now = 9;
    await done(file.write([bytes(1)], 0));
    expect((await disk.stat('/f'))._unsafeUnwrap()).toMatchObject({ modifiedAt: 9, links: 1, bytes: 1, kind: 'file' });
  });
});
