// @ts-check
// Does the suite bite? Every mutant of the engine is hunted by the sweep and by random histories, on both cores, and must be
// killed within its time; one that they cannot see is first given to the tests it names. See CONTRIBUTING.md.
//
//   npm run mutants -- [--only WORD] [--seconds N] [--plans]
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'tsup';
import { mutating, timesFound } from './mutate-source.mjs';
import { mutants } from './mutants.mjs';

/** @typedef {import('./mutants.mjs').Mutant} Mutant */

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, seconds: { type: 'string', default: '40' }, plans: { type: 'boolean', default: false } } });
const huntMs = Number(values.seconds) * 1000;
/** What is not told by then never ends. */
const GRACE_MS = 10_000;

const core = fileURLToPath(new URL('../../', import.meta.url));
const root = join(core, '..', '..');
const outDir = join(core, 'node_modules', '.cache', 'mutants');

/** Bundles the worker with the engine as the mutant has it. @param {Mutant | null} mutant @param {number} number @returns {Promise<string>} */
async function bundle(mutant, number) {
  const home = join(outDir, String(number));
  await build({
    entry: { worker: join(core, 'test', 'mutants', 'mutant-worker.ts') },
    outDir: home,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    clean: true,
    splitting: false,
    dts: false,
    esbuildPlugins: mutant === null ? [] : [mutating(mutant)],
  });
  return join(home, 'worker.js');
}

/** Runs a program to its end, or to the end of its time. @param {string[]} args @param {{ ms: number, env?: Record<string, string> }} limits @returns {Promise<{ code: number | null, timedOut: boolean, stdout: string }>} */
function run(args, { ms, env = {} }) {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26, timeout: ms, killSignal: 'SIGKILL', env: { ...process.env, ...env } }, (error, stdout) => {
      resolve({ code: child.exitCode, timedOut: error?.killed === true, stdout });
    });
  });
}

/** How the mutant was killed, in words; null where it was not. @param {string} worker */
async function hunt(worker) {
  const { stdout, timedOut, code } = await run(['--max-old-space-size=1024', worker, String(Date.now() + huntMs)], { ms: huntMs + GRACE_MS });
  if (timedOut) return { words: 'never-ends, the process had to be killed', plan: '' };
  if (code !== 0) return { words: `the process ended with code ${String(code)}`, plan: '' };
  /** @type {import('./mutant-worker.js').Kill | null} */
  const kill = JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null');
  return kill === null ? null : { words: `${kill.property}, ${kill.operations} operations, ${kill.found}`, plan: `${kill.message}\n${kill.plan}` };
}

/** Which test failed on the mutant; null where all passed. @param {Mutant} mutant */
async function test(mutant) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const files = (mutant.tests ?? []).map((file) => join('packages', 'log-core', file));
  const { stdout, code, timedOut } = await run([vitest, 'run', '--config', 'vitest.mutants.config.ts', '--bail', '1', '--reporter', 'json', ...files], { ms: huntMs, env: { BRIMLOG_MUTANT: mutant.name } });
  if (timedOut) return 'a test that never ends';
  if (code === 0) return null;
  const report = /** @type {{ testResults: { name: string, assertionResults: { status: string, fullName: string }[] }[] }} */ (JSON.parse(stdout.slice(stdout.indexOf('{'))));
  const failed = report.testResults.flatMap((file) => file.assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName));
  return failed[0] === undefined ? null : `the test "${failed[0]}"`;
}

let wrong = 0;
/** @param {string} verdict @param {string} name @param {string} words @param {number} startedAt */
function tell(verdict, name, words, startedAt) {
  if (verdict === verdict.toUpperCase()) wrong += 1;
  console.log(`${verdict.padEnd(8)} ${name}${words === '' ? '' : `: ${words}`} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
}

/** @param {Mutant | null} mutant @param {number} number */
async function judge(mutant, number) {
  const startedAt = Date.now();
  if (mutant === null) {
    const kill = await hunt(await bundle(null, number));
    tell(kill === null ? 'sound' : 'BROKEN', 'the engine as it is', kill === null ? '' : `${kill.words}\n${kill.plan}`, startedAt);
    return;
  }
  const found = timesFound(mutant);
  if (found !== 1) {
    tell('STALE', mutant.name, `what it replaces in ${mutant.file} is there ${found} times`, startedAt);
    return;
  }
  const noticed = mutant.tests === undefined ? null : await test(mutant);
  const kill = noticed === null ? await hunt(await bundle(mutant, number)) : null;
  const words = noticed ?? kill?.words ?? null;
  // Its edit names something that its file does not know: that is no mutant of the engine.
  const isBroken = kill !== null && kill.plan.includes('is not defined');
  tell(words === null ? 'SURVIVED' : isBroken ? 'BROKEN' : 'killed', mutant.name, words ?? '', startedAt);
  if (values.plans && kill !== null) console.log(kill.plan.replaceAll(/^/gm, '         '));
}

const names = new Set(mutants.map(({ name }) => name));
if (names.size !== mutants.length) throw new Error('two mutants have the same name');
const chosen = [null, ...mutants].filter((mutant) => mutant === null || mutant.name.includes(values.only));
const queue = [...chosen.entries()];
const work = async () => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await judge(next[1], next[0]);
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
rmSync(outDir, { recursive: true, force: true });
console.log(`${chosen.length - 1} mutants, ${wrong} not as they should be`);
process.exitCode = wrong > 0 ? 1 : 0;
