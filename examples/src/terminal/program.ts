/** What both programs do with their terminal: stop when asked to, and say in one sentence what went wrong. */

/** Aborted by Ctrl-C and by a polite `kill`; a second one ends the process the usual way. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

/** Runs a program to its end. What it returns, or what the file system throws at it, becomes one sentence and exit code 1. */
export async function run(name: string, program: () => Promise<string | null>): Promise<void> {
  // A failed write to standard output is the writer's to handle.
  process.stdout.on('error', () => undefined);
  const problem = await program().catch(sentenceFor);
  if (problem === null) return;
  process.stderr.write(`${name}: ${problem}\n`);
  process.exitCode = 1;
}

function sentenceFor(error: unknown): string | null {
  if (!(error instanceof Error)) return String(error);
  // Whoever read our output, as `head` does, has seen enough.
  return 'code' in error && error.code === 'EPIPE' ? null : error.message;
}
