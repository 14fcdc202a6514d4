// @ts-check
// Measures anew what docs/performance.md says: installs the stores that are compared with, if they are not there yet, runs the benchmark
// beside them, and fills the page from the file that made. Further arguments go to `brimlog-bench run`, such as --dir.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'packages', 'log-bench', 'dist', 'cli.js');
const peers = join(root, 'node_modules', '.cache', 'brimlog', 'peers');
const figures = join(root, 'docs', 'performance.json');
const page = join(root, 'docs', 'performance.md');

/** @param {...string} args */
function bench(...args) {
  const { status } = spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(join(peers, 'node_modules'))) bench('install-peers', peers);
bench('run', '--quick', '--peers', '--peers-from', peers, '--json', figures, ...process.argv.slice(2));
bench('docs', figures, page);
