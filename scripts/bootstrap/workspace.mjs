// @ts-check
// Where the workspace's packages lie; pnpm-workspace.yaml says the same to pnpm.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root
 * @returns {string[]} the directories of all packages, the library first
 */
export function workspacePackages(root) {
  const packages = join(root, 'packages');
  const named = readdirSync(packages).sort((a, b) => Number(b === 'log-core') - Number(a === 'log-core'));
  return [...named.map((name) => join(packages, name)), join(root, 'examples')].filter((path) => existsSync(join(path, 'package.json')));
}
