/**
 * What a history is made of: plain values that print as JSON, so that a failing one can be pasted into a test.
 * Every choice comes from a seeded stream; the same seed gives the same history.
 */
import type { CrashProfile, FaultEffect, FaultPlan, FaultRule, Random } from '../../src/testing/index.js';
import type { IoOperation, IoSymbol, LogOptions } from '../../src/index.js';

/** How a process ends: killed, or by a power cut that leaves what the profile says. */
export type Ending = 'process' | CrashProfile;

/** One call of `append`: the sizes of its records' values, and when it is to be acknowledged. */
export interface AppendCall {
  readonly sizes: readonly number[];
  readonly ack: 'flushed' | 'written';
}

/** A share is a place between the log's first and last offset, 0 … 1. */
export type Operation =
  | { readonly do: 'append'; readonly calls: readonly AppendCall[] }
  | { readonly do: 'flush' | 'read' | 'iterate' | 'verify' | 'retain' | 'reopen' | 'heal' | 'free' | 'recover' | 'wait' | 'release' }
  | { readonly do: 'deleteBefore'; readonly share: number }
  | { readonly do: 'commit'; readonly name: string; readonly share: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'fill'; readonly leaveBytes: number; readonly quota?: boolean }
  /** `how` says how the process ends where the plan halts it. */
  | { readonly do: 'faults'; readonly plan: FaultPlan; readonly how?: Ending }
  /** A follower reads along while these are appended. */
  | { readonly do: 'follow'; readonly calls: readonly AppendCall[] }
  /** The process ends now; the next openings end at these of their calls, in the same way; `faults` meet the last one. */
  | { readonly do: 'crash'; readonly how: Ending; readonly during: readonly number[]; readonly faults?: FaultPlan }
  /** The process ends at the n-th call from now. */
  | { readonly do: 'die'; readonly at: number; readonly how: Ending; readonly during: readonly number[]; readonly faults?: FaultPlan };

/** The disk and the options a history runs with. */
export interface Setup {
  readonly seed: number;
  readonly character: 'simulated' | 'tmpfs' | 'ext4' | 'xfs' | 'btrfs' | 'btrfs-mixed';
  readonly capacityBytes: number;
  readonly wholeWrites?: boolean;
  readonly freeAfterCalls?: number;
  readonly options: Omit<LogOptions, 'fileSystem' | 'clock' | 'onProgress'>;
}

const KIB = 1024;

/** Small everything, so that a few records roll, fill and free something. */
export const SMALL_OPTIONS = {
  segmentBytesMax: 64 * KIB,
  batchBytesMax: 4 * KIB,
  queueBytesMax: 256 * KIB,
  space: { reserveBytes: 0, lowBytes: 0, highBytes: 1 },
  ioTimeoutMs: 2_000,
} as const satisfies Setup['options'];

export const PLAIN_SETUP: Setup = { seed: 1, character: 'simulated', capacityBytes: 2 ** 20, options: SMALL_OPTIONS };

export function randomSetup(random: Random): Setup {
  const retention = random.pick<LogOptions['retention']>([
    undefined, undefined, undefined, { bytes: 8 * KIB }, { segmentsMax: 2 }, { ms: 5_000 }, { segmentsMax: 1, keepUnconsumed: true },
  ]);
  const onDiskFull = random.pick<LogOptions['onDiskFull']>([undefined, undefined, 'reject', 'delete-oldest']);
  const quotaBytesMax = random.chance(0.1) ? random.pick([64 * KIB, 96 * KIB, 192 * KIB]) : undefined;
  return {
    seed: random.uint32(),
    character: random.pick(['simulated', 'simulated', 'tmpfs', 'ext4', 'xfs', 'btrfs', 'btrfs-mixed']),
    capacityBytes: random.pick([2 ** 18, 2 ** 20, 2 ** 20, 2 ** 24]),
    ...(random.chance(0.15) && { wholeWrites: true }),
    ...(random.chance(0.1) && { freeAfterCalls: random.below(30) }),
    options: {
      ...SMALL_OPTIONS,
      ...(random.chance(0.3) && { segmentMs: random.pick([1, 500, 2_000]) }),
      ...(random.chance(0.3) && { flushBytesMax: random.pick([1, 3_000, 20_000]) }),
      ...(random.chance(0.15) && { space: { reserveBytes: 0, intervalMs: random.pick([100, 1_000, 5_000]) } }),
      ...(random.chance(0.1) && { handlesMax: 16 }),
      ...(random.chance(0.2) && { ack: 'written' as const }),
      ...(retention !== undefined && { retention }),
      ...(onDiskFull !== undefined && { onDiskFull }),
      ...(onDiskFull === 'delete-oldest' && random.chance(0.5) && { keepBytesMin: 4 * KIB }),
      ...(quotaBytesMax !== undefined && { quotaBytesMax }),
    },
  };
}

export function randomEnding(random: Random): Ending {
  return random.chance(0.3) ? 'process' : randomProfile(random);
}

export function randomProfile(random: Random): CrashProfile {
  return {
    data: random.pick(['none', 'all', 'prefix', 'subset', 'subset', 'subset']),
    ...(random.chance(0.4) && { names: random.pick(['none', 'all', 'posix-weak', 'journaling', 'ext4-like'] as const) }),
    ...(random.chance(0.3) && { exposed: 'garbage' as const }),
  };
}

function randomCall(random: Random): AppendCall {
  const count = random.pick([1, 1, 1, 1, 2, 3, 9]);
  const size = (): number => random.pick([8, 8, 20, 60, 200, 500, 1_100, 3_000]);
  const sizes = count === 9 ? Array<number>(9).fill(random.pick([8, 30, 300])) : Array.from({ length: count }, () => Math.min(size(), 3_600 / count));
  return { sizes: sizes.map(Math.floor), ack: random.chance(0.7) ? 'flushed' : 'written' };
}

function randomHalts(random: Random): number[] {
  return Array.from({ length: random.pick([0, 0, 1, 1, 2, 3]) }, () => 1 + random.below(random.pick([12, 40])));
}

/** One operation; `mayBreak` false keeps the disk well. */
export function randomOperation(random: Random, mayBreak = true): Operation {
  const at = random.below(mayBreak ? 100 : 62);
  if (at < 26) return { do: 'append', calls: [randomCall(random)] };
  if (at < 31) return { do: 'append', calls: Array.from({ length: 2 + random.below(6) }, () => randomCall(random)) };
  if (at < 34) return { do: 'flush' };
  if (at < 35) return random.chance(0.3) ? { do: 'follow', calls: [randomCall(random), randomCall(random)] } : { do: random.pick(['read', 'iterate', 'verify']) };
  if (at < 38) return { do: 'deleteBefore', share: random.below(11) / 10 };
  if (at < 40) return { do: 'retain' };
  if (at < 43) return { do: 'commit', name: random.pick(['a', 'b']), share: random.below(11) / 10 };
  if (at < 48) return { do: 'advance', ms: random.pick([1, 200, 1_100, 6_000]) };
  if (at < 52) return { do: 'reopen' };
  if (at < 62) return { do: 'crash', how: randomEnding(random), during: randomHalts(random) };
  if (at < 70) return { do: 'die', at: 1 + random.below(random.pick([6, 20, 60])), how: randomEnding(random), during: randomHalts(random) };
  if (at < 84) return { do: 'faults', plan: randomPlan(random) };
  if (at < 89) return { do: 'heal' };
  if (at < 93) return { do: 'fill', leaveBytes: random.pick([0, 0, 4_096, 12_288, 40_960]), ...(random.chance(0.3) && { quota: true }) };
  if (at < 95) return { do: 'free' };
  if (at < 97) return { do: 'recover' };
  return { do: random.pick(['wait', 'release']) };
}

const FULL = ['no-space', 'no-space', 'quota', 'no-inodes'] as const;
const OTHER = ['io', 'io', 'read-only-fs', 'permission', 'fd-exhausted', 'file-too-large', 'other'] as const;

function randomSymbol(random: Random): IoSymbol {
  return random.chance(0.4) ? random.pick(FULL) : random.pick(OTHER);
}

const SYNCS: readonly IoOperation[] = ['sync', 'sync-directory', 'dsync-write'];

export function randomPlan(random: Random): FaultPlan {
  return Array.from({ length: random.pick([1, 1, 1, 2]) }, () => randomRule(random));
}

function randomRule(random: Random): FaultRule {
  const on = random.pick<readonly IoOperation[] | '*'>([
    ['write'], ['write'], ['dsync-write'], ['sync'], ['sync'], ['sync-directory'], SYNCS, ['truncate'], ['create'], ['open'], ['rename'], ['unlink'],
    ['read'], ['stat'], ['statfs'], ['readdir'], ['close'], ['lock'], ['write', 'dsync-write', 'create', 'truncate', 'rename'], '*',
  ]);
  const path = random.chance(0.25) ? random.pick(['.log', 'brimlog.checkpoint', 'brimlog.spare', 'brimlog.positions', '.tmp', '.index', '/log']) : undefined;
  const times = random.pick<FaultRule['times']>([undefined, undefined, 2, 3, 'sticky', 'sticky']);
  return {
    on,
    ...(path !== undefined && { path }),
    ...(random.chance(0.6) && { nth: 1 + random.below(random.pick([3, 12])) }),
    ...(times !== undefined && { times }),
    effect: randomEffect(random, on),
  };
}

function randomEffect(random: Random, on: FaultRule['on']): FaultEffect {
  const one = on === '*' ? '*' : on[0];
  if (random.chance(0.07)) return random.chance(0.7) ? { kind: 'late', work: random.pick(['first', 'last']) } : { kind: 'hang' };
  if (one === 'read') {
    const kind = random.below(4);
    if (kind === 0) return { kind: 'short', bytes: 1 + random.below(60) };
    return kind === 1 ? { kind: 'flip', bit: random.below(4_000) } : { kind: 'fail', symbol: 'io' };
  }
  if (one === 'close' || one === 'lock' || one === 'statfs' || one === 'stat' || one === 'readdir') return { kind: 'fail', symbol: 'io' };
  if (one === 'open' && random.chance(0.3)) return { kind: 'handles', max: 1 + random.below(8) };
  if (one === '*') {
    return random.chance(0.3) ? { kind: 'read-only' } : { kind: 'fail', symbol: random.pick(['io', 'no-space', 'read-only-fs', 'fd-exhausted', 'permission']) };
  }
  if (SYNCS.some((name) => name === one) && random.chance(0.6)) {
    return { kind: 'fail-sync', flavour: random.pick(['drop', 'poison', 'false-failure']), symbol: random.chance(0.3) ? random.pick(FULL) : 'io' };
  }
  if ((one === 'write' || one === 'dsync-write') && random.chance(0.35)) {
    const bytes = random.below(random.pick([20, 600, 5_000]));
    return random.chance(0.7) ? { kind: 'short', bytes, then: randomSymbol(random) } : { kind: 'short', bytes };
  }
  if (random.chance(0.2)) return { kind: 'done-then-fail', symbol: randomSymbol(random) };
  return { kind: 'fail', symbol: randomSymbol(random) };
}

/** A whole history of about `length` operations. */
export function randomHistory(random: Random, length: number): Operation[] {
  return Array.from({ length: 1 + random.below(length * 2) }, () => randomOperation(random));
}
