/**
 * A stretch of a file in memory, refilled as reading goes on. Unless it is told to reuse its buffer, every fill
 * gets a new one: views of the old one may have been handed out, and those bytes are never reused.
 */
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure } from '../model/io-failure.js';
import { MIB, type ByteCount, type Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { readFully } from './side-file.js';

/** A buffer beyond that is made only where the file has so many bytes: a damaged length may claim a gigabyte. */
const TRUSTED_BYTES = MIB;

/** @internal */
export class ReadWindow {
  readonly #reuse: boolean;
  bytes: Uint8Array = new Uint8Array(0);
  /** Position in the file of the first byte. */
  start: Position = 0;
  #length = 0;

  constructor(reuse: boolean) {
    this.#reuse = reuse;
  }

  /** Position behind the last byte that is in memory. */
  get end(): Position {
    return this.start + this.#length;
  }

  /** Whether `count` bytes at `position` are in memory. */
  has(position: Position, count: ByteCount): boolean {
    return position >= this.start && position + count <= this.end;
  }

  /** Forgets what is in memory. */
  clear(): void {
    this.#length = 0;
    this.start = 0;
    if (!this.#reuse) this.bytes = new Uint8Array(0);
  }

  /** Reads from `position` on, at least `need` and preferably `prefer` bytes; fewer only at the file's end. */
  async fill(handle: FileHandle, position: Position, need: ByteCount, prefer: ByteCount): Promise<Result<void, IoFailure>> {
    let size = Math.max(need, prefer);
    if (size > TRUSTED_BYTES) {
      const facts = await handle.stat();
      if (facts.isErr()) return err(facts.error);
      size = Math.min(size, Math.max(0, facts.value.bytes - position));
    }
    const target = this.#reuse && this.bytes.byteLength >= size ? this.bytes.subarray(0, size) : new Uint8Array(size);
    const read = await readFully(handle, target, position);
    if (read.isErr()) return err(read.error);
    if (!this.#reuse || target.byteLength > this.bytes.byteLength || this.bytes.byteLength === 0) this.bytes = target;
    this.start = position;
    this.#length = read.value;
    return ok(undefined);
  }
}
