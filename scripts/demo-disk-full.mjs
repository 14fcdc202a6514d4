// @ts-check
// `npm run demo:disk-full`: a producer fills a small disk and goes on when there is space again, by itself. Finds a place that is small: a
// file system of its own where that is allowed, else (or with --quota) a quota of the log, and says which. The story is in demo/disk-full-run.mjs.
// With --peer NAME (several times, or `all`) the log and that store meet the same full disk in turn instead: demo/peer-run.mjs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runDiskFull } from './demo/disk-full-run.mjs';
import { runPeers } from './demo/peer-run.mjs';
import { BRIMLOG, loadPeer, PEERS } from './demo/peer-stores.mjs';
import { exitWhenAskedTo, scratchDirectory } from './demo/scratch-directory.mjs';
import { findNamespace, runInside } from './demo/small-file-system.mjs';

const SPACE_BYTES = 48 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    quota: { type: 'boolean', default: false },
    peer: { type: 'string', multiple: true, default: [] },
    'peers-from': { type: 'string', default: process.cwd() },
    inside: { type: 'string' },
  },
});
const isAll = values.peer.includes('all');
const asked = isAll ? Object.keys(PEERS) : values.peer;

/** @param {string} text */
const say = (text) => console.log(`demo:disk-full: ${text}`);

/** Those that are there; a sentence for each that is not. */
function installedPeers() {
  return asked.filter((name) => {
    const kind = PEERS[name];
    if (kind === undefined) {
      say(`nothing is known of ${name}; --peer takes ${Object.keys(PEERS).join(', ')}, or all`);
      return false;
    }
    try {
      const loaded = loadPeer(name, values['peers-from']);
      say(loaded === null ? `${name} is not installed: npm i ${name}@${kind.version} somewhere, and name that directory by --peers-from` : `${name} ${loaded.version}: ${kind.keeps}`);
      return loaded !== null;
    } catch (error) {
      say(`${name} is installed, but does not load: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
      return false;
    }
  });
}

/** @returns {Promise<number>} the exit code */
async function run() {
  if (values.inside !== undefined) {
    exitWhenAskedTo();
    return asked.length > 0 ? runPeers(values.inside, [BRIMLOG, ...asked], values['peers-from']) : runDiskFull(values.inside, null);
  }
  const peers = installedPeers();
  if (asked.length > 0 && (peers.length === 0 || (!isAll && peers.length < asked.length))) return 1;
  const directory = join(scratchDirectory('brimlog-demo-disk-full'), 'disk');
  mkdirSync(directory);
  const namespace = values.quota ? null : findNamespace(directory);
  if (namespace !== null) {
    say(`a file system of its own: ${namespace.name}, ${SPACE_BYTES} bytes`);
    const beside = [...peers.flatMap((name) => ['--peer', name]), '--peers-from', values['peers-from']];
    return runInside(namespace, directory, SPACE_BYTES, [fileURLToPath(import.meta.url), '--inside', directory, ...beside]);
  }
  if (peers.length > 0) {
    say('other stores have no quota of their own: --peer needs a file system of its own, which may not be mounted here');
    return 1;
  }
  const why = values.quota ? '' : ', as no file system may be mounted here';
  say(`quotaBytesMax keeps the log small${why}: ${SPACE_BYTES} bytes`);
  exitWhenAskedTo();
  return runDiskFull(directory, SPACE_BYTES);
}

process.exit(await run());
