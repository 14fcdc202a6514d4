/**
 * strace on a process that runs: attached for as long as a fault is wanted, so that nothing has to be counted up to the
 * moment it begins. A probe performs it; where that does not work the tests skip, and say why.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';

const ATTACH_TIMEOUT_MS = 10_000;

/** strace while it is attached. */
export interface Trace {
  /** Lets the process go and answers what was seen, line by line. */
  detach(): Promise<string[]>;
}

/** Attaches with these arguments to all threads of the process. */
export async function attachStrace(pid: number, args: readonly string[]): Promise<Trace> {
  const scratch = mkdtempSync(join(tmpdir(), 'brimlog-strace-'));
  const output = join(scratch, 'trace');
  const tracer = spawn('strace', ['-f', '-y', '-s', '0', '-o', output, ...args, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((settle) => {
    tracer.once('close', () => settle());
    tracer.once('error', () => settle());
  });
  await attached(tracer);
  return {
    async detach() {
      tracer.kill('SIGINT');
      await ended;
      const lines = readFileSync(output, 'utf8').split('\n').slice(0, -1);
      rmSync(scratch, { recursive: true });
      return whole(lines);
    },
  };
}

function attached(tracer: ChildProcess): Promise<void> {
  return new Promise((settle, reject) => {
    let said = '';
    const giveUp = setTimeout(() => {
      tracer.kill('SIGKILL');
      reject(new Error(`strace did not attach: ${said}`));
    }, ATTACH_TIMEOUT_MS);
    tracer.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (!/attached/.test(said)) return;
      clearTimeout(giveUp);
      settle();
    });
    tracer.once('error', reject);
    tracer.once('close', () => {
      clearTimeout(giveUp);
      reject(new Error(`strace ended: ${said}`));
    });
  });
}

/** Calls that were interrupted by another thread's are put together again: `A <unfinished ...>`, `<... A resumed>B`. */
function whole(lines: readonly string[]): string[] {
  const begun = new Map<string, string>();
  const found: string[] = [];
  for (const line of lines) {
    const tid = /^\d+/.exec(line)?.[0] ?? '';
    const unfinished = /^(.*?)\s*<unfinished \.\.\.>/.exec(line);
    const resumed = /^\d+\s+<\.\.\. \w+ resumed>(.*)$/.exec(line);
    if (unfinished !== null) begun.set(tid, unfinished[1]!);
    else if (resumed !== null) found.push(`${begun.get(tid) ?? tid}${resumed[1]!}`);
    else found.push(line);
    if (unfinished === null) begun.delete(tid);
  }
  return [...found, ...begun.values()];
}

let probing: Promise<string | null> | null = null;

/** Why strace cannot be used here, or null where it was tried and works. */
function probe(): Promise<string | null> {
  probing ??= (async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => require("fs").statfs("/", () => {}), 20)'], { stdio: 'ignore' });
    try {
      const trace = await attachStrace(child.pid!, ['-e', 'trace=statfs', '-e', 'inject=statfs:error=EIO']);
      for (let i = 0; i < 20; i += 1) await new Promise((resume) => setTimeout(resume, 25));
      const lines = await trace.detach();
      return lines.some((line) => line.includes('INJECTED')) ? null : 'strace attached, and its injected fault did not fire';
    } catch (thrown) {
      return String(thrown);
    } finally {
      child.kill('SIGKILL');
    }
  })();
  return probing;
}

/** Skips the test, with the reason, where strace does not work. */
export async function needsStrace(context: TestContext): Promise<void> {
  const reason = await probe();
  if (reason === null) return;
  console.log(`SKIP ${context.task.name}: needs strace on a running process: ${reason}`);
  context.skip(`needs strace on a running process: ${reason}`);
}
