/** A store that is compared with: what it is called, what it can be asked, and how it is opened at its best honest setting. */
import type { Ack, Work } from '../../model/workload.js';
import type { BenchStore } from '../bench-store.js';

/** `open` gets what the package exports. Stores do not count their syncs: strace does. */
export interface Peer {
  readonly packageName: string;
  /** The version this was written against. */
  readonly version: string;
  readonly supports: (work: Work) => boolean;
  readonly open: (exports: unknown, dir: string, ack: Ack) => Promise<PeerStore>;
}

/** A store that is no log: nothing in it can be followed. */
export type PeerStore = Omit<BenchStore, 'counters' | 'settle' | 'follow'>;

/** What every store can do: append and read, in order and at random. */
export function appendsOrReads(work: Work): boolean {
  return (work.kind === 'append' && !work.followed) || work.kind === 'offered' || work.kind === 'read' || work.kind === 'read-random';
}
