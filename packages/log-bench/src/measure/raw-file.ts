/**
 * The floor under every durable append: one file, synchronous calls, nothing else in the way. What a log adds to this is
 * its price; what it does better, it does by writing ahead or by joining appends.
 */
import { closeSync, constants, fdatasyncSync, fsyncSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { describeLatencies, type Latencies } from '../stats/statistics.js';

/** How a chunk reaches the disk. */
export interface RawMode {
  /** At the end of a growing file, or over blocks that were written and synced before. */
  readonly place: 'growing' | 'overwriting';
  /** Write then fdatasync; one write that syncs (O_DSYNC); no sync at all. */
  readonly sync: 'fdatasync' | 'dsync' | 'none';
}

/** A file never grows beyond this; then it is begun again. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;
/** Blocks written ahead: few for small chunks, which then go round more often. */
const AHEAD_CHUNKS = 4096;
const AHEAD_BYTES_MAX = 64 * 1024 * 1024;
const ZEROS = Buffer.alloc(1024 * 1024);

/** One raw file, and how fast it was so far. */
export class RawFile {
  readonly mode: RawMode;
  readonly #path: string;
  readonly #fd: number;
  readonly #chunk: Buffer;
  readonly #end: number;
  readonly #latencies: number[] = [];
  #position = 0;
  #operations = 0;
  #milliseconds = 0;

  /** Makes the file at `path`, where there must be none; `chunkBytes` are written at a time. */
  constructor(path: string, chunkBytes: number, mode: RawMode) {
    this.mode = mode;
    this.#path = path;
    this.#chunk = Buffer.alloc(chunkBytes, 0x5a);
    const dsync = mode.sync === 'dsync' ? constants.O_DSYNC : 0;
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | dsync, 0o600);
    this.#end = mode.place === 'growing' ? FILE_BYTES_MAX : this.#writeAhead(chunkBytes);
  }

  /** Chunks written so far, per second of measured time. */
  get perSecond(): number {
    return (this.#operations * 1000) / this.#milliseconds;
  }

  /** Microseconds of each write with its sync. */
  get latencies(): Latencies {
    return describeLatencies(this.#latencies);
  }

  /** Writes for about so long, at least once; answers the chunks per second of this time alone. */
  run(milliseconds: number): number {
    const startedAt = performance.now();
    const operationsBefore = this.#operations;
    let before = startedAt;
    while (before - startedAt < milliseconds) {
      this.#writeOne();
      const now = performance.now();
      this.#latencies.push((now - before) * 1000);
      this.#operations += 1;
      before = now;
    }
    this.#milliseconds += before - startedAt;
    // What was left unsynced must not be the next measurement's burden.
    if (this.mode.sync === 'none') fsyncSync(this.#fd);
    return ((this.#operations - operationsBefore) * 1000) / (before - startedAt);
  }

  /** Removes the file. */
  remove(): void {
    closeSync(this.#fd);
    unlinkSync(this.#path);
  }

  #writeOne(): void {
    if (this.#position + this.#chunk.length > this.#end) this.#startAgain();
    writeSync(this.#fd, this.#chunk, 0, this.#chunk.length, this.#position);
    this.#position += this.#chunk.length;
    if (this.mode.sync === 'fdatasync') fdatasyncSync(this.#fd);
  }

  #startAgain(): void {
    this.#position = 0;
    if (this.mode.place === 'growing') ftruncateSync(this.#fd, 0);
  }

  /** Zeros, written and synced. */
  #writeAhead(chunkBytes: number): number {
    const bytes = Math.max(chunkBytes, Math.min(AHEAD_BYTES_MAX, chunkBytes * AHEAD_CHUNKS));
    for (let at = 0; at < bytes; at += ZEROS.length) writeSync(this.#fd, ZEROS, 0, Math.min(ZEROS.length, bytes - at), at);
    fsyncSync(this.#fd);
    return bytes;
  }
}
