/**
 * What a history is made of: plain values that print as short text (`history-text.ts`), so that a failing one can be
 * pasted into a test or given to `npm run faults -- --plan`.
 */
import type { CrashProfile, FaultPlan, fileSystemCharacters } from '../../src/testing/index.js';
import type { LogOptions } from '../../src/index.js';

/** How a process ends: killed, or by a power cut that leaves what the profile says. */
export type Ending = 'process' | CrashProfile;

/** One call of `append`: the sizes of its records' values, and when it is to be acknowledged. */
export interface AppendCall {
  readonly sizes: readonly number[];
  readonly ack: 'flushed' | 'written';
  /** Its signal is aborted right after the call. */
  readonly aborted?: true;
}

/**
 * What a user of the open log does. A share is a place between the log's first and last offset, 0 … 1.
 * - `follow`: a follower reads along while these are appended. - `peek`: another process reads everything.
 * - `intrude`: another process tries to open the log. - `reopen`: closes the log and opens it again.
 */
export type ClientOperation =
  | { readonly do: 'append' | 'follow'; readonly calls: readonly AppendCall[] }
  | { readonly do: 'flush' | 'read' | 'iterate' | 'verify' | 'retain' | 'recover' | 'wait' | 'peek' | 'intrude' | 'reopen' }
  | { readonly do: 'deleteBefore'; readonly share: number }
  | { readonly do: 'commit'; readonly name: string; readonly share: number }
  | { readonly do: 'forget'; readonly name: string };

/** What can run out on a disk. */
export const RESOURCES = ['bytes', 'quota', 'inodes'] as const;
export type Resource = (typeof RESOURCES)[number];

/** Files that are no truth: whatever happens to them, the log is the same. */
export const SIDE_FILES = ['.index', '.timeindex', 'brimlog.segments', 'brimlog.watermark', 'brimlog.spare'] as const;
export const ACCIDENTS = ['removed', 'emptied', 'flipped', 'garbage'] as const;

/** What is done to a side file while nobody has it open. */
export interface Damage {
  readonly file: (typeof SIDE_FILES)[number];
  readonly how: (typeof ACCIDENTS)[number];
}

/** What happens to the log and to the world around it. */
export type WorldOperation =
  /** All of them are begun before any has its answer. */
  | { readonly do: 'together'; readonly operations: readonly ClientOperation[] }
  /** The log is closed, files are damaged, the log is opened again. */
  | { readonly do: 'damage'; readonly damage: readonly Damage[] }
  | { readonly do: 'heal' | 'free' | 'release' }
  | { readonly do: 'advance'; readonly ms: number }
  /** The wall clock jumps. */
  | { readonly do: 'jump'; readonly ms: number }
  /** Leaves so much of a resource. */
  | { readonly do: 'fill'; readonly leave: number; readonly of: Resource }
  /** `how` says how the process ends where the plan halts it. */
  | { readonly do: 'faults'; readonly plan: FaultPlan; readonly how?: Ending }
  /**
   * The process ends now; the next openings end at these of their calls, in the same way; `faults` meet the last one. Where
   * they halt it, it ends in the same way once more, and `then` meets the one that follows.
   */
  | { readonly do: 'crash'; readonly how: Ending; readonly during: readonly number[]; readonly faults?: FaultPlan; readonly then?: FaultPlan }
  /** The process ends at the n-th call from now; the rest as for `crash`. */
  | { readonly do: 'die'; readonly at: number; readonly how: Ending; readonly during: readonly number[]; readonly faults?: FaultPlan };

export type Operation = ClientOperation | WorldOperation;

const OF_THE_WORLD: Readonly<Record<WorldOperation['do'], true>> = {
  together: true, damage: true, heal: true, free: true, release: true, advance: true, jump: true, fill: true, faults: true, crash: true, die: true,
};

export function isOfTheWorld(operation: Operation): operation is WorldOperation {
  return operation.do in OF_THE_WORLD;
}

/** The disk and the options a history runs with. */
export interface Setup {
  readonly seed: number;
  readonly character: keyof typeof fileSystemCharacters;
  readonly capacityBytes: number;
  readonly wholeWrites?: true;
  readonly freeAfterCalls?: number;
  /** Calls that are out together are carried out in any order. */
  readonly shuffled?: true;
  /** Nothing is opened before the first operation. */
  readonly fresh?: true;
  /** The share of calls, 0 … 1, at which a state that a power cut could leave is opened and checked as well. */
  readonly looks?: number;
  readonly options: LogChoices;
}

/** Options that are plain values. */
export type LogChoices = Omit<LogOptions, 'fileSystem' | 'clock' | 'onProgress'>;

const KIB = 1024;

/** Small everything, so that a few records roll, fill and free something. */
export const SMALL_OPTIONS = {
  segmentBytesMax: 64 * KIB,
  batchBytesMax: 4 * KIB,
  queueBytesMax: 256 * KIB,
  space: { reserveBytes: 0, lowBytes: 0, highBytes: 1 },
  ioTimeoutMs: 2_000,
} as const satisfies LogChoices;

export const PLAIN_SETUP: Setup = { seed: 1, character: 'simulated', capacityBytes: 2 ** 20, options: SMALL_OPTIONS };
