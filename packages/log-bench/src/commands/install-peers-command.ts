/** `brimlog-bench install-peers`: the stores to compare with, at the versions this was written against, into a directory of their own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEERS } from '../stores/open-store.js';

/** Installs them with npm; answers npm's exit code. Some are compiled, which takes a minute or two. */
export function installPeersCommand(directory: string): number {
  mkdirSync(directory, { recursive: true });
  // A package of its own, or npm would take the next one above for it.
  const manifest = join(directory, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  const wanted = PEERS.map(({ packageName, version }) => `${packageName}@${version}`);
  return spawnSync('npm', ['install', '--save-exact', '--no-audit', '--no-fund', ...wanted], { cwd: directory, stdio: 'inherit' }).status ?? 1;
}
