// @ts-check
// Checks each public package as its users will get it: packed by npm, read by publint and attw, and the library loaded from its
// build by `import` and by `require`, every entry point.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './bootstrap/run-quietly.mjs';
import { workspacePackages } from './bootstrap/workspace.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const publint = join(root, 'node_modules', 'publint', 'src', 'cli.js');
const attw = join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');

/**
 * @param {string} directory of a package
 * @param {string} scratch where tarballs may be put
 * @returns {Promise<boolean>}
 */
async function verifyPackage(directory, scratch) {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  if (manifest.private === true) return true;

  const packed = await runQuietly('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: directory });
  if (!packed.succeeded) return report(manifest.name, 'npm pack', packed);
  const tarball = join(scratch, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);

  // npm packs a manifest as it is, and no registry knows a workspace's own ways to name a dependency.
  const local = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies }).filter(([, range]) => /^(?:workspace|link|file|catalog):/.test(String(range)));
  const named = report(manifest.name, 'naming dependencies by version', { succeeded: local.length === 0, output: JSON.stringify(Object.fromEntries(local)) });

  const entries = Object.keys(manifest.exports ?? {}).filter((path) => path !== './package.json');
  const names = entries.map((path) => manifest.name + path.slice(1));
  const outcomes = [
    named,
    report(manifest.name, 'publint', await runQuietly(process.execPath, [publint, 'run', tarball, '--strict'], { cwd: root })),
  ];
  if (names.length > 0) {
    // node16 covers every resolution that knows `exports`; the one before it has no second entry point for anybody.
    const types = await runQuietly(process.execPath, [attw, tarball, '--profile', 'node16'], { cwd: root });
    outcomes.push(report(manifest.name, 'attw', types));
  }
  for (const name of names) {
    for (const code of [`require(${JSON.stringify(name)})`, `import(${JSON.stringify(name)})`]) {
      outcomes.push(report(manifest.name, code, await runQuietly(process.execPath, ['-e', code], { cwd: directory })));
    }
  }
  return outcomes.every(Boolean);
}

/**
 * @param {string} name
 * @param {string} what
 * @param {{ succeeded: boolean, output: string }} outcome
 */
function report(name, what, { succeeded, output }) {
  if (!succeeded) console.error(`${name}: ${what} failed\n${output}`);
  return succeeded;
}

const scratch = mkdtempSync(join(tmpdir(), 'brimlog-pack-'));
try {
  for (const directory of workspacePackages(root)) {
    if (!(await verifyPackage(directory, scratch))) process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
