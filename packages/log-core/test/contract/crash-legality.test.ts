/**
 * The simulated disk against a second, slower model of what a loss of power may leave: for each byte the set
 * of values it may have, for each name the set of files it may lead to. A disk that loses what a sync
 * promised, or shows what was never written, is caught here and not in the tests that stand on it.
 */
import { describe, expect, it } from 'vitest';
import type { FileHandle } from '../../src/ports/file-system.js';
import { seededRandom, type Random } from '../../src/testing/random.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';

const FILE_BYTES_MAX = 14_000;
const HISTORIES = 150;
const CRASHES = 12;

type Change = { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array } | { readonly kind: 'truncate'; readonly size: number };

/** What programs see; what is known for certain; and in order what is not. */
interface FileModel {
  cache: Uint8Array;
  durable: Uint8Array;
  pending: Change[];
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(size);
  result.set(bytes.subarray(0, size));
  return result;
}

function applied(bytes: Uint8Array, change: Change): Uint8Array {
  if (change.kind === 'truncate') return resized(bytes, change.size);
  const result = resized(bytes, Math.max(bytes.byteLength, change.position + change.bytes.byteLength));
  result.set(change.bytes, change.position);
  return result;
}

const isEqual = (one: Uint8Array | null, other: Uint8Array): boolean => one !== null && Buffer.compare(one, other) === 0;

function randomChange(random: Random): Change {
  if (random.chance(0.15)) return { kind: 'truncate', size: random.below(FILE_BYTES_MAX) };
  const bytes = new Uint8Array(random.pick([1, 40, 511, 513, 3000, 5000]));
  // Some of the bytes are zeros, for a disk may treat those in its own way.
  if (random.chance(0.8)) random.fill(bytes);
  return { kind: 'write', position: random.below(FILE_BYTES_MAX - bytes.byteLength), bytes };
}

async function carryOut(handle: FileHandle, change: Change): Promise<void> {
  if (change.kind === 'truncate') (await handle.truncate(change.size))._unsafeUnwrap();
  else expect((await handle.write([change.bytes.subarray(0, 7), change.bytes.subarray(7)], change.position))._unsafeUnwrap()).toBe(change.bytes.byteLength);
}

/** Writes, cuts and syncs at random; answers the disk and what the model knows of it. */
async function history(random: Random): Promise<{ disk: SimulatedDisk; model: FileModel }> {
  const disk = new SimulatedDisk({ seed: random.uint32() });
  const earlier = new Uint8Array(5000).fill(0xee);
  disk.writeFile('/earlier', earlier)._unsafeUnwrap();
  disk.writeFile('/file', new Uint8Array(0))._unsafeUnwrap();
  (await disk.unlink('/earlier'))._unsafeUnwrap();
  const handle = (await disk.open('/file', 'write'))._unsafeUnwrap();
  const through = (await disk.open('/file', 'dsync'))._unsafeUnwrap();
  const model: FileModel = { cache: new Uint8Array(0), durable: new Uint8Array(0), pending: [] };
  for (let step = 2 + random.below(12); step > 0; step -= 1) {
    if (random.chance(0.2)) {
      (await handle.sync())._unsafeUnwrap();
      model.durable = model.cache;
      model.pending = [];
      continue;
    }
    const change = randomChange(random);
    const isDurable = change.kind === 'write' && random.chance(0.2);
    await carryOut(isDurable ? through : handle, change);
    model.cache = applied(model.cache, change);
    if (isDurable) writeThrough(model, change);
    else model.pending.push(change);
    expect(isEqual(disk.readFile('/file'), model.cache)).toBe(true);
  }
  return { disk, model };
}

/** A durable write takes older cuts along, and older writes may no longer reach its range. */
function writeThrough(model: FileModel, change: Change & { kind: 'write' }): void {
  const end = change.position + change.bytes.byteLength;
  let older: Change[] = [];
  for (const pending of model.pending) {
    if (pending.kind === 'write') {
      older.push(pending);
      continue;
    }
    if (pending.size < model.durable.byteLength) model.durable = resized(model.durable, pending.size);
    older = older.flatMap((write) => (write.kind === 'write' && write.position < pending.size ? [part(write, 0, pending.size)] : []));
  }
  model.pending = older.flatMap((write) =>
    write.kind === 'write' ? [part(write, 0, change.position), part(write, end, Infinity)].filter((left) => left.bytes.byteLength > 0) : [],
  );
  model.durable = applied(model.durable, change);
}

function part(write: Change & { kind: 'write' }, from: number, to: number): Change & { kind: 'write' } {
  const start = Math.max(from, write.position);
  const end = Math.max(start, Math.min(to, write.position + write.bytes.byteLength));
  return { kind: 'write', position: start, bytes: write.bytes.subarray(start - write.position, end - write.position) };
}

/** The first byte that no loss of power could leave, with why; null where all is well. */
function illegalByte(image: Uint8Array, { durable, pending }: FileModel, garbage: boolean): string | null {
  const cuts = pending.flatMap((change) => (change.kind === 'truncate' ? [change.size] : []));
  const ends = pending.map((change) => (change.kind === 'truncate' ? change.size : change.position + change.bytes.byteLength));
  if (image.byteLength < Math.min(durable.byteLength, ...cuts)) return `shorter than what was durable: ${image.byteLength}`;
  if (image.byteLength > Math.max(durable.byteLength, ...ends)) return `longer than anything written: ${image.byteLength}`;
  for (const [position, value] of image.entries()) {
    const isDurable = position < durable.byteLength;
    if (isDurable && durable[position] === value) continue;
    if (pending.some((change) => change.kind === 'write' && change.bytes[position - change.position] === value)) continue;
    const mayBeHole = !isDurable || cuts.some((size) => size <= position);
    if (mayBeHole && (value === 0 || garbage)) continue;
    return `byte ${position} is ${value}, durable ${durable[position] ?? 'nothing'}`;
  }
  return null;
}

/** Whether the image is what the first changes leave, the next one torn anywhere. */
function isPrefix(image: Uint8Array, { durable, pending }: FileModel): boolean {
  let before = durable;
  for (const change of pending) {
    if (isEqual(image, before)) return true;
    const after = applied(before, change);
    if (change.kind === 'write') {
      let torn = 0;
      while (torn < change.bytes.byteLength && image[change.position + torn] === change.bytes[torn]) torn += 1;
      if (torn > 0 && isEqual(image, applied(before, part(change, change.position, change.position + torn)))) return true;
    }
    before = after;
  }
  return isEqual(image, before);
}

describe('SimulatedDisk.crash: bytes', () => {
  it('always leaves what the second model allows', async () => {
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      const random = seededRandom(seed);
      const { disk, model } = await history(random);
      const imageOf = (profile: Parameters<SimulatedDisk['crash']>[0]): Uint8Array => disk.crash(profile, random).readFile('/file') ?? new Uint8Array(0);
      const at = `seed ${seed}`;
      expect(isEqual(imageOf('none'), model.durable), at).toBe(true);
      expect(illegalByte(imageOf('all'), model, false), at).toBeNull();
      for (let crash = 0; crash < CRASHES; crash += 1) {
        expect(illegalByte(imageOf({ data: 'subset', exposed: 'zeros' }), model, false), at).toBeNull();
        expect(illegalByte(imageOf({ data: 'subset', exposed: 'garbage' }), model, true), at).toBeNull();
        expect(isPrefix(imageOf('prefix'), model), at).toBe(true);
      }
      // Looking leaves the disk as it was.
      expect(isEqual(disk.readFile('/file'), model.cache), at).toBe(true);
      expect(isEqual(disk.readDurable('/file'), model.durable), at).toBe(true);
    }
  });

  it('shows many different states, in order to be worth looking at', async () => {
    const random = seededRandom(7);
    const disk = new SimulatedDisk();
    disk.writeFile('/file', new Uint8Array(0))._unsafeUnwrap();
    const handle = (await disk.open('/file', 'write'))._unsafeUnwrap();
    for (let index = 0; index < 4; index += 1) expect((await handle.write([new Uint8Array(1000).fill(index + 1)], index * 1000))._unsafeUnwrap()).toBe(1000);
    const seen = { subset: new Set<number>(), prefix: new Set<number>() };
    for (let crash = 0; crash < 400; crash += 1) {
      seen.subset.add(disk.crash('subset', random).imageHash());
      seen.prefix.add(disk.crash('prefix', random).imageHash());
    }
    expect(seen.subset.size).toBeGreaterThan(50);
    expect(seen.prefix.size).toBeGreaterThan(200);
    expect(new Set([disk.imageHash(), disk.crash('none', random).imageHash(), disk.crash('none', random).imageHash()]).size).toBe(1);
  });
});

describe('SimulatedDisk.crash: names', () => {
  /** Creates, renames, unlinks and syncs at random; each state of the names since the last sync, oldest first. */
  async function nameHistory(random: Random): Promise<{ disk: SimulatedDisk; states: string[][] }> {
    const disk = new SimulatedDisk({ seed: random.uint32() });
    (await disk.makeDirectory('/log'))._unsafeUnwrap();
    (await (await disk.open('/', 'directory'))._unsafeUnwrap().sync())._unsafeUnwrap();
    const directory = (await disk.open('/log', 'directory'))._unsafeUnwrap();
    const now = (): string[] => disk.files();
    let states = [now()];
    for (let step = 2 + random.below(12); step > 0; step -= 1) {
      const [one, other] = [`/log/${random.below(5)}`, `/log/${random.below(5)}`];
      const choice = random.below(5);
      if (choice === 0) {
        (await directory.sync())._unsafeUnwrap();
        states = [];
      } else if (choice === 1) {
        (await disk.unlink(one)).unwrapOr(undefined);
      } else if (choice === 2) {
        (await disk.rename(one, other)).unwrapOr(undefined);
      } else {
        const created = await disk.open(one, 'create');
        if (created.isOk()) (await created.value.close())._unsafeUnwrap();
      }
      states.push(now());
    }
    return { disk, states };
  }

  it('always leaves what was synced, and in a journal’s order', async () => {
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      const random = seededRandom(seed);
      const { disk, states } = await nameHistory(random);
      const at = `seed ${seed}`;
      const namesOf = (names: 'none' | 'all' | 'journaling' | 'ext4-like' | 'posix-weak'): string[] => disk.crash({ data: 'all', names }, random).files();
      expect(namesOf('none'), at).toEqual(states[0]);
      expect(namesOf('all'), at).toEqual(states.at(-1));
      for (let crash = 0; crash < CRASHES; crash += 1) {
        expect(states, at).toContainEqual(namesOf('journaling'));
        expect(states, at).toContainEqual(namesOf('ext4-like'));
        // A name is there only where it once was, and is gone only where it once was missing.
        const weak = new Set(namesOf('posix-weak'));
        for (const name of new Set(states.flat())) {
          const legal = weak.has(name) ? states.some((state) => state.includes(name)) : states.some((state) => !state.includes(name));
          expect(legal, `${at}: ${name}`).toBe(true);
        }
      }
    }
  });
});
