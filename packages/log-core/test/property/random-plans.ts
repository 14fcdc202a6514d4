/** Fault plans by chance: every operation of the disk, every errno it may meet, once, for a while, or from then on. */
import { deviceFaultPlan, type FaultEffect, type FaultPlan, type FaultRule, type Random } from '../../src/testing/index.js';
import type { IoOperation, IoSymbol } from '../../src/index.js';

const FULL = ['no-space', 'no-space', 'quota', 'no-inodes'] as const;
const OTHER = ['io', 'io', 'read-only-fs', 'permission', 'fd-exhausted', 'file-too-large', 'other', 'again', 'stale'] as const;
const SYNCS: readonly IoOperation[] = ['sync', 'sync-directory', 'dsync-write'];
/** What lost rights, or a directory that may not be written, still refuse to who has files open. */
const NAMES: readonly IoOperation[] = ['create', 'open', 'rename', 'unlink', 'readdir', 'mkdir'];

export function randomPlan(random: Random): FaultPlan {
  if (random.chance(0.06)) return randomDevice(random);
  return Array.from({ length: random.pick([1, 1, 1, 2]) }, () => randomRule(random));
}

/** A device that fails as one was seen to; none that goes on saying ok to syncs, for then nothing is owed. */
function randomDevice(random: Random): FaultPlan {
  const fileSystem = random.pick(['ext4', 'xfs', 'btrfs'] as const);
  const failure = random.pick(fileSystem === 'btrfs' ? (['one-write', 'one-flush', 'gone'] as const) : (['one-write', 'one-flush', 'all-writes', 'gone'] as const));
  return deviceFaultPlan(fileSystem, failure, 1 + random.below(6));
}

function randomRule(random: Random): FaultRule {
  const on = random.pick<readonly IoOperation[] | '*'>([
    ['write'], ['write'], ['dsync-write'], ['sync'], ['sync'], ['sync-directory'], SYNCS, ['truncate'], ['create'], ['open'], ['rename'], ['unlink'],
    ['read'], ['stat'], ['statfs'], ['readdir'], ['close'], ['lock'], ['mkdir'], NAMES, ['write', 'dsync-write', 'create', 'truncate', 'rename'], '*',
  ]);
  const path = random.chance(0.25) ? random.pick(['.log', 'brimlog.checkpoint', 'brimlog.spare', 'brimlog.positions', '.tmp', '.index', '/log']) : undefined;
  const effect = randomEffect(random, on);
  const isAgain = 'symbol' in effect && effect.symbol === 'again';
  // A storm that outlasts every patience, and ends.
  const times = random.pick<FaultRule['times']>([undefined, undefined, 2, 3, 40, isAgain ? 1_200 : 'sticky', isAgain ? 40 : 'sticky']);
  return {
    on,
    ...(path !== undefined && { path }),
    ...(random.chance(0.6) && { nth: 1 + random.below(random.pick([3, 12])) }),
    ...(times !== undefined && { times }),
    effect,
  };
}

function randomSymbol(random: Random): IoSymbol {
  return random.chance(0.4) ? random.pick(FULL) : random.pick(OTHER);
}

function randomEffect(random: Random, on: FaultRule['on']): FaultEffect {
  const one = on === '*' ? '*' : on[0];
  if (random.chance(0.07)) return random.chance(0.7) ? { kind: 'late', work: random.pick(['first', 'last']) } : { kind: 'hang' };
  if (one === 'read') {
    const kind = random.below(4);
    if (kind === 0) return { kind: 'short', bytes: 1 + random.below(60) };
    return kind === 1 ? { kind: 'flip', bit: random.below(4_000) } : { kind: 'fail', symbol: random.pick(['io', 'io', 'again', 'stale']) };
  }
  if (one === 'close' || one === 'lock' || one === 'statfs' || one === 'stat') return { kind: 'fail', symbol: random.pick(['io', 'io', 'again', 'stale']) };
  if (one === 'readdir') return { kind: 'fail', symbol: random.pick(['io', 'fd-exhausted', 'permission', 'again']) };
  if (one === 'open' && random.chance(0.3)) return { kind: 'handles', max: 1 + random.below(8) };
  if (one === '*') {
    return random.chance(0.3) ? { kind: 'read-only' } : { kind: 'fail', symbol: random.pick(['io', 'no-space', 'read-only-fs', 'fd-exhausted', 'permission', 'again']) };
  }
  if (SYNCS.some((name) => name === one) && random.chance(0.6)) {
    return { kind: 'fail-sync', flavour: random.pick(['drop', 'poison', 'false-failure']), symbol: random.chance(0.3) ? random.pick(FULL) : 'io' };
  }
  if ((one === 'write' || one === 'dsync-write') && random.chance(0.35)) {
    const bytes = random.below(random.pick([20, 600, 5_000]));
    return random.chance(0.7) ? { kind: 'short', bytes, then: randomSymbol(random) } : { kind: 'short', bytes };
  }
  if (random.chance(0.2)) {
    const symbol = randomSymbol(random);
    // What says "again" has not done it.
    return { kind: 'done-then-fail', symbol: symbol === 'again' ? 'io' : symbol };
  }
  return { kind: 'fail', symbol: randomSymbol(random) };
}
