/**
 * Tells readers in other processes how far they may read: the latest value only, overwritten in place, one
 * write in flight, never synced and never waited for. Under steady load it is written every ten
 * milliseconds, at once when the log was idle. It is no truth: a foreign boot id makes it worthless.
 */
import { encodeWatermark, WATERMARK_BYTES, type Watermark } from '../codec/watermark.js';
import { SIDE_FILES } from '../decide/file-names.js';
import type { Milliseconds } from '../model/units.js';
import type { Timer } from '../ports/clock.js';
import type { FileHandle } from '../ports/file-system.js';
import { pathIn, warn, type LogContext } from './context.js';

/** @internal */
export type WatermarkFields = Omit<Watermark, 'bootId' | 'sequence'>;

/** The least time between two writes: a reader's delay under load, against a write per commit. */
const PERIOD_MS = 10;

/** @internal */
export class WatermarkFile {
  readonly #ctx: LogContext;
  readonly #bootId: string;
  readonly #read: () => WatermarkFields;
  readonly #bytes = new Uint8Array(WATERMARK_BYTES);
  #handle: FileHandle | null = null;
  #sequence = 0;
  #lastAt: Milliseconds = -Infinity;
  #timer: Timer | null = null;
  #writing = false;
  /** The last write that was begun. */
  #written: Promise<void> = Promise.resolve();
  #dirty = false;
  /** Said once: a disk that cannot take 128 bytes would say it with every commit. */
  #warned = false;
  #closed = false;

  /** `read` gives the value to tell when its write begins. */
  constructor(ctx: LogContext, bootId: string, read: () => WatermarkFields) {
    this.#ctx = ctx;
    this.#bootId = bootId;
    this.#read = read;
  }

  /** Notes that there is something new to tell. */
  note(): void {
    this.#dirty = true;
    if (this.#writing || this.#timer !== null || this.#closed) return;
    const wait = this.#lastAt + PERIOD_MS - this.#ctx.clock.monotonic();
    if (wait <= 0) {
      this.#begin();
      return;
    }
    this.#timer = this.#ctx.clock.setTimer(wait, () => {
      this.#timer = null;
      this.#begin();
    });
  }

  /** Tells the last value and gives everything back. */
  async close(tellLast: boolean): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = null;
    // One that is under way may be opening the file at this moment.
    await this.#written;
    if (tellLast && this.#sequence > 0) await this.#write();
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) await this.#ctx.pool.close(handle);
  }

  get #hasNews(): boolean {
    return this.#dirty && !this.#closed;
  }

  #begin(): void {
    this.#written = this.#write();
    this.#ctx.background.run(this.#written);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    this.#dirty = false;
    this.#lastAt = this.#ctx.clock.monotonic();
    this.#sequence += 1;
    encodeWatermark({ ...this.#read(), bootId: this.#bootId, sequence: this.#sequence }, this.#bytes, this.#ctx.crc32c);
    await this.#writeBytes();
    this.#writing = false;
    if (this.#hasNews) this.note();
  }

  async #writeBytes(): Promise<void> {
    this.#handle ??= await this.#open();
    if (this.#handle === null) return;
    const written = await this.#handle.write([this.#bytes], 0);
    if (written.isErr() && !this.#warned) {
      this.#warned = true;
      warn(this.#ctx, 'telling readers the high watermark', written.error);
    }
  }

  async #open(): Promise<FileHandle | null> {
    const path = pathIn(this.#ctx.dir, SIDE_FILES.watermark);
    const existing = await this.#ctx.pool.openOwn(path, 'write');
    if (existing.isOk()) return existing.value;
    const created = await this.#ctx.pool.openOwn(path, 'create');
    if (created.isOk()) return created.value;
    if (!this.#warned) {
      this.#warned = true;
      warn(this.#ctx, 'telling readers the high watermark', created.error);
    }
    return null;
  }
}
