/** Finds a store by its name. Everything but the log itself is optional and loaded only when it is asked for. */
import { BRIMLOG } from '../model/sample.js';
import type { Work } from '../model/workload.js';
import type { OpenStore } from './bench-store.js';
import { openBrimlog } from './brimlog-store.js';
import { asyncAppendOnlyLog } from './peers/async-append-only-log.js';
import { betterSqlite3 } from './peers/better-sqlite3.js';
import { classicLevel } from './peers/classic-level.js';
import { eventStorage } from './peers/event-storage.js';
import { lmdb } from './peers/lmdb.js';
import { loadPeer } from './peers/load-peer.js';
import type { Peer } from './peers/peer.js';

/** Everything it can be compared with. */
export const PEERS: readonly Peer[] = [betterSqlite3, lmdb, classicLevel, eventStorage, asyncAppendOnlyLog];

/** Whether `subject` has anything to do with `work`. */
export function supports(subject: string, work: Work): boolean {
  return subject === BRIMLOG || (PEERS.find(({ packageName }) => packageName === subject)?.supports(work) ?? false);
}

/** How a user gets a peer. */
export function howToInstall(peers: readonly Peer[]): string {
  return `npm i ${peers.map(({ packageName, version }) => `${packageName}@${version}`).join(' ')}`;
}

/** How `subject` is opened; throws where it is not known or not installed. `peersFrom` is where else to look for packages. */
export async function storeOpener(subject: string, peersFrom: string): Promise<OpenStore> {
  if (subject === BRIMLOG) return openBrimlog;
  const peer = PEERS.find(({ packageName }) => packageName === subject);
  if (peer === undefined) throw new Error(`no store is called ${subject}`);
  const loaded = loadPeer(peer.packageName, peersFrom);
  if (loaded === null) throw new Error(`${subject} is not installed: ${howToInstall([peer])}`);
  return async (dir, { ack }) => {
    const opened = await peer.open(loaded.exports, dir, ack);
    return { ...opened, counters: () => null, settle: () => Promise.resolve(), follow: null };
  };
}
