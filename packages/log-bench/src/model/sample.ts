/**
 * What one round of one workload found, and the file that holds all of them. A sample has its own floors, measured in
 * the same process before and after the log: only their ratio means anything on a machine that others use too.
 */
import type { Latencies } from '../stats/statistics.js';
import type { RunScale } from './run-scale.js';
import type { Workload } from './workload.js';

/** The subject that is the log itself; the others are what it is compared with. */
export const BRIMLOG = 'brimlog';

/**
 * The raw floors. `growing`: write + fdatasync at the end of a growing file; `overwriting`: the same over blocks that were written
 * before; `group-…`: all producers' records in one write; `unsynced`: write alone; `read-crc`: read and CRC-32C of the
 * files; `read-crc-random`: the same of one batch at a random place; `list-stat`: listing the directory and stat of every
 * file in it; `loop-turn`: one turn of the event loop; `message`: half the way of a message to another process and back. `thread-hop`: calls
 * per second through Node's thread pool that do nothing, a control that nothing is held against.
 */
export type FloorName =
  | 'growing'
  | 'overwriting'
  | 'group-growing'
  | 'group-overwriting'
  | 'unsynced'
  | 'read-crc'
  | 'read-crc-random'
  | 'list-stat'
  | 'loop-turn'
  | 'message'
  | 'thread-hop';

/** What a figure counts: more is better for rates, less for times. */
export type Unit = 'records/s' | 'ms';

/** What the process cost while the log was measured. */
export interface Costs {
  readonly seconds: number;
  readonly appends: number;
  readonly records: number;
  /** Bytes of keys and values. */
  readonly bytes: number;
  /** Syncs and writes the log counted itself; null where it does not count. */
  readonly syncs: number | null;
  readonly writes: number | null;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly cpuMs: number;
  /** The most memory the process had resident in all its life, the bench's own included. */
  readonly rssPeakBytes: number;
  /** Bytes allocated on the JavaScript heap, the caller's own included. */
  readonly heapBytes: number;
}

/** One turn within a round: the figure, and its main floor as the mean of the runs right before and right after. */
export interface Turn {
  readonly figure: number;
  readonly floor: number;
}

/** What happened while a volume was filled and freed, in steps of `stepMs` from the first append on. */
export interface Timeline {
  readonly stepMs: number;
  readonly acknowledged: readonly number[];
  readonly refused: readonly number[];
  readonly fullAtMs: number;
  readonly freedAtMs: number;
  readonly backAtMs: number;
}

/** One round of one workload by one subject. */
export interface Sample {
  readonly workload: string;
  readonly subject: string;
  readonly round: number;
  readonly unit: Unit;
  readonly figure: number;
  readonly floors: Readonly<Partial<Record<FloorName, number>>>;
  /** Where floors and log took turns within the round; else empty. */
  readonly turns: readonly Turn[];
  readonly costs: Costs | null;
  /** Microseconds. Where the log did not keep up, `sustained` is false; `raw` is null where there is nothing raw to compare with. */
  readonly latency: (Latencies & { readonly sustained: boolean; readonly raw: Latencies | null }) | null;
  readonly timeline: Timeline | null;
  /** Records that were read back and found to be what was appended. */
  readonly checkedRecords: number;
  /** Other findings, named with their unit: bytes read while opening, files in the directory. */
  readonly facts: Readonly<Record<string, number>>;
}

/** System calls of one workload under strace, a process's whole life; `times` it appended or opened. */
export interface StraceCount {
  readonly workload: string;
  readonly subject: string;
  readonly times: number;
  /** Calls that put something on stable storage: fdatasync and its like, and writes through handles opened with O_DSYNC. */
  readonly syncs: number;
  /** Files of the store that were read, and those whose facts were asked for by name, each counted once. */
  readonly filesRead: number;
  readonly filesStatted: number;
  readonly calls: Readonly<Record<string, number>>;
}

/** A writer that was killed with SIGKILL: what it had been told was written, and what was found after it; null where what it left could not be read. */
export interface KillCount {
  readonly workload: string;
  readonly subject: string;
  readonly acknowledged: number;
  readonly found: number | null;
}

/** A step that failed, in words. */
export interface Problem {
  readonly subject: string;
  readonly step: string;
  readonly words: string;
}

/** Where and with what it was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly loadAverage: readonly number[];
  /** The 99th percentile of the event loop's delay while nothing is done. */
  readonly idleLoopDelayMs: number;
  readonly directory: string;
  readonly fileSystem: { readonly type: string; readonly device: string; readonly options: string; readonly freeBytes: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** The JSON file. */
export interface RunFile {
  readonly format: 'brimlog-bench-run';
  readonly formatVersion: 1;
  readonly startedAt: string;
  readonly seconds: number;
  readonly quick: boolean;
  readonly scale: RunScale;
  readonly machine: Machine;
  readonly workloads: readonly Workload[];
  readonly samples: readonly Sample[];
  readonly strace: readonly StraceCount[];
  readonly kills: readonly KillCount[];
  /** What was left out on this machine and why, in sentences. */
  readonly leftOut: readonly string[];
  readonly problems: readonly Problem[];
}

/** The main floor of a figure: what it is relative to, the first of these that was measured. */
export const MAIN_FLOORS: readonly FloorName[] = ['growing', 'unsynced', 'read-crc', 'read-crc-random', 'list-stat', 'loop-turn', 'message'];

/** Whether more of this unit is better. */
export function isRate(unit: Unit): boolean {
  return unit === 'records/s';
}

/** How many times as good as the floor a figure is; above 1 is better than the floor. */
export function timesFloor(unit: Unit, figure: number, floor: number): number {
  return isRate(unit) ? figure / floor : floor / figure;
}
