/** Reads what `strace -c` wrote: how often each system call was made. */
import { spawnSync } from 'node:child_process';

/** A tool of the system, no dependency. */
const PROGRAM = 'strace';

/** Whether strace is there and may trace. */
export function straceWorks(): boolean {
  return spawnSync(PROGRAM, ['-c', '-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0;
}

/** The command that counts the calls of what follows, all threads included, into `file`. */
export function straceCommand(file: string): string[] {
  return [PROGRAM, '-f', '-c', '-o', file];
}

/** Calls by name, out of the table `strace -c` prints. The column of errors may be empty. */
export function parseStrace(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?([a-z_0-9]+)$/.exec(line);
    if (match !== null && match[2] !== 'total') counts[match[2] ?? ''] = Number(match[1]);
  }
  return counts;
}
