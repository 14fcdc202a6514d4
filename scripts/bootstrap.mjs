// @ts-check
// Makes a fresh checkout ready: checks Node, installs the dependencies, builds the packages. Every npm script starts with it.
// What is already done is not done again, so that a second run costs a few milliseconds. It needs only Node and npm,
// has no dependencies, prints a line per step it really takes and is otherwise silent.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPackages } from './bootstrap/build.mjs';
import { installDependencies } from './bootstrap/install.mjs';
import { nodeVersionProblem } from './bootstrap/node-version.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const rebuild = process.argv.includes('--rebuild');

/** @returns {Promise<string | undefined>} what stands in the way, in words for the terminal; undefined when all is ready */
async function bootstrap() {
  const versionProblem = nodeVersionProblem(process.versions.node, manifest.engines.node);
  if (versionProblem !== undefined) return versionProblem;
  const installProblem = await installDependencies(root, manifest.packageManager);
  if (installProblem !== undefined) return installProblem;
  return buildPackages(root, { rebuild });
}

const problem = await bootstrap();
if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
}
