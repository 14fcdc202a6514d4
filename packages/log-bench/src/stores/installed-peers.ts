/** Which stores there are to compare with on this machine, each tried in a process of its own: a native module may take its process down. */
import { spawnSync } from 'node:child_process';
import { howToInstall, PEERS } from './open-store.js';
import { loadPeer } from './peers/load-peer.js';
import type { Peer } from './peers/peer.js';

/** What was found, and a sentence for each that was not. */
export interface InstalledPeers {
  readonly names: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly complaints: readonly string[];
}

/** Looks for every peer, in `from` first. */
export function findPeers(from: string): InstalledPeers {
  const names: string[] = [];
  const versions: Record<string, string> = {};
  const missing: Peer[] = [];
  const complaints: string[] = [];
  for (const peer of PEERS) {
    const { packageName } = peer;
    const problem = loadProblem(packageName, from);
    const loaded = problem === null ? loadPeer(packageName, from) : null;
    if (problem !== null) complaints.push(`${packageName} is installed, but does not load: ${problem}`);
    else if (loaded === null) missing.push(peer);
    else {
      names.push(packageName);
      versions[packageName] = loaded.version;
    }
  }
  if (missing.length > 0) complaints.push(`not installed: ${howToInstall(missing)}`);
  return { names, versions, complaints };
}

/** Why a package that is there does not load; null where it loads or is not there. */
function loadProblem(packageName: string, from: string): string | null {
  const script = `try { require.resolve(${JSON.stringify(packageName)}) } catch { process.exit(0) } require(${JSON.stringify(packageName)})`;
  const tried = spawnSync(process.execPath, ['-e', script], { cwd: from, encoding: 'utf8' });
  if (tried.status === 0) return null;
  return /^(?:\w*Error: .*)$/m.exec(tried.stderr)?.[0] ?? `it ended its process with ${String(tried.status ?? tried.signal)}`;
}
