/** What both programs do with their terminal: stop when asked to, and say in one sentence what went wrong. */

/** Aborted by Ctrl-C and by a polite `kill`; a second one ends the process the usual way. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

/** Runs a program to its end. What it returns, or what the file system throws at it, becomes one sentence and exit code 1. */
export async function run(name: string, program: () => Promise<string | null>): Promise<void> {
  const problem = await program().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (problem === null) return;
  process.stderr.write(`${name}: ${problem}\n`);
  process.exitCode = 1;
}
