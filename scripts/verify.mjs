// @ts-check
// Runs the named checks, two at a time, and prints one line for each; what a check printed is shown only when it failed.
// Usage: node scripts/verify.mjs types lint packages knip
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './bootstrap/run-quietly.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {...string} path */
const tool = (...path) => join(root, 'node_modules', ...path);

/** @type {Record<string, { does: string, args: string[] }>} */
const checks = {
  types: {
    does: 'types of the whole workspace',
    args: [tool('typescript', 'bin', 'tsc'), '--incremental', '--tsBuildInfoFile', tool('.cache', 'brimlog', 'types.tsbuildinfo')],
  },
  lint: {
    does: 'lint rules, dropped Results and layer borders',
    args: [tool('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'],
  },
  packages: {
    does: 'packed packages (publint, attw, import, require)',
    args: [join(root, 'scripts', 'verify-packages.mjs')],
  },
  knip: {
    does: 'unused files, exports and dependencies',
    args: [tool('knip', 'bin', 'knip.js'), '--no-progress'],
  },
};

/** @param {string} name */
async function verify(name) {
  const check = checks[name];
  if (check === undefined) {
    console.error(`brimlog: no check is called ${name}; there are ${Object.keys(checks).join(', ')}.`);
    return false;
  }
  const startedAt = performance.now();
  const { succeeded, output } = await runQuietly(process.execPath, check.args, { cwd: root });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`brimlog: ${succeeded ? 'ok    ' : 'FAILED'} ${name}: ${check.does} (${seconds} s)`);
  if (!succeeded) console.error(output);
  return succeeded;
}

const waiting = process.argv.slice(2);
/** @type {boolean[]} */
const outcomes = [];
const lane = async () => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) outcomes.push(await verify(name));
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
if (outcomes.includes(false)) process.exitCode = 1;
