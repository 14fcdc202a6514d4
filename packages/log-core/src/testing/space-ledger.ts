/**
 * Counts blocks and inodes of the simulated disk and says what `statfs` tells of them.
 * INVARIANT: `available` is what a writer really gets, whatever `statfs` says; freeing never fails.
 * It does not know files.
 */
import type { StatfsManner } from './file-system-character.js';
import { PAGE_BYTES } from './paged-bytes.js';

/** What a disk has room for; can be changed while it is in use. @public */
export interface SpaceLimits {
  /** Size of the volume. */
  readonly capacityBytes: number;
  /** How many files and directories there may be. */
  readonly inodesMax: number;
  /** What this user may take up, or null. */
  readonly quotaBytes: number | null;
  /** The part of the capacity that only root may use, and this writer is not. */
  readonly reserveBytes: number;
  /** Freed blocks can be used again only after so many further calls. */
  readonly freeAfterCalls: number;
}

/** A volume that no test fills by accident. @internal */
export const AMPLE_SPACE: SpaceLimits = {
  capacityBytes: 2 ** 40,
  inodesMax: 2 ** 20,
  quotaBytes: null,
  reserveBytes: 0,
  freeAfterCalls: 0,
};

interface LateBlocks {
  readonly blocks: number;
  readonly usableAt: number;
}

interface Sighting {
  readonly call: number;
  readonly free: number;
}

/** The space of one disk. @internal */
export class SpaceLedger {
  limits: SpaceLimits;
  readonly #manner: StatfsManner;
  #usedBlocks = 0;
  #usedInodes = 0;
  #late: LateBlocks[] = [];
  /** Blocks freed since the last sync. */
  #unsyncedFrees = 0;
  #sightings: Sighting[] = [];

  constructor(limits: SpaceLimits, manner: StatfsManner) {
    this.limits = limits;
    this.#manner = manner;
  }

  get usedBytes(): number {
    return this.#usedBlocks * PAGE_BYTES;
  }

  get usedInodes(): number {
    return this.#usedInodes;
  }

  /** Blocks a writer can take at call number `call`. */
  available(call: number): number {
    const quota = this.limits.quotaBytes === null ? Infinity : blocksIn(this.limits.quotaBytes) - this.#usedBlocks;
    return Math.max(0, Math.min(this.#free(call), quota));
  }

  /** Which limit is in the way of a writer that got too little. */
  refusal(call: number): 'no-space' | 'quota' {
    const quota = this.limits.quotaBytes;
    return quota !== null && blocksIn(quota) - this.#usedBlocks <= this.#free(call) ? 'quota' : 'no-space';
  }

  hasInode(): boolean {
    return this.#usedInodes < this.limits.inodesMax;
  }

  takeInode(): void {
    this.#usedInodes += 1;
  }

  giveInode(): void {
    this.#usedInodes -= 1;
  }

  take(blocks: number, call: number): void {
    this.#usedBlocks += blocks;
    this.#see(call);
  }

  give(blocks: number, call: number): void {
    if (blocks === 0) return;
    this.#usedBlocks -= blocks;
    this.#unsyncedFrees += blocks;
    if (this.limits.freeAfterCalls > 0) this.#late.push({ blocks, usableAt: call + this.limits.freeAfterCalls });
    this.#see(call);
  }

  synced(): void {
    this.#unsyncedFrees = 0;
  }

  /** What `statfs` shows: bytes free for an unprivileged writer, and free inodes. */
  shown(call: number): { readonly freeBytes: number; readonly freeInodes: number } {
    const free = this.#shownBlocks(call) * PAGE_BYTES;
    const manner = this.#manner;
    const freeBytes = manner.kind === 'fixed' ? manner.freeBytes : Math.max(0, manner.kind === 'hidden' ? free - manner.bytes : free);
    return { freeBytes, freeInodes: Math.max(0, this.limits.inodesMax - this.#usedInodes) };
  }

  #shownBlocks(call: number): number {
    const free = this.available(call);
    if (this.#manner.kind === 'until-sync') return Math.max(0, free - this.#unsyncedFrees);
    if (this.#manner.kind !== 'lag') return free;
    const seenAt = call - this.#manner.calls;
    let shown = this.#sightings[0]?.free ?? free;
    for (const sighting of this.#sightings) if (sighting.call <= seenAt) shown = sighting.free;
    return Math.max(0, shown);
  }

  #free(call: number): number {
    while (this.#late[0] !== undefined && this.#late[0].usableAt <= call) this.#late.shift();
    let late = 0;
    for (const freed of this.#late) late += freed.blocks;
    return blocksIn(this.limits.capacityBytes - this.limits.reserveBytes) - this.#usedBlocks - late;
  }

  /** Keeps what was free at each change, as far back as a lagging `statfs` looks. */
  #see(call: number): void {
    if (this.#manner.kind !== 'lag') return;
    this.#sightings.push({ call, free: this.#free(call) });
    while ((this.#sightings[1]?.call ?? Infinity) <= call - this.#manner.calls) this.#sightings.shift();
  }
}

function blocksIn(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES);
}
