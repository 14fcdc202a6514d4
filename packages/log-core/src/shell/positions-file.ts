/**
 * Consumers' committed positions: two slots a consumer, overwritten in turn and synced, so that a commit needs no
 * space once the consumer is known, and a torn or lost one leaves an earlier commit, never a later. Commits that come
 * while one is synced share the next sync. After a failed sync the file is replaced by a new one; a write that found no
 * room is tried again, for the slot before it is whole.
 */
import { err, ok, type Result } from 'neverthrow';
import { areSoundPositionSlots, decodePositionSlot, encodePositionSlot, POSITION_SLOT_BYTES } from '../codec/position-slot.js';
import { pressureOf, type Pressure } from '../decide/failure-policy.js';
import { SIDE_FILES } from '../decide/file-names.js';
import type { ConsumerStatus } from '../model/api.js';
import type { IoFailure } from '../model/io-failure.js';
import { MIB, type Offset } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { pathIn, type LogContext } from './context.js';
import { isNameUnproven, readSideFile, replaceSideFile } from './side-file.js';
import { writeWhole } from './write-whole.js';

type Written = Result<void, IoFailure>;

interface Known {
  readonly name: string;
  /** Which pair of slots is the consumer's. */
  readonly pair: number;
  sequence: number;
  /** What is durable; null: nothing, or forgotten. */
  committed: Offset | null;
  /** What is to become durable; undefined: nothing new. */
  wanted: Offset | null | undefined;
  /** A commit of it is on its way to the disk. */
  isUnderWay: boolean;
  /** Its next slot may have been written by a commit that was refused in the end: it is written anew before the file is synced again. */
  isUncertain: boolean;
}

/** A position that is to become durable; null: forgotten. */
interface Wanted {
  readonly known: Known;
  readonly offset: Offset | null;
}

const FILE_BYTES_MAX = 64 * MIB;
const PAIR_BYTES = 2 * POSITION_SLOT_BYTES;

/** @internal */
export class PositionsFile {
  readonly #ctx: LogContext;
  readonly #byName = new Map<string, Known>();
  /** Asked when there is no room for a commit: gives up what is kept for such times, and says whether there was anything. */
  onFull: (why: Pressure) => Promise<boolean> = () => Promise.resolve(false);
  #pairs = 0;
  /** Pairs that the file has on disk already: overwriting them takes no space. */
  #filePairs = 0;
  #handle: FileHandle | null = null;
  #usable = false;
  /** False while the file was only read: another process may have left it in the page cache alone. */
  #durable = false;
  #round: Promise<ReadonlyMap<Known, Written>> | null = null;
  /** Why the file could not be read; null once it was. */
  #unread: IoFailure | null = null;
  #loading: Promise<Written> | null = null;

  constructor(ctx: LogContext) {
    this.#ctx = ctx;
  }

  /** Reads what is there. A slot that is not whole does not count. */
  async load(): Promise<Written> {
    const bytes = await readSideFile(this.#ctx, SIDE_FILES.positions, FILE_BYTES_MAX, (found) => areSoundPositionSlots(found, this.#ctx.crc32c));
    this.#unread = bytes.isErr() ? bytes.error : null;
    if (bytes.isErr()) return err(bytes.error);
    if (bytes.value === null) return ok(undefined);
    this.#pairs = Math.ceil(bytes.value.byteLength / PAIR_BYTES);
    this.#filePairs = this.#pairs;
    this.#usable = true;
    for (let pair = 0; pair < this.#pairs; pair += 1) this.#loadPair(bytes.value, pair);
    return ok(undefined);
  }

  /** To be asked before anything else: what could not be read while opening is tried again, for no position is given up. */
  ready(): Promise<Written> {
    if (this.#unread === null) return Promise.resolve(ok(undefined));
    this.#loading ??= this.load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /** Registered consumers with their durable positions, by name. */
  get consumers(): ConsumerStatus[] {
    const list: ConsumerStatus[] = [];
    for (const { name, committed } of this.#byName.values()) if (committed !== null) list.push({ name, position: committed });
    return list.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Where nothing is known of consumers, one of them may stand at the very beginning. */
  get slowest(): Offset | null {
    if (this.#unread !== null) return 0;
    let slowest: Offset | null = null;
    for (const { committed } of this.#byName.values()) {
      if (committed !== null && (slowest === null || committed < slowest)) slowest = committed;
    }
    return slowest;
  }

  position(name: string): Offset | null {
    return this.#byName.get(name)?.committed ?? null;
  }

  /** Whether there is anything to forget: a position, or a commit that is under way or may be in the file though it was refused. */
  isKnown(name: string): boolean {
    const known = this.#byName.get(name);
    return known !== undefined && !isFree(known);
  }

  /** Makes `offset` (null: forgotten) the consumer's position; resolves when that, or a later one, is durable. */
  async commit(name: string, offset: Offset | null): Promise<Written> {
    const known = this.#byName.get(name) ?? this.#add(name);
    known.wanted = offset;
    // A round under way may have begun before this commit: the next one takes it.
    if (this.#round !== null) await this.#round.then(() => undefined);
    this.#round ??= this.#writeWanted().finally(() => {
      this.#round = null;
    });
    const results = await this.#round;
    return results.get(known) ?? ok(undefined);
  }

  /** Closes the file behind every commit that was entered. */
  async close(): Promise<void> {
    while (this.#round !== null) await this.#round.then(() => undefined);
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) await this.#ctx.pool.close(handle);
  }

  #loadPair(file: Uint8Array, pair: number): void {
    const slots = [0, 1].map((i) => decodePositionSlot(file, pair * PAIR_BYTES + i * POSITION_SLOT_BYTES, this.#ctx.crc32c));
    const newest = slots.reduce((best, slot) => (slot !== null && (best === null || slot.sequence > best.sequence) ? slot : best), null);
    if (newest === null) return;
    const other = this.#byName.get(newest.name);
    if (other !== undefined && other.sequence >= newest.sequence) return;
    this.#byName.set(newest.name, { name: newest.name, pair, sequence: newest.sequence, committed: newest.offset, wanted: undefined, isUnderWay: false, isUncertain: false });
  }

  #add(name: string): Known {
    // Until what was read is durable it may have to be written once more as it is: no pair changes hands before.
    const free = this.#durable ? [...this.#byName.values()].find(isFree) : undefined;
    if (free !== undefined) this.#byName.delete(free.name);
    const added: Known = { name, pair: free?.pair ?? this.#pairs, sequence: free?.sequence ?? 0, committed: null, wanted: undefined, isUnderWay: false, isUncertain: false };
    if (free === undefined) this.#pairs += 1;
    this.#byName.set(name, added);
    return added;
  }

  async #writeWanted(): Promise<ReadonlyMap<Known, Written>> {
    const wanted: Wanted[] = [];
    for (const known of this.#byName.values()) {
      if (known.wanted === undefined && !known.isUncertain) continue;
      wanted.push({ known, offset: known.wanted === undefined ? known.committed : known.wanted });
      known.wanted = undefined;
      known.isUnderWay = true;
    }
    // Who is new needs room: those who need none are not refused for it.
    const there = wanted.filter(({ known }) => known.pair < this.#filePairs);
    const fresh = wanted.filter(({ known }) => known.pair >= this.#filePairs);
    const results = new Map<Known, Written>();
    for (const group of [there, fresh]) {
      if (group.length === 0) continue;
      const written = await this.#save(group);
      for (const { known } of group) {
        known.isUnderWay = false;
        results.set(known, written);
      }
    }
    return results;
  }

  async #save(wanted: readonly Wanted[]): Promise<Written> {
    let written = await this.#put(wanted);
    const why = written.isErr() ? pressureOf(written.error.symbol) : null;
    if (why !== null && (await this.onFull(why))) written = await this.#put(wanted);
    if (written.isErr()) {
      // No room for a write is no verdict on the file.
      if (pressureOf(written.error.symbol) !== null && written.error.operation !== 'sync') return written;
      this.#usable = false;
      await this.#dropHandle();
      return written;
    }
    for (const { known, offset } of wanted) {
      known.sequence += 1;
      known.committed = offset;
      known.isUncertain = false;
    }
    return ok(undefined);
  }

  /**
   * What was only read may be in the page cache alone, the file's name as well: the first commit makes a new file, or,
   * on a full disk, first makes durable what was read.
   */
  async #put(wanted: readonly Wanted[]): Promise<Written> {
    if (!this.#usable) return this.#replace(wanted);
    if (!this.#durable) {
      const replaced = await this.#replace(wanted);
      if (replaced.isOk() || isNameUnproven(replaced.error) || pressureOf(replaced.error.symbol) === null) return replaced;
      const confirmed = await this.#confirm();
      if (confirmed.isErr()) return confirmed;
    }
    return this.#overwrite(wanted);
  }

  /** Writes what was read once more, as it is: a torn write of the same bytes changes nothing. */
  async #confirm(): Promise<Written> {
    this.#handle ??= await this.#open();
    if (this.#handle === null) return ok(undefined);
    for (const { name, pair, sequence, committed } of this.#byName.values()) {
      if (sequence === 0) continue;
      const bytes = encodePositionSlot({ name, sequence, offset: committed }, this.#ctx.crc32c);
      const written = await writeWhole(this.#handle, [bytes], pair * PAIR_BYTES + (sequence % 2) * POSITION_SLOT_BYTES);
      if (written.isErr()) return written;
    }
    const synced = await this.#handle.sync();
    if (synced.isErr()) return synced;
    const named = await this.#ctx.directory.sync();
    this.#durable = named.isOk();
    return named;
  }

  async #overwrite(wanted: readonly Wanted[]): Promise<Written> {
    this.#handle ??= await this.#open();
    const handle = this.#handle;
    if (handle === null) return this.#replace(wanted);
    for (const { known, offset } of wanted) {
      const sequence = known.sequence + 1;
      const bytes = encodePositionSlot({ name: known.name, sequence, offset }, this.#ctx.crc32c);
      // A write that fails may have been done all the same.
      known.isUncertain = true;
      const written = await writeWhole(handle, [bytes], known.pair * PAIR_BYTES + (sequence % 2) * POSITION_SLOT_BYTES);
      if (written.isErr()) return written;
    }
    const synced = await handle.sync();
    if (synced.isOk()) this.#filePairs = Math.max(this.#filePairs, ...wanted.map(({ known }) => known.pair + 1));
    return synced;
  }

  async #replace(wanted: readonly Wanted[]): Promise<Written> {
    const bytes = new Uint8Array(this.#pairs * PAIR_BYTES);
    const offsets = new Map(wanted.map(({ known, offset }) => [known, offset]));
    for (const known of this.#byName.values()) {
      const fresh = offsets.has(known);
      const offset = fresh ? (offsets.get(known) ?? null) : known.committed;
      const sequence = fresh ? known.sequence + 1 : known.sequence;
      bytes.set(encodePositionSlot({ name: known.name, sequence, offset }, this.#ctx.crc32c), known.pair * PAIR_BYTES + (sequence % 2) * POSITION_SLOT_BYTES);
    }
    const replaced = await replaceSideFile(this.#ctx, SIDE_FILES.positions, bytes);
    if (replaced.isErr()) {
      if (isNameUnproven(replaced.error)) {
        this.#usable = false;
        for (const { known } of wanted) known.isUncertain = true;
      }
      return err(replaced.error);
    }
    for (const known of this.#byName.values()) known.isUncertain = false;
    await this.#dropHandle();
    this.#handle = replaced.value;
    this.#filePairs = this.#pairs;
    this.#usable = true;
    this.#durable = true;
    return ok(undefined);
  }

  async #open(): Promise<FileHandle | null> {
    const opened = await this.#ctx.pool.openOwn(pathIn(this.#ctx.dir, SIDE_FILES.positions), 'write');
    return opened.isOk() ? opened.value : null;
  }

  async #dropHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) await this.#ctx.pool.close(handle);
  }
}

/** A pair of slots that another consumer may have: nothing is committed there, nor may be. */
function isFree({ committed, wanted, isUnderWay, isUncertain }: Known): boolean {
  return committed === null && wanted === undefined && !isUnderWay && !isUncertain;
}
