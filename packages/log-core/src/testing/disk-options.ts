/** How a simulated disk is made, and how a power cut is chosen: plain values with defaults. */
import type { Schedule } from './call-dispatcher.js';
import type { DataProfile, ExposedBlocks } from './crash-image.js';
import type { NameProfile, RenameProfile } from './directory-inode.js';
import type { CrashChoices } from './disk-tree.js';
import type { FaultPlan } from './fault-plan.js';
import { fileSystemCharacters, type FileSystemCharacter } from './file-system-character.js';
import { AMPLE_SPACE, type SpaceLimits } from './space-ledger.js';

/** What a power cut leaves; `names` is by default what the file system's character says. @public */
export interface CrashProfile {
  readonly data: DataProfile;
  readonly names?: NameProfile;
  readonly renames?: RenameProfile;
  readonly exposed?: ExposedBlocks;
}

/** How a disk is made. Everything has a default: an ample, harsh, faultless disk. @public */
export interface SimulatedDiskOptions extends Partial<SpaceLimits> {
  /** One of `fileSystemCharacters` by name, or a value of your own. */
  readonly character?: keyof typeof fileSystemCharacters | FileSystemCharacter;
  readonly seed?: number;
  readonly faults?: FaultPlan;
  /** The largest size of a file, as `ulimit -f` sets it. */
  readonly fileBytesMax?: number;
  readonly handlesMax?: number;
  /** A write that does not fit is refused whole instead of being cut short. */
  readonly wholeWrites?: boolean;
  readonly schedule?: Schedule;
  /** The time files are stamped with, in milliseconds; a simulated clock's `now`; by default the time at which such a clock starts. */
  readonly now?: () => number;
  /** The process that holds the locks, as a second opener is told. */
  readonly pid?: number | null;
  /** After so many calls the disk halts, so that what goes round in circles comes to an end. */
  readonly callsMax?: number;
  /** How many of the last calls `trace` shows; 256 by default. */
  readonly traceCallsMax?: number;
}

/** The character a disk is to have. @internal */
export function characterOf({ character = 'simulated' }: SimulatedDiskOptions): FileSystemCharacter {
  return typeof character === 'string' ? fileSystemCharacters[character] : character;
}

/** The limits a disk begins with. @internal */
export function limitsOf(options: SimulatedDiskOptions): SpaceLimits {
  const { capacityBytes, inodesMax, quotaBytes, reserveBytes, freeAfterCalls } = { ...AMPLE_SPACE, ...options };
  return { capacityBytes, inodesMax, quotaBytes, reserveBytes, freeAfterCalls };
}

/** A profile with its defaults: a bare `none` or `all` is meant for names as well; what is copied on write shows no old blocks. @internal */
export function crashChoices(profile: CrashProfile | DataProfile, character: FileSystemCharacter): CrashChoices {
  const { data, names, renames = 'atomic', exposed = 'zeros' } = typeof profile === 'string' ? { data: profile } : profile;
  return { data, names: names ?? (data === 'none' || data === 'all' ? data : character.names), renames, exposed: character.copyOnWrite ? 'zeros' : exposed };
}

/** The boot after this one. @internal */
export function nextBootId(bootId: string): string {
  const [, stem = bootId, count = '0'] = /^(.*?)(?:\+(\d+))?$/.exec(bootId) ?? [];
  return `${stem}+${Number(count) + 1}`;
}
