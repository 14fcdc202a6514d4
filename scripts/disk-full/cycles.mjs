// @ts-check
// The cycles of a disk that is filled and freed: fill until the log is read-only, make room in one of four ways, wait until it takes
// appends again, and compare all that was told with all that can be read. Nothing here knows how the log does it.
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CountingClock } from './counting-clock.mjs';
import { Ledger } from './numbered-values.mjs';
import { allocate, MIB, SmallVolume, whyNoGrowth } from './small-volume.mjs';

/** @typedef {import('@brimlog/log-core').MessageLog} Log */
/** @typedef {Pick<typeof import('@brimlog/log-core').MessageLog, 'open'>} Opener */
/** @typedef {'retention' | 'deleteBefore' | 'other-program' | 'growth'} Way */

/** @type {readonly Way[]} */
export const WAYS = ['retention', 'deleteBefore', 'other-program', 'growth'];

/** So much is left to the log of each volume, so that a fill takes a second and not a minute. */
const ROOM_BYTES = 24 * MIB;
/** What another program takes and gives back, and by how much a volume grows. */
const STEP_BYTES = 8 * MIB;
const PRODUCERS = 8;
const PATIENCE_MS = 20_000;

/** Sizes: xfs cannot be smaller, btrfs not grow below 256 MiB. */
const VOLUME_BYTES = { tmpfs: 32 * MIB, ext4: 48 * MIB, xfs: 300 * MIB, btrfs: 260 * MIB };

/** @type {import('@brimlog/log-core').LogOptions} */
export const CYCLE_OPTIONS = {
  segmentBytesMax: 2 * MIB,
  batchBytesMax: 256 * 1024,
  queueBytesMax: 4 * MIB,
  flushIntervalMs: 50,
  // A consumer that commits nothing holds all of it back: the disk fills although retention would let go.
  retention: { bytes: 6 * MIB, keepUnconsumed: true },
  space: { reserveBytes: 2 * MIB },
};

/** One file system and the log on it, through many cycles. */
export class DiskFullCycles {
  violations = /** @type {string[]} */ ([]);
  ledger = new Ledger();
  /** From room being there to the first acknowledged append, by how it was made. @type {Partial<Record<Way, number[]>>} */
  returnMs = {};
  fills = 0;
  announced = 0;
  /** How often it was told that the log became read-only. */
  fullEvents = 0;
  /** Commits that a full disk refused, and how often one was given up. */
  commitsRefused = 0;
  commitsGivenUp = 0;
  skippedWays = /** @type {string[]} */ ([]);
  #MessageLog;
  #kind;
  #volume;
  #dir;
  #clock = new CountingClock();
  #timers = 0;
  #lowSpace = false;
  #mayGrow = true;
  /** @type {Log} */
  #log;

  /**
   * @param {Opener} MessageLog
   * @param {import('./small-volume.mjs').VolumeKind} kind
   */
  constructor(MessageLog, kind) {
    this.#MessageLog = MessageLog;
    this.#kind = kind;
    this.#volume = new SmallVolume(kind, { bytes: VOLUME_BYTES[kind] });
    this.#dir = join(this.#volume.path, 'log');
    this.#log = /** @type {any} */ (null);
  }

  /** @param {number} cycles */
  async run(cycles) {
    try {
      const noGrowth = whyNoGrowth(this.#volume);
      if (noGrowth !== null) {
        this.#mayGrow = false;
        this.skippedWays.push(noGrowth);
      }
      await this.#begin();
      for (let cycle = 0; cycle < cycles && this.violations.length === 0; cycle += 1) await this.#cycle(cycle);
      await this.#end();
    } finally {
      this.#volume.remove();
    }
  }

  async #begin() {
    if (this.#volume.freeBytes > ROOM_BYTES) allocate(join(this.#volume.path, 'taken-0'), this.#volume.freeBytes - ROOM_BYTES);
    await this.#open();
    const consumer = await this.#log.consumer('slow').commit(0);
    if (consumer.isErr()) this.#violate(`a consumer cannot register: ${consumer.error.message}`);
    await this.ledger.offer(this.#log, 'flushed');
    await sleep(200);
    this.#timers = this.#clock.pending;
  }

  async #open() {
    const opened = await this.#MessageLog.open(this.#dir, { ...CYCLE_OPTIONS, clock: this.#clock });
    if (opened.isErr()) throw new Error(`the log cannot be opened: ${opened.error.message}`);
    this.#log = opened.value;
    this.#log.on('stateChange', ({ from, to }) => {
      if (to === 'low-space') this.#lowSpace = true;
      if (to === 'read-only' && from !== 'read-only') this.fullEvents += 1;
    });
  }

  /** @param {number} cycle */
  async #cycle(cycle) {
    const way = this.#wayOf(cycle);
    const ack = cycle % 2 === 0 ? 'flushed' : 'written';
    const filler = join(this.#volume.path, 'of-another-program');
    if (way === 'other-program') allocate(filler, STEP_BYTES);
    await this.#fill(cycle, ack);
    await this.#whileFull(cycle);
    const freedAt = performance.now();
    await this.#free(way, filler);
    await this.#untilAppended(cycle, way, ack, freedAt);
    for (const problem of await this.ledger.compare(this.#log)) this.#violate(`cycle ${cycle} (${way}): ${problem}`);
    await this.#makeRoom(cycle, way);
    await this.#settled(cycle);
  }

  /** @param {number} cycle @returns {Way} */
  #wayOf(cycle) {
    const ways = this.#mayGrow ? WAYS : WAYS.filter((way) => way !== 'growth');
    return ways[cycle % ways.length] ?? 'deleteBefore';
  }

  /** @param {number} cycle @param {'flushed' | 'written'} ack */
  async #fill(cycle, ack) {
    const fullBefore = this.fullEvents;
    this.#lowSpace = this.#log.status().state === 'low-space';
    let announced = /** @type {boolean | null} */ (null);
    const deadline = performance.now() + PATIENCE_MS;
    const produce = async () => {
      while (this.#log.status().state !== 'read-only') {
        const error = await this.ledger.offer(this.#log, ack);
        if (error === null) {
          if (performance.now() > deadline) return this.#violate(`cycle ${cycle}: the disk is not full after ${PATIENCE_MS} ms`);
          continue;
        }
        announced ??= this.#lowSpace;
        if (error.kind !== 'disk-full') return this.#violate(`cycle ${cycle}: an append failed as ${error.kind}: ${error.message}`);
      }
    };
    await Promise.all(Array.from({ length: PRODUCERS }, produce));
    this.fills += 1;
    if (announced === true) this.announced += 1;
    if (this.fullEvents !== fullBefore + 1) this.#violate(`cycle ${cycle}: ${this.fullEvents - fullBefore} events told of one full disk`);
  }

  /** @param {number} cycle */
  async #whileFull(cycle) {
    for (let i = 0; i < 20; i += 1) {
      const error = await this.ledger.offer(this.#log, 'flushed');
      if (error?.kind !== 'disk-full') return this.#violate(`cycle ${cycle}: an append on a full disk was answered with ${error?.kind ?? 'success'}`);
    }
    const read = await this.#log.read({ from: this.#log.status().logStartOffset });
    if (read.isErr()) this.#violate(`cycle ${cycle}: reading on a full disk failed: ${read.error.message}`);
  }

  /** @param {Way} way @param {string} filler */
  async #free(way, filler) {
    const { logStartOffset, highWatermark } = this.#log.status();
    switch (way) {
      case 'retention':
        return this.#commitOrDelete(highWatermark);
      case 'deleteBefore': {
        const deleted = await this.#log.deleteBefore(Math.floor((logStartOffset + highWatermark) / 2));
        if (deleted.isErr()) this.#violate(`deleteBefore failed: ${deleted.error.message}`);
        return;
      }
      case 'other-program':
        return rmSync(filler);
      case 'growth':
        return this.#volume.grow(STEP_BYTES);
    }
  }

  /**
   * With no spare left a commit may be answered with disk-full (on btrfs overwriting allocates): tried again for a while, and where
   * that does not help the consumer's owner deletes instead.
   * @param {number} offset
   */
  async #commitOrDelete(offset) {
    const deadline = performance.now() + 3_000;
    while (performance.now() < deadline) {
      const committed = await this.#log.consumer('slow').commit(offset);
      if (committed.isOk()) return;
      this.commitsRefused += 1;
      if (committed.error.kind !== 'disk-full') this.#violate(`a commit failed as ${committed.error.kind}: ${committed.error.message}`);
      await sleep(100);
    }
    this.commitsGivenUp += 1;
    const deleted = await this.#log.deleteBefore(offset);
    if (deleted.isErr()) this.#violate(`deleteBefore failed: ${deleted.error.message}`);
  }

  /** @param {number} offset */
  async #commit(offset) {
    const committed = await this.#log.consumer('slow').commit(offset);
    if (committed.isErr()) this.#violate(`a commit failed: ${committed.error.message}`);
  }

  /** @param {number} cycle @param {Way} way @param {'flushed' | 'written'} ack @param {number} freedAt */
  async #untilAppended(cycle, way, ack, freedAt) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const waited = await this.#log.waitUntilWritable({ signal });
    if (waited.isErr()) {
      const { state, reason, space, bytes, segments } = this.#log.status();
      return this.#violate(`cycle ${cycle} (${way}): no return: ${waited.error.kind}; ${JSON.stringify({ state, reason, space, bytes, segments })}`);
    }
    const error = await this.ledger.offer(this.#log, ack);
    if (error === null) (this.returnMs[way] ??= []).push(performance.now() - freedAt);
    else this.#violate(`cycle ${cycle} (${way}): the first append after the return was refused: ${error.kind}: ${error.message}`);
  }

  /** As much room as before the cycle. @param {number} cycle @param {Way} way */
  async #makeRoom(cycle, way) {
    const { highWatermark } = this.#log.status();
    await this.#commit(highWatermark);
    const deleted = await this.#log.runRetention();
    if (deleted.isErr()) this.#violate(`cycle ${cycle}: retention failed: ${deleted.error.message}`);
    // Space that was freed may not be there at once (btrfs); what the volume grew by is taken from it again.
    if (way === 'growth') allocate(join(this.#volume.path, `taken-${cycle + 1}`), STEP_BYTES);
  }

  /** Exactly the timers there were, exactly the handles that are told of, none of a file that is gone. @param {number} cycle */
  async #settled(cycle) {
    const deadline = performance.now() + 3_000;
    let found;
    do {
      await sleep(20);
      const open = this.#openFiles();
      const { handles, state } = this.#log.status();
      found = `${open.length} files open and ${handles.open} told of, ${this.#clock.pending} timers and not ${this.#timers}, ${state} ${open.filter((path) => path.endsWith('(deleted)')).join()}`;
      if (open.length === handles.open && !open.some((path) => path.endsWith('(deleted)')) && this.#clock.pending === this.#timers && state !== 'read-only') return;
    } while (performance.now() < deadline);
    this.#violate(`cycle ${cycle}: not settled: ${found}`);
  }

  async #end() {
    const closed = await this.#log.close();
    if (closed.isErr()) this.#violate(`closing failed: ${closed.error.message}`);
    if (this.#clock.pending !== 0) this.#violate(`${this.#clock.pending} timers are left after closing`);
    if (this.#openFiles().length !== 0) this.#violate(`files are open after closing: ${this.#openFiles().join(', ')}`);
    await this.#open();
    if (!this.#log.recovery.clean) this.#violate('a closed log does not open as clean');
    for (const problem of await this.ledger.compare(this.#log)) this.#violate(`after reopening: ${problem}`);
    const verified = await this.#log.verify();
    if (verified.isErr() || verified.value.problems.length > 0) this.#violate(`verify found ${JSON.stringify(verified)}`);
    await this.#log.close();
  }

  /** The files of the volume that this process has open. */
  #openFiles() {
    return readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const path = readlinkSync(`/proc/self/fd/${fd}`);
        return path.startsWith(this.#volume.path) ? [path] : [];
      } catch {
        return [];
      }
    });
  }

  /** @param {string} what */
  #violate(what) {
    if (this.violations.length < 20) this.violations.push(`${this.#kind}: ${what}`);
  }
}
