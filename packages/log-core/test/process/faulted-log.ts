/**
 * A log in another process whose disk is taken away by strace, and the account of what its appends were told. The account
 * is compared with what live reads show and with what the log holds after it is opened again.
 */
import { join } from 'node:path';
import type { Result } from 'neverthrow';
import { expect } from 'vitest';
import { MessageLog, type Ack, type AppendError, type AppendResult, type LogOptions } from '../../src/index.js';
import { expectSound, valuesOf } from '../support/log-content.js';
import { must, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';
import { DrivenLog, type ChildSetting } from './driven-log.js';
import { attachStrace, type Trace } from './strace.js';

/** Looks at the volume often, so that coming back is soon; flushes only when it is told to. */
const OPTIONS = {
  ...SMALL,
  flushIntervalMs: 60_000,
  space: { reserveBytes: 0, intervalMs: 100 },
} as const satisfies LogOptions;

/** strace's words for one fault: `error=EIO`, `delay_enter=…`, `retval=…`, each with a `when=` where it is not for ever. */
export interface Fault {
  readonly calls: string;
  readonly fault: string;
}

/** Every call that writes bytes at a position. */
export const WRITES = 'pwrite64,pwritev,pwritev2';

export class FaultedLog {
  readonly dir: string;
  child: DrivenLog;
  /** Values in the order of their acknowledgement. */
  readonly acknowledged: string[] = [];
  readonly notAppended: string[] = [];
  readonly unknown: string[] = [];
  /** Lines of all traces so far. */
  readonly lines: string[] = [];
  #trace: Trace | null = null;
  #appends = 0;
  #deleted = 0;

  private constructor(dir: string, child: DrivenLog) {
    this.dir = dir;
    this.child = child;
  }

  /** Opens a log in a child, appends a little and lets it come to rest: two flushed records, a spare, blocks ahead. */
  static async open(options: LogOptions = {}, setting: ChildSetting = { poolThreads: 2 }): Promise<FaultedLog> {
    const dir = scratchDirectory();
    const log = new FaultedLog(dir, await DrivenLog.start(setting));
    must(await log.child.open(dir, { ...OPTIONS, ...options }));
    must(await log.append('flushed'));
    // Blocks are written ahead only where there is a spare, and what finds them there is written with O_DSYNC.
    await log.spareIsThere();
    must(await log.append('flushed'));
    return log;
  }

  /** Kills the process, or closes the log, and starts another that has not opened it yet. */
  async another(how: 'killed' | 'closed'): Promise<void> {
    if (how === 'closed') must(await this.child.close());
    await this.child.kill();
    this.child = await DrivenLog.start({ poolThreads: 2 });
  }

  /** Opens the log again in the process that `another` started. */
  reopen(): ReturnType<DrivenLog['open']> {
    return this.child.open(this.dir, OPTIONS);
  }

  /** The path of the segment with this base offset. */
  segment(baseOffset: number): string {
    return join(this.dir, `${String(baseOffset).padStart(20, '0')}.log`);
  }

  /** The path of one of the log's side files. */
  file(name: 'checkpoint' | 'checkpoint.tmp' | 'segments' | 'spare.tmp' | 'watermark'): string {
    return join(this.dir, `brimlog.${name}`);
  }

  async spareIsThere(): Promise<void> {
    await expect.poll(async () => (await this.child.status()).spare, { timeout: 5_000 }).not.toBeNull();
  }

  /** From now on these calls fail: all of them, or those on the paths that are given. */
  async arm(faults: readonly Fault[], ...paths: readonly string[]): Promise<void> {
    const traced = faults.map(({ calls }) => calls).join(',');
    const injections = faults.flatMap(({ calls, fault }) => ['-e', `inject=${calls}:${fault}`]);
    this.#trace = await attachStrace(this.child.pid, [...paths.flatMap((path) => ['-P', path]), '-e', `trace=${traced}`, ...injections]);
  }

  /** The disk works again. Answers how many calls the fault met, which must not be none. */
  async disarm(): Promise<number> {
    const lines = await this.#trace!.detach();
    this.#trace = null;
    this.lines.push(...lines);
    const fired = lines.filter((line) => /\((INJECTED|DELAYED)\)/.test(line)).length;
    expect(fired, 'the fault fired').toBeGreaterThan(0);
    return fired;
  }

  /** Lets the calls go that the fault held; they answer now. */
  async release(): Promise<void> {
    this.lines.push(...(await this.#trace!.detach()));
    this.#trace = null;
  }

  /** Appends one record that no other has the value of, and notes what was answered. */
  async append(ack: Ack, bytes = 100): Promise<Result<AppendResult, AppendError>> {
    const value = this.#nextValue(ack, bytes);
    return this.#note(value, await this.child.append(value, ack));
  }

  /** Several appends at once, which the log can write in one go. */
  async appendTogether(count: number, ack: Ack, bytes: number): Promise<Result<AppendResult, AppendError>[]> {
    const values = Array.from({ length: count }, () => this.#nextValue(ack, bytes));
    const appended = await this.child.appendTogether(values, ack);
    return values.map((value, i) => this.#note(value, appended[i]!));
  }

  #nextValue(ack: Ack, bytes: number): string {
    this.#appends += 1;
    return `${this.#appends} ${ack} `.padEnd(bytes, '.');
  }

  #note<T>(value: string, appended: Result<T, AppendError>): Result<T, AppendError> {
    if (appended.isOk()) this.acknowledged.push(value);
    else if (appended.error.outcome === 'not-appended') this.notAppended.push(value);
    else this.unknown.push(value);
    return appended;
  }

  /** Fills the active segment, so that the next append of `bytes` must roll; answers the base offset of the one that comes. */
  async fillSegment(ack: Ack, bytes = 12_000): Promise<number> {
    const { segmentBytesMax } = OPTIONS;
    const recordBytes = bytes + 100;
    for (let used = 1_000; used + recordBytes <= segmentBytesMax; used += recordBytes) must(await this.append(ack, bytes));
    return (await this.child.status()).highWatermark;
  }

  /** Live reads show what was acknowledged, all of it, in order, and nothing else. */
  async expectReads(): Promise<void> {
    expect(brief(must(await this.child.values()))).toEqual(brief(this.acknowledged));
  }

  /** Everything works at once: appends of both kinds, over a roll, and reads. */
  async expectWorks(): Promise<void> {
    expect((await this.child.status()).state).toMatch(/^(writable|low-space)$/);
    for (const ack of ['flushed', 'written'] as const) for (let i = 0; i < 4; i += 1) must(await this.append(ack, 12_000));
    must(await this.child.flush());
    await this.expectReads();
  }

  /** What was deleted from the log's head is nothing to look for any more; it held acknowledged records alone. */
  forgetBefore(offset: number): void {
    this.#deleted = offset;
    this.acknowledged.splice(0, offset);
  }

  /** Closes it, without a handle left, and looks at what the log holds. */
  async endClosed(): Promise<void> {
    must(await this.child.close());
    expect(await this.child.status()).toMatchObject({ state: 'closed', handles: { open: 0 } });
    expect(this.child.openFiles(this.dir)).toEqual([]);
    await this.#expectContent(true);
  }

  /** Kills it as it is and looks at what the log holds. */
  async endKilled(): Promise<void> {
    await this.child.kill();
    await this.#expectContent(false);
  }

  async #expectContent(clean: boolean): Promise<void> {
    const log = must(await MessageLog.open(this.dir, OPTIONS));
    try {
      if (clean) expect(log.recovery.clean).toBe(true);
      const values = await valuesOf(log);
      const extra = values.filter((value) => !this.acknowledged.includes(value!));
      expect(brief(values.filter((value) => this.acknowledged.includes(value!)))).toEqual(brief(this.acknowledged));
      expect(brief(extra.filter((value) => this.notAppended.includes(value!)))).toEqual([]);
      expect(brief(extra.filter((value) => !this.unknown.includes(value!)))).toEqual([]);
      await expectSound(log, values.length);
      expect(must(await log.append('at the end'))).toMatchObject({ baseOffset: this.#deleted + values.length });
    } finally {
      must(await log.close());
    }
  }
}

/** Values are told apart by how they begin. */
function brief(values: readonly (string | null)[]): string[] {
  return values.map((value) => String(value).replace(/\.+$/, ''));
}
