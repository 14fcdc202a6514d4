/**
 * Child processes: each carries out one job. They are in groups of their own, so that Ctrl-C in a terminal reaches
 * only the parent, which ends them and cleans up after they are gone.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Job, JobAnswers, Message } from '../jobs/job.js';
import { WORKER_FILE } from '../jobs/worker-file.js';

/** How a child is started. */
export interface ChildOptions {
  /** Told what the child sends on its way. */
  readonly onMessage?: (message: Message) => void;
  /** A program that runs the child, with its arguments: strace. */
  readonly under?: readonly string[];
}

/** A job that takes longer hangs: none is meant to take a tenth of that. */
const JOB_MS_MAX = 600_000;

const running = new Set<ChildProcess>();

function start(job: Job, under: readonly string[]): ChildProcess {
  const command = [...under, process.execPath, WORKER_FILE, JSON.stringify(job)];
  const [program = process.execPath, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Read after a callback may have written it, which the compiler does not see. */
function isSet(flag: boolean): boolean {
  return flag;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself between the look and the call.
  }
}

/** Of what a process said before it ended, the line that names the error; null where it said nothing. */
function lastWords(complaint: string): string | null {
  const lines = complaint.split('\n').map((line) => line.trim());
  return lines.find((line) => /Error\b/.test(line)) ?? lines.findLast((line) => line !== '') ?? null;
}

/** Carries out `job` in a process of its own; rejects with the child's words where it failed. */
export async function runJob<Kind extends Job['kind']>(job: Extract<Job, { readonly kind: Kind }>, options: ChildOptions = {}): Promise<JobAnswers[Kind]> {
  const child = start(job, options.under ?? []);
  let result: { readonly value: unknown } | null = null;
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000);
  });
  child.on('message', (message: Message) => {
    if (message.type === 'result') result = { value: message.value };
    if (message.type === 'failed') complaint = message.message;
    options.onMessage?.(message);
  });
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    killGroup(child);
  }, JOB_MS_MAX);
  await once(child, 'close').finally(() => {
    clearTimeout(limit);
  });
  if (isSet(late)) throw new Error(`the ${job.kind} process did not answer within ${JOB_MS_MAX / 1000} s`);
  const answer = result as { readonly value: unknown } | null;
  if (answer !== null) return answer.value as JobAnswers[Kind];
  throw new Error(lastWords(complaint) ?? `the ${job.kind} process ended without an answer`);
}

/** Carries out `job` until so long after its first `acked`, then ends it with SIGKILL; answers the last `acked` that came. */
export async function runAndKill(job: Extract<Job, { readonly kind: 'killed-writer' | 'killed-producer' }>, killAfterMs: number): Promise<number> {
  const child = start(job, []);
  let acked = 0;
  let complaint = '';
  let armed = false;
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000);
  });
  child.on('message', (message: Message) => {
    if (message.type === 'failed') complaint = message.message;
    if (message.type !== 'acked') return;
    acked = message.records;
    if (armed) return;
    armed = true;
    setTimeout(() => {
      killGroup(child);
    }, killAfterMs);
  });
  await once(child, 'close');
  if (child.signalCode !== 'SIGKILL') throw new Error(`the writer ended before it was killed: ${lastWords(complaint) ?? 'without a word'}`);
  return acked;
}

/** Ends every child that is still there, and resolves when they are gone. */
export async function endAllChildren(): Promise<void> {
  const ends = [...running].map(async (child) => {
    const closed = once(child, 'close');
    killGroup(child);
    await closed;
  });
  await Promise.all(ends);
}
