/** Logs of one process in several threads, which come and go: each has its lock, and none takes the process with it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { builtLibrary } from '../support/built-library.js';
import { scratchDirectory } from '../support/scratch-directory.js';

const CHILD = join(import.meta.dirname, 'children', 'log-in-threads.mjs');

async function told(plan: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, await builtLibrary(), scratchDirectory(), ...plan], { env: { ...process.env, ...env } });
  return JSON.parse(stdout);
}

const WORKER = ['appended', 'locked'];

test.each([
  ['a log in the main thread, then workers one after the other', ['m', 'w', 'w', 'm', 'w']],
  ['workers alone, some at once', ['two', 'w', 'two', 'w', 'm']],
])('%s', async (_name, plan) => {
  const expected = plan.flatMap((step) => (step === 'm' ? ['appended'] : [...WORKER, ...(step === 'two' ? WORKER : []), 'appended']));
  expect(await told(plan)).toEqual(expected);
});

test('a worker that finds no room in the temporary directory', async () => {
  expect(await told(['w'], { TMPDIR: '/nowhere' })).toEqual([...WORKER, 'appended']);
});
