/**
 * The spare: the next segment's blocks, written and synced before they are needed, so that a full disk is met
 * here and not by an append. A roll, re-homing and cleanup may spend it. Where overwriting allocates
 * (copy-on-write file systems) it is ballast: unlinking it frees its blocks at once.
 */
import { err, ok, type Result } from 'neverthrow';
import { lastNonZero } from '../codec/zeros.js';
import { SIDE_FILES } from '../decide/file-names.js';
import type { IoFailure } from '../model/io-failure.js';
import { MIB, type ByteCount, type Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { createTemporary, pathIn, removeLeftover, step, unlinkIfThere, warn, type FailedStep, type LogContext } from './context.js';
import { LockScope } from './lock-scope.js';
import { readFully } from './side-file.js';
import { writeWhole } from './write-whole.js';

/** @internal */
export type SpareKind = 'blocks' | 'ballast';

/** @internal */
export interface SpareStatus {
  readonly bytes: ByteCount;
  readonly kind: SpareKind;
}

const ZEROS = new Uint8Array(MIB);

/** @internal */
export class Spare {
  readonly #ctx: LogContext;
  readonly #lock = new LockScope('spare', () => undefined);
  #kind: SpareKind = 'blocks';
  #bytes: ByteCount | null = null;
  /** An earlier opening left it: whether it is blank is looked at when that matters. */
  #isLeftover = false;
  /** No other one is made. */
  #retired = false;
  /** One that was taken and is still called so; `answered` tells whether its leaving is stalled. */
  #leaving: { readonly answered: Promise<IoFailure | null>; readonly answer: (stalled: IoFailure | null) => void } | null = null;

  constructor(ctx: LogContext) {
    this.#ctx = ctx;
  }

  get status(): SpareStatus | null {
    return this.#bytes === null ? null : { bytes: this.#bytes, kind: this.#kind };
  }

  get path(): string {
    return pathIn(this.#ctx.dir, SIDE_FILES.spare);
  }

  get kind(): SpareKind {
    return this.#kind;
  }

  setKind(kind: SpareKind): void {
    this.#kind = kind;
  }

  /**
   * Takes over a spare that an earlier opening left; one without a byte is removed, and so is a second name of one of
   * `segments`, which a crash amid the renaming may leave. `mayRemove` false leaves everything as it is.
   */
  async adopt(mayRemove: boolean, segments: ReadonlySet<string | null>): Promise<void> {
    await this.#lock.run(async () => {
      const facts = await this.#ctx.fs.stat(this.path);
      if (facts.isOk() && facts.value.bytes > 0 && !segments.has(facts.value.identity)) {
        this.#bytes = facts.value.bytes;
        this.#isLeftover = true;
      } else if (mayRemove) await removeLeftover(this.#ctx, this.path);
    });
  }

  /**
   * Makes a spare of `bytes` where there is none: written, synced, named. Its failure is how a full disk is met. One that was
   * taken keeps its name until it is a segment's: another one in its place would become that segment.
   */
  async make(bytes: ByteCount): Promise<Result<void, IoFailure>> {
    for (;;) {
      const stalled = this.#leaving === null ? null : await this.#leaving.answered;
      if (stalled !== null) return err(stalled);
      const made = await this.#lock.run(() => (this.#leaving === null ? this.#make(bytes) : Promise.resolve(null)));
      if (made !== null) return made;
    }
  }

  /**
   * Spends the spare: as a segment that is written from its beginning, behind which only zeros may be, or as a copy that is
   * cut to its own end. Answers the open file with its blocks, or null where there is none, or where it was
   * ballast: then its space is free now. What becomes of the file is to be told by `left`.
   */
  take(as: 'segment' | 'copy'): Promise<Result<{ readonly handle: FileHandle; readonly blocksEnd: Position } | null, FailedStep>> {
    return this.#lock.run(async () => {
      const bytes = this.#bytes;
      if (bytes === null) return ok(null);
      this.#bytes = null;
      if (this.#kind === 'ballast') {
        const removed = await step('make-segment', unlinkIfThere(this.#ctx, this.path));
        return removed.map(() => null);
      }
      const blank = this.#isLeftover && as === 'segment' ? await this.#isBlank(bytes) : ok(true);
      if (blank.isOk() && !blank.value) {
        await removeLeftover(this.#ctx, this.path);
        return ok(null);
      }
      this.#isLeftover = blank.isErr();
      const opened = blank.isErr() ? err(blank.error) : await this.#ctx.pool.openOwn(this.path, 'write');
      if (opened.isOk()) {
        this.#leave();
        return ok({ handle: opened.value, blocksEnd: bytes });
      }
      // Removed by somebody else: then there is none. One that cannot be opened now may be there for the next segment.
      if (opened.error.symbol === 'not-found') return ok(null);
      this.#bytes = bytes;
      warn(this.#ctx, 'spending the spare', opened.error);
      return ok(null);
    });
  }

  /** What was taken has another name now, or is gone; where that is stalled, not before it has answered. */
  left(failure: IoFailure | null): void {
    const late = failure === null ? null : this.#ctx.deadline.lateAnswer(failure);
    this.#leaving?.answer(late === null ? null : failure);
    if (late === null) this.#leaving = null;
    else {
      this.#ctx.background.later(
        late.then(() => {
          this.#leaving = null;
        }),
      );
    }
  }

  #leave(): void {
    let answer = (_stalled: IoFailure | null): void => undefined;
    const answered = new Promise<IoFailure | null>((resolve) => {
      answer = resolve;
    });
    this.#leaving = { answered, answer };
  }

  /** Gives the blocks back to the disk; no other spare is made from then on where `forGood`. */
  release(forGood: boolean): Promise<void> {
    return this.#lock.run(async () => {
      this.#retired = forGood;
      if (this.#bytes === null) return;
      this.#bytes = null;
      await removeLeftover(this.#ctx, this.path);
    });
  }

  async #make(bytes: ByteCount): Promise<Result<void, IoFailure>> {
    if (this.#bytes !== null || this.#retired) return ok(undefined);
    const created = await createTemporary(this.#ctx, 'spare');
    if (created.isErr()) return err(created.error);
    const made = await this.#fill(created.value, bytes);
    await this.#ctx.pool.close(created.value);
    if (made.isErr()) {
      await removeLeftover(this.#ctx, created.value.path);
      return made;
    }
    this.#bytes = bytes;
    this.#isLeftover = false;
    return ok(undefined);
  }

  async #fill(handle: FileHandle, bytes: ByteCount): Promise<Result<void, IoFailure>> {
    for (let at = 0; at < bytes; at += ZEROS.byteLength) {
      const written = await writeWhole(handle, [ZEROS.subarray(0, Math.min(ZEROS.byteLength, bytes - at))], at);
      if (written.isErr()) return written;
    }
    const synced = await handle.sync();
    if (synced.isErr()) return synced;
    return this.#ctx.fs.rename(handle.path, this.path);
  }

  /** Whether it is all zeros: old bytes in it could pass for records of the segment that it becomes. */
  async #isBlank(bytes: ByteCount): Promise<Result<boolean, IoFailure>> {
    const opened = await this.#ctx.pool.openOwn(this.path, 'read');
    if (opened.isErr()) return err(opened.error);
    const blank = await isBlank(opened.value, bytes);
    await this.#ctx.pool.close(opened.value);
    return ok(blank);
  }
}

async function isBlank(handle: FileHandle, bytes: ByteCount): Promise<boolean> {
  const chunk = new Uint8Array(Math.min(bytes, MIB));
  for (let at = 0; at < bytes; at += chunk.byteLength) {
    const read = await readFully(handle, chunk, at);
    if (read.isErr() || read.value === 0) return false;
    if (lastNonZero(chunk, 0, read.value) >= 0) return false;
  }
  return true;
}
