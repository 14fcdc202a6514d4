/** Histories by chance. Every choice comes from a seeded stream: the same seed gives the same history. */
import type { CrashProfile, FaultPlan, Random } from '../../src/testing/index.js';
import type { LogOptions } from '../../src/index.js';
import { ACCIDENTS, SIDE_FILES, SMALL_OPTIONS, type AppendCall, type ClientOperation, type Damage, type Ending, type Operation, type Setup } from './operations.js';
import { randomPlan } from './random-plans.js';

const KIB = 1024;

export function randomSetup(random: Random): Setup {
  const retention = random.pick<LogOptions['retention']>([
    undefined, undefined, undefined, { bytes: 8 * KIB }, { segmentsMax: 2 }, { ms: 5_000 }, { segmentsMax: 1, keepUnconsumed: true },
  ]);
  const onDiskFull = random.pick<LogOptions['onDiskFull']>([undefined, undefined, 'reject', 'delete-oldest']);
  // So much room that a large region is written and synced in one call.
  const isAmple = random.chance(0.1);
  const quotaBytesMax = random.chance(0.1) ? random.pick([64 * KIB, 96 * KIB, 192 * KIB]) : undefined;
  return {
    seed: random.uint32(),
    character: random.pick(['simulated', 'simulated', 'tmpfs', 'ext4', 'xfs', 'btrfs', 'btrfs-mixed', 'copy-on-write']),
    capacityBytes: isAmple ? 2 ** 32 : random.pick([2 ** 18, 2 ** 20, 2 ** 20, 2 ** 24]),
    ...(random.chance(0.15) && { wholeWrites: true as const }),
    ...(random.chance(0.1) && { freeAfterCalls: random.below(30) }),
    // Else each call answers before the next one is made, and nothing is beside a large region.
    ...(random.chance(isAmple ? 0.5 : 0.15) && { shuffled: true as const }),
    options: {
      ...SMALL_OPTIONS,
      ...(isAmple && { batchBytesMax: 256 * KIB, segmentBytesMax: 512 * KIB, queueBytesMax: 4096 * KIB }),
      ...(random.chance(0.3) && { segmentMs: random.pick([1, 500, 2_000]) }),
      ...(random.chance(0.3) && { flushBytesMax: random.pick([1, 3_000, 20_000]) }),
      ...(random.chance(0.15) && { space: { reserveBytes: 0, intervalMs: random.pick([100, 1_000, 5_000]) } }),
      ...(random.chance(0.1) && { handlesMax: 16 }),
      ...(random.chance(0.2) && { ack: 'written' as const }),
      ...(retention !== undefined && { retention }),
      ...(onDiskFull !== undefined && { onDiskFull }),
      ...(onDiskFull === 'delete-oldest' && random.chance(0.5) && { keepBytesMin: 4 * KIB }),
      ...(onDiskFull === 'delete-oldest' && random.chance(0.3) && { keepMsMin: 3_000 }),
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
    ...(random.chance(0.1) && { renames: 'both-names' as const }),
    ...(random.chance(0.3) && { exposed: 'garbage' as const }),
  };
}

function randomCall(random: Random): AppendCall {
  // Too large for most logs.
  if (random.chance(0.04)) return { sizes: [random.pick([70_000, 140_000, 140_000])], ack: 'flushed' };
  const count = random.pick([1, 1, 1, 1, 2, 3, 9]);
  const size = (): number => random.pick([8, 8, 20, 60, 200, 500, 1_100, 3_000]);
  const sizes = count === 9 ? Array<number>(9).fill(random.pick([8, 30, 300])) : Array.from({ length: count }, () => Math.min(size(), 3_600 / count));
  return { sizes: sizes.map(Math.floor), ack: random.chance(0.7) ? 'flushed' : 'written', ...(random.chance(0.04) && { aborted: true as const }) };
}

function randomHalts(random: Random): number[] {
  return Array.from({ length: random.pick([0, 0, 1, 1, 2, 3]) }, () => 1 + random.below(random.pick([12, 40])));
}

function randomDamage(random: Random): Damage {
  return { file: random.pick(SIDE_FILES), how: random.pick(ACCIDENTS) };
}

/** What a user of an open log does, reopening it apart. */
function randomClientOperation(random: Random): ClientOperation {
  const at = random.below(48);
  if (at < 26) return { do: 'append', calls: [randomCall(random)] };
  if (at < 31) return { do: 'append', calls: Array.from({ length: 2 + random.below(6) }, () => randomCall(random)) };
  if (at < 34) return { do: 'flush' };
  if (at < 35) return random.chance(0.3) ? { do: 'follow', calls: [randomCall(random), randomCall(random)] } : { do: random.pick(['read', 'iterate', 'verify']) };
  if (at < 36) return { do: random.pick(['peek', 'peek', 'intrude']) };
  if (at < 40) return { do: 'deleteBefore', share: random.below(11) / 10 };
  if (at < 43) return { do: 'retain' };
  if (at < 47) return { do: 'commit', name: random.pick(['a', 'b']), share: random.below(11) / 10 };
  return { do: 'forget', name: random.pick(['a', 'b']) };
}

function randomTogether(random: Random): Operation {
  const operations = Array.from({ length: 2 + random.below(4) }, () => randomClientOperation(random));
  // Between closing and opening again a second opener would rightly get in.
  const others = operations.filter((operation) => operation.do !== 'intrude');
  return { do: 'together', operations: random.chance(0.25) ? [...others, { do: 'reopen' }] : operations };
}

/** What meets an opening. A tail that reads wrong again and again is no tail that anybody could tell from a torn write. */
function openingPlan(random: Random): FaultPlan {
  return randomPlan(random).map((rule) => (rule.effect.kind === 'flip' ? { on: rule.on, ...(rule.nth !== undefined && { nth: rule.nth }), effect: rule.effect } : rule));
}

/** One operation; `mayBreak` false keeps the disk well. */
export function randomOperation(random: Random, mayBreak = true): Operation {
  const at = random.below(mayBreak ? 100 : 63);
  if (at < 41) return randomClientOperation(random);
  if (at < 45) return randomTogether(random);
  if (at < 49) return { do: 'advance', ms: random.pick([1, 200, 1_100, 6_000]) };
  if (at < 50) return random.chance(0.5) ? { do: 'jump', ms: random.pick([-3_600_000, -4_000, 4_000, 3_600_000]) } : { do: 'damage', damage: [randomDamage(random)] };
  if (at < 53) return { do: 'reopen' };
  if (at < 63) return { do: 'crash', how: randomEnding(random), during: randomHalts(random), ...(mayBreak && random.chance(0.2) && { faults: openingPlan(random) }) };
  if (at < 71) return { do: 'die', at: 1 + random.below(random.pick([6, 20, 60])), how: randomEnding(random), during: randomHalts(random) };
  if (at < 84) return { do: 'faults', plan: randomPlan(random), ...(random.chance(0.2) && { how: randomEnding(random) }) };
  if (at < 89) return { do: 'heal' };
  if (at < 93) return { do: 'fill', ...random.pick([{ leave: 0, of: 'bytes' }, { leave: 0, of: 'bytes' }, { leave: 4_096, of: 'bytes' }, { leave: 12_288, of: 'bytes' }, { leave: 40_960, of: 'bytes' }, { leave: 0, of: 'quota' }, { leave: 8_192, of: 'quota' }, { leave: 0, of: 'inodes' }, { leave: 1, of: 'inodes' }] as const) };
  if (at < 95) return { do: 'free' };
  if (at < 97) return { do: 'recover' };
  return { do: random.pick(['wait', 'release']) };
}

/** A whole history of about `length` operations. */
export function randomHistory(random: Random, length: number): Operation[] {
  return Array.from({ length: 1 + random.below(length * 2) }, () => randomOperation(random));
}
