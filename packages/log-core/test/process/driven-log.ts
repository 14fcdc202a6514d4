/** The parent's side of `children/driven-log.mjs`: a log in another process, told call by call what to do. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { err, ok, type Result } from 'neverthrow';
import { onTestFinished } from 'vitest';
import type { Ack, AppendError, AppendResult, DeletionResult, LogMetrics, LogOptions, LogStatus, RecoveryReport } from '../../src/index.js';
import { builtLibrary } from '../support/built-library.js';

const CHILD = resolve(import.meta.dirname, 'children/driven-log.mjs');

/** An error of any method, as it came through the pipe. */
export interface ToldError {
  readonly kind: string;
  readonly message: string;
  readonly errno?: number;
  readonly cause?: string;
  readonly operation?: string;
  readonly path?: string;
  readonly outcome?: string;
  readonly reason?: string;
}

type Told<T> = Promise<Result<T, ToldError>>;

interface Answer {
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: ToldError;
  readonly crashed?: string;
}

/** How a child is started. */
export interface ChildSetting {
  /** Threads of the child's pool; 1 keeps one call in flight, so that counting calls is exact. */
  readonly poolThreads?: number;
  /** A command that runs the child, such as `prlimit`. */
  readonly under?: readonly string[];
}

export class DrivenLog {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #crash: string | null = null;
  stderr = '';

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#take(JSON.parse(line) as Answer);
    });
    this.#exited = new Promise((settle) => {
      child.once('close', (code, signal) => {
        this.#fail(`the child ended (${String(code ?? signal)}) ${this.stderr}`);
        settle();
      });
    });
  }

  /** Starts a child that is gone after the test, and waits until it listens. */
  static async start(setting: ChildSetting = {}): Promise<DrivenLog> {
    const library = await builtLibrary();
    const words = [...(setting.under ?? []), process.execPath, CHILD, library];
    const command = words[0] ?? process.execPath;
    const args = words.slice(1);
    const env = { ...process.env, NODE_OPTIONS: '', UV_THREADPOOL_SIZE: String(setting.poolThreads ?? 4), UV_USE_IO_URING: '0' };
    const child = new DrivenLog(spawn(command, args, { env, stdio: 'pipe' }));
    onTestFinished(() => child.kill());
    await child.#answerTo(0);
    return child;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  open(dir: string, options: LogOptions): Told<RecoveryReport> {
    return this.#call('open', { dir, options });
  }

  append(values: string | readonly string[], ack: Ack): Promise<Result<AppendResult, AppendError>> {
    return this.#call('append', { values, options: { ack } }) as Promise<Result<AppendResult, AppendError>>;
  }

  /** One append for each value, all called before the first can have begun. */
  async appendTogether(values: readonly string[], ack: Ack): Promise<Result<AppendResult, AppendError>[]> {
    const told = (await this.#call<{ value?: AppendResult; error?: AppendError }[]>('appendTogether', { values, options: { ack } }))._unsafeUnwrap();
    return told.map(({ value, error }) => (error === undefined ? ok(value!) : err(error)));
  }

  flood(count: number, valueBytes: number): Told<{ endings: Record<string, number>; growthBytes: number; queueBytesPeak: number }> {
    return this.#call('flood', { count, valueBytes });
  }

  work(setting: { producers: number; appends: number; valueBytes: number; ack: Ack }): Told<LogMetrics> {
    return this.#call('work', setting);
  }

  values(): Told<(string | null)[]> {
    return this.#call('values');
  }

  read(from: number): Told<{ values: (string | null)[]; nextOffset: number }> {
    return this.#call('read', { from });
  }

  deleteBefore(offset: number): Told<DeletionResult> {
    return this.#call('deleteBefore', { offset });
  }

  flush(): Told<{ recoveryPoint: number }> {
    return this.#call('flush');
  }

  recover(): Told<RecoveryReport> {
    return this.#call('recover');
  }

  close(): Told<undefined> {
    return this.#call('close');
  }

  waitUntilWritable(timeoutMs = 10_000): Told<undefined> {
    return this.#call('waitUntilWritable', { timeoutMs });
  }

  async status(): Promise<LogStatus> {
    return (await this.#call<LogStatus>('status'))._unsafeUnwrap();
  }

  /** The states entered so far, as `state(reason)`. */
  async states(): Promise<string[]> {
    const states = (await this.#call<{ to: string; reason: string | null }[]>('states'))._unsafeUnwrap();
    return states.map(({ to, reason }) => (reason === null ? to : `${to}(${reason})`));
  }

  /** What the process holds open below a directory. */
  openFiles(dir: string): string[] {
    return readdirSync(`/proc/${this.pid}/fd`)
      .map((fd) => {
        try {
          return readlinkSync(`/proc/${this.pid}/fd/${fd}`);
        } catch {
          return '';
        }
      })
      .filter((path) => path.startsWith(dir));
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async #call<T>(call: string, args: unknown = {}): Told<T> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answered = this.#answerTo(id);
    this.#child.stdin.write(`${JSON.stringify({ id, call, args })}\n`);
    const answer = await answered;
    return answer.error === undefined ? ok(answer.value as T) : err(answer.error);
  }

  async #answerTo(id: number): Promise<Answer> {
    const answer = await new Promise<Answer>((settle) => {
      this.#waiting.set(id, settle);
      if (this.#crash !== null) settle({ crashed: this.#crash });
    });
    if (answer.crashed !== undefined) throw new Error(answer.crashed);
    return answer;
  }

  #take(answer: Answer): void {
    if (answer.crashed !== undefined || answer.id === undefined) {
      this.#fail(answer.crashed ?? 'the child said something else');
      return;
    }
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  #fail(why: string): void {
    this.#crash ??= why;
    for (const settle of this.#waiting.values()) settle({ crashed: this.#crash });
    this.#waiting.clear();
  }
}
