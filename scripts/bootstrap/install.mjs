// @ts-check
// Installs the workspace with the pinned pnpm, exactly as the lockfile says, when the lockfile, a manifest or the Node ABI
// changed since the last time. Then proves that the one compiled dependency, fs-ext, loads in this Node.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runQuietly } from './run-quietly.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';
import { workspacePackages } from './workspace.mjs';

/**
 * @param {string} root
 * @param {string} packageManager name and version, as in package.json's `packageManager`
 * @returns {Promise<string | undefined>} what went wrong, with the remedy
 */
export async function installDependencies(root, packageManager) {
  const wanted = installFingerprint(root);
  if (readStamp(root).install === wanted) return undefined;

  // From here on node_modules is neither the old nor the new one: should this fail, the old stamp must not vouch for it.
  writeStamp(root, { ...readStamp(root), install: undefined });
  console.log('brimlog: installing dependencies (the first time takes about a minute) …');
  const pnpm = ['--yes', '--package', packageManager, '--', 'pnpm'];
  const install = await runQuietly('npx', [...pnpm, 'install', '--frozen-lockfile'], { cwd: root });
  if (!install.succeeded) {
    return addonProblem(install.output) ?? `${install.output}\nbrimlog: the installation failed, the lines above say why.`;
  }
  if (!(await addonLoads(root)).succeeded) {
    // Present, but compiled for another Node: pnpm does not build again what it has already built.
    console.log('brimlog: compiling fs-ext for this Node …');
    const rebuilt = await runQuietly('npx', [...pnpm, 'rebuild', '--recursive', 'fs-ext'], { cwd: root });
    const loaded = await addonLoads(root);
    if (!loaded.succeeded) {
      const output = `${rebuilt.output}\n${loaded.output}`;
      return addonProblem(`fs-ext ${output}`) ?? `${output}\nbrimlog: the native module fs-ext does not load, the lines above say why.`;
    }
  }
  writeStamp(root, { ...readStamp(root), install: wanted });
  return undefined;
}

/** @param {string} root */
function installFingerprint(root) {
  const manifests = [root, ...workspacePackages(root)].map((directory) => join(directory, 'package.json'));
  const paths = [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...manifests];
  return fingerprint(paths, [process.versions.modules, process.platform, process.arch]);
}

/**
 * In a process of its own: an addon for another Node may take its process down.
 * @param {string} root
 */
function addonLoads(root) {
  return runQuietly(process.execPath, ['-e', "require('fs-ext').flockSync.call"], { cwd: join(root, 'packages', 'log-core') });
}

/**
 * @param {string} output what the failed step printed
 * @returns {string | undefined} one sentence, when the cause is a tool that fs-ext needs and this machine does not have
 */
function addonProblem(output) {
  const missing = output.includes('fs-ext') ? missingBuildTools(process.env) : [];
  if (missing.length === 0) return undefined;
  return (
    `brimlog: the native module fs-ext must be compiled, and this machine has no ${missing.join(', no ')}; install the tools ` +
    '(Debian, Ubuntu: apt-get install -y python3 make g++; Fedora: dnf install python3 make gcc-c++; macOS: xcode-select --install) ' +
    'and run the command again.'
  );
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]} the tools node-gyp needs and PATH does not hold
 */
export function missingBuildTools(env) {
  const path = env['PATH'] ?? '';
  const tools = [
    { name: 'Python 3', commands: [env['npm_config_python'], env['PYTHON'], 'python3', 'python'] },
    { name: 'make', commands: [env['MAKE'], 'make', 'gmake'] },
    { name: 'C++ compiler', commands: [env['CXX'], 'c++', 'g++', 'clang++'] },
  ];
  return tools.filter(({ commands }) => !commands.some((command) => isOnPath(command, path))).map(({ name }) => name);
}

/**
 * @param {string | undefined} command a name or an absolute path
 * @param {string} path
 */
function isOnPath(command, path) {
  if (command === undefined || command === '') return false;
  const candidates = command.startsWith('/') ? [command] : path.split(delimiter).map((directory) => join(directory, command));
  return candidates.some((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
