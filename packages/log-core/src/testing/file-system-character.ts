/**
 * What tells one file system from another where a log can notice: what a full one refuses, whether it
 * allocates when it overwrites, what its `statfs` shows, and what a failed sync or a power cut does to it.
 * The values follow runs of Linux 6.18; `simulated` takes the harshest of each.
 */
import type { SpaceFacts } from '../ports/file-system.js';
import type { NameProfile } from './directory-inode.js';
import type { SyncFailureFlavour } from './file-inode.js';

/**
 * What `statfs` tells.
 * - `exact`: the truth. - `fixed`: always `freeBytes`.
 * - `hidden`: the truth less `bytes` that writers may use all the same.
 * - `until-sync`: what was freed shows only after the next sync of anything.
 * - `lag`: the truth as it was `calls` calls ago.
 * @public
 */
export type StatfsManner =
  | { readonly kind: 'exact' }
  | { readonly kind: 'fixed'; readonly freeBytes: number }
  | { readonly kind: 'hidden'; readonly bytes: number }
  | { readonly kind: 'until-sync' }
  | { readonly kind: 'lag'; readonly calls: number };

/** An operation that needs a free block though it stores no data. @public */
export type AllocatingOperation = 'create' | 'mkdir' | 'rename' | 'truncate' | 'unlink';

/** How a file system behaves at its limits. @public */
export interface FileSystemCharacter {
  readonly name: string;
  readonly family: SpaceFacts['family'];
  /** What a full disk refuses beside writes. Unlinking worked on every real one that was tried. */
  readonly allocates: readonly AllocatingOperation[];
  /** Overwriting and punching need free blocks, also where the file has its own. */
  readonly copyOnWrite: boolean;
  /** Whether inodes are counted and can run out. */
  readonly countsInodes: boolean;
  readonly statfs: StatfsManner;
  /** What a failed sync does where the fault plan does not say. */
  readonly syncFailure: SyncFailureFlavour;
  /** Which names survive a power cut where the crash profile does not say. */
  readonly names: NameProfile;
}

const BLOCK_BYTES = 4096;

/** The file systems the simulated disk can be. @public */
export const fileSystemCharacters = {
  simulated: {
    name: 'simulated',
    family: 'overwriting',
    allocates: [],
    copyOnWrite: false,
    countsInodes: true,
    statfs: { kind: 'exact' },
    syncFailure: 'poison',
    names: 'posix-weak',
  },
  tmpfs: {
    name: 'tmpfs',
    family: 'overwriting',
    allocates: [],
    copyOnWrite: false,
    countsInodes: true,
    statfs: { kind: 'exact' },
    syncFailure: 'drop',
    names: 'none',
  },
  ext4: {
    name: 'ext4',
    family: 'overwriting',
    allocates: ['mkdir'],
    copyOnWrite: false,
    countsInodes: true,
    statfs: { kind: 'hidden', bytes: 1024 * BLOCK_BYTES },
    syncFailure: 'poison',
    names: 'ext4-like',
  },
  xfs: {
    name: 'xfs',
    family: 'overwriting',
    allocates: ['create', 'mkdir'],
    copyOnWrite: false,
    countsInodes: true,
    statfs: { kind: 'exact' },
    syncFailure: 'drop',
    names: 'journaling',
  },
  btrfs: {
    name: 'btrfs',
    family: 'copy-on-write',
    allocates: [],
    copyOnWrite: true,
    countsInodes: false,
    statfs: { kind: 'until-sync' },
    syncFailure: 'drop',
    names: 'journaling',
  },
  /** btrfs with data and metadata in the same block groups, as on small volumes. */
  'btrfs-mixed': {
    name: 'btrfs',
    family: 'copy-on-write',
    allocates: ['create', 'mkdir', 'rename', 'truncate'],
    copyOnWrite: true,
    countsInodes: false,
    statfs: { kind: 'exact' },
    syncFailure: 'drop',
    names: 'journaling',
  },
  /** None that was seen: copy-on-write at its worst, where every change needs a free block and deleting is no exception. */
  'copy-on-write': {
    name: 'copy-on-write',
    family: 'copy-on-write',
    allocates: ['create', 'mkdir', 'rename', 'truncate', 'unlink'],
    copyOnWrite: true,
    countsInodes: true,
    statfs: { kind: 'lag', calls: 5 },
    syncFailure: 'drop',
    names: 'posix-weak',
  },
} as const satisfies Readonly<Record<string, FileSystemCharacter>>;
