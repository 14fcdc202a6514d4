// @ts-check
// Does every line of the pure core matter to a test? Stryker changes one expression after another and runs the tests beside the
// sources; what no test notices must be explained in packages/log-core/test/mutation/survivors.mjs, or be tested better.
//
//   npm run stryker -- [decide | codec | decide/roll.ts …]
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { explainSurvivors } from './stryker/explain-survivors.mjs';
import { survivors } from '../packages/log-core/test/mutation/survivors.mjs';

const SCORE_MIN = 90;

const root = fileURLToPath(new URL('..', import.meta.url));
const source = 'packages/log-core/src';
const asked = process.argv.slice(2);
const parts = asked.length === 0 ? ['decide', 'codec'] : asked;

/**
 * @param {string} part a directory of the core, or a file in one
 * @returns {Promise<import('./stryker/explain-survivors.mjs').MutationReport>}
 */
async function mutate(part) {
  const files = part.endsWith('.ts') ? [`${source}/${part}`] : [`${source}/${part}/**/*.ts`, `!${source}/**/*.test.ts`];
  const report = join(root, 'coverage', `mutation-${part.replaceAll('/', '-')}.json`);
  const command = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
  const run = promisify(execFile)(process.execPath, [command, 'run', '--mutate', files.join(',')], { cwd: root, env: { ...process.env, BRIMLOG_MUTATION_REPORT: report }, maxBuffer: 2 ** 26 });
  run.child.stdout?.pipe(process.stderr);
  await run;
  return JSON.parse(readFileSync(report, 'utf8'));
}

for (const part of parts) {
  if (!existsSync(join(root, source, part))) {
    console.error(`there is no ${source}/${part}`);
    process.exitCode = 2;
    continue;
  }
  const { text, score, unexplained, stale } = explainSurvivors(await mutate(part), survivors.filter(({ file }) => file.startsWith(part)));
  console.log(text);
  console.log(`${part}: ${score.toFixed(1)} % of the mutants are noticed; ${unexplained} survivors are not explained, ${stale} explanations are of none`);
  if (score < SCORE_MIN || unexplained > 0 || stale > 0) process.exitCode = 1;
}
