// @ts-check
// Builds each package with tsup when its sources or its settings changed since its last build. The new build is made beside
// the old one and put in its place when it is whole, so that a program that runs meanwhile never sees half of one.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runQuietly } from './run-quietly.mjs';
import { filesBelow, fingerprint, readStamp, writeStamp } from './stamp.mjs';
import { workspacePackages } from './workspace.mjs';

/**
 * @param {string} root
 * @param {{ rebuild: boolean }} options `rebuild` builds everything, changed or not
 * @returns {Promise<string | undefined>} what went wrong, the builder's output included
 */
export async function buildPackages(root, { rebuild }) {
  const known = rebuild ? {} : (readStamp(root).builds ?? {});
  const packages = workspacePackages(root).map((directory) => packageToBuild(root, directory));
  const stale = packages.filter(({ name, directory, sources, wanted }) => {
    return sources.length > 0 && (known[name] !== wanted || !existsSync(join(directory, 'dist')));
  });
  if (stale.length === 0) return undefined;

  console.log(`brimlog: building ${stale.map(({ name }) => name).join(', ')} …`);
  const outcomes = await Promise.all(stale.map((pkg) => build(root, pkg)));
  const built = outcomes.filter(({ problem }) => problem === undefined).map(({ name, wanted }) => [name, wanted]);
  const stamp = readStamp(root);
  writeStamp(root, { ...stamp, builds: { ...stamp.builds, ...Object.fromEntries(built) } });
  return outcomes.find(({ problem }) => problem !== undefined)?.problem;
}

/** @typedef {{ name: string, directory: string, sources: string[], wanted: string }} PackageToBuild */

/**
 * @param {string} root
 * @param {string} directory
 * @returns {PackageToBuild}
 */
function packageToBuild(root, directory) {
  const sources = filesBelow(join(directory, 'src')).filter((path) => !path.endsWith('.test.ts'));
  const settings = ['package.json', 'tsconfig.json', 'tsup.config.ts'].map((name) => join(directory, name));
  const shared = ['tsconfig.base.json', 'pnpm-lock.yaml'].map((name) => join(root, name));
  const name = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).name;
  return { name, directory, sources, wanted: fingerprint([...sources, ...settings, ...shared], []) };
}

/**
 * @param {string} root
 * @param {PackageToBuild} pkg
 * @returns {Promise<PackageToBuild & { problem?: string }>}
 */
async function build(root, pkg) {
  const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  const dist = join(pkg.directory, 'dist');
  const building = `${dist}.building-${process.pid}`;
  const retired = `${building}.retired`;
  const { succeeded, output } = await runQuietly(process.execPath, [tsup, '--out-dir', basename(building)], { cwd: pkg.directory });
  if (!succeeded) {
    rmSync(building, { recursive: true, force: true });
    return { ...pkg, problem: `${output}\nbrimlog: building ${pkg.name} failed, the lines above say why.` };
  }
  if (existsSync(dist)) renameSync(dist, retired);
  renameSync(building, dist);
  rmSync(retired, { recursive: true, force: true });
  return { ...pkg };
}
