/**
 * Counts system calls out of what strace printed, line by line: how often each was made, how many of them put something on
 * stable storage, and how many of a store's files were read or asked for by name.
 */
import { spawnSync } from 'node:child_process';
import type { StraceCount } from '../model/sample.js';

/** A tool of the system, no dependency. */
const PROGRAM = 'strace';

const SYNCS = ['fdatasync', 'fsync', 'msync', 'sync_file_range'];
const WRITES = ['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2'];
const READS = ['read', 'readv', 'pread64', 'preadv', 'preadv2'];
const OTHERS = ['openat', 'close', 'statx', 'newfstatat', 'getdents64', 'futex', 'epoll_wait', 'epoll_pwait'];

/** Whether strace is there and may trace. */
export function straceWorks(): boolean {
  return spawnSync(PROGRAM, [...traceOptions('/dev/null'), 'true'], { stdio: 'ignore' }).status === 0;
}

/** The command that writes the calls of what follows, all threads included, into `file`. */
export function straceCommand(file: string): string[] {
  return [PROGRAM, ...traceOptions(file)];
}

function traceOptions(file: string): string[] {
  return ['-f', '--seccomp-bpf', '-s', '0', '-e', `trace=${[...SYNCS, ...WRITES, ...READS, ...OTHERS].join(',')}`, '-o', file];
}

/** What was counted. */
export type CountedTrace = Pick<StraceCount, 'calls' | 'syncs' | 'filesRead' | 'filesStatted'>;

/** Counts the calls in `text`; files are those below `dir`. */
export function countTrace(text: string, dir: string): CountedTrace {
  const counter = new TraceCounter(dir);
  for (const line of text.split('\n')) counter.take(line);
  return counter.counted;
}

/** `1234 openat(AT_FDCWD, "/a", O_RDWR) = 21`, the same in two halves, or `1234 <... openat resumed>) = 21`. */
const BEGUN = /^(\d+) +([a-z_0-9]+)\((.*)$/;
const RESUMED = /^(\d+) +<\.\.\. ([a-z_0-9]+) resumed>/;
const RESULT = / = (-?\d+)/;

/** A file that is open. */
interface OpenFile {
  readonly path: string;
  /** Whether each write to it is a sync too. */
  readonly syncs: boolean;
}

class TraceCounter {
  readonly #below: string;
  readonly #calls: Record<string, number> = {};
  readonly #read = new Set<string>();
  readonly #statted = new Set<string>();
  readonly #handles = new Map<number, OpenFile>();
  /** What threads wait for that are opening a file. */
  readonly #opening = new Map<string, OpenFile>();
  #syncs = 0;

  constructor(dir: string) {
    this.#below = `${dir}/`;
  }

  get counted(): CountedTrace {
    return { calls: this.#calls, syncs: this.#syncs, filesRead: this.#read.size, filesStatted: this.#statted.size };
  }

  take(line: string): void {
    const resumed = RESUMED.exec(line);
    if (resumed !== null) {
      this.#opened(this.#opening.get(resumed[1] ?? ''), line);
      this.#opening.delete(resumed[1] ?? '');
      return;
    }
    const begun = BEGUN.exec(line);
    if (begun === null) return;
    const [, thread = '', call = '', rest = ''] = begun;
    this.#calls[call] = (this.#calls[call] ?? 0) + 1;
    if (SYNCS.includes(call)) this.#syncs += 1;
    else if (WRITES.includes(call)) this.#syncs += this.#handles.get(handleOf(rest))?.syncs === true ? 1 : 0;
    else if (READS.includes(call)) this.#note(this.#read, this.#handles.get(handleOf(rest))?.path);
    else if (call === 'openat') this.#open(line, thread, rest);
    else if (call === 'close') this.#handles.delete(handleOf(rest));
    else if (call === 'statx' || call === 'newfstatat') this.#note(this.#statted, pathOf(rest));
  }

  #open(line: string, thread: string, rest: string): void {
    const file = { path: pathOf(rest) ?? '', syncs: rest.includes('O_DSYNC') || rest.includes('O_SYNC') };
    if (rest.includes('<unfinished')) this.#opening.set(thread, file);
    else this.#opened(file, line);
  }

  #opened(file: OpenFile | undefined, line: string): void {
    const handle = Number(RESULT.exec(line)?.[1] ?? -1);
    if (file !== undefined && handle >= 0) this.#handles.set(handle, file);
  }

  #note(files: Set<string>, path: string | undefined): void {
    if (path?.startsWith(this.#below) === true) files.add(path);
  }
}

function handleOf(rest: string): number {
  return Number.parseInt(rest, 10);
}

function pathOf(rest: string): string | undefined {
  return /"([^"]*)"/.exec(rest)?.[1];
}
