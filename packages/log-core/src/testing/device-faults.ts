/**
 * How a failing device shows through a file system, as fault plans: what Linux 6.18 was seen to do on ext4,
 * xfs and btrfs. They all mark dirty pages clean when a write of theirs failed, so a second sync succeeds.
 */
import type { IoOperation } from '../model/io-failure.js';
import type { FaultPlan, FaultRule } from './fault-plan.js';
import type { SyncFailureFlavour } from './file-inode.js';

/**
 * What the device does.
 * - `one-write`: it fails one write of data. - `one-flush`: it fails one flush of its own cache.
 * - `all-writes`: it fails every write from then on. - `gone`: it is not there any more.
 * @public
 */
export type DeviceFailure = 'one-write' | 'one-flush' | 'all-writes' | 'gone';

const SYNCS: readonly IoOperation[] = ['sync', 'dsync-write', 'sync-directory'];

/** The plan in which the device fails at the `nth` sync from now on. @public */
export function deviceFaultPlan(fileSystem: 'ext4' | 'xfs' | 'btrfs', failure: DeviceFailure, nth = 1): FaultPlan {
  const flavour = fileSystem === 'ext4' ? 'poison' : 'drop';
  switch (failure) {
    case 'one-write':
      return [failingSync(flavour, nth)];
    case 'one-flush':
      return [failingSync('drop', nth), ...afterFlushFailed(fileSystem)];
    case 'all-writes':
      return [failingSync(flavour, nth), ...afterWritesFailed(fileSystem)];
    case 'gone':
      return [{ ...failingSync(flavour, nth), times: 'sticky' }];
  }
}

function failingSync(flavour: SyncFailureFlavour, nth: number): FaultRule {
  return { on: SYNCS, nth, effect: { kind: 'fail-sync', flavour, symbol: 'io' } };
}

/** An aborted journal: nothing can be written, and syncs fail, even those that have nothing to do. */
const readOnlyAfterwards = (nth: number): FaultRule[] => [
  { on: '*', after: 0, nth, effect: { kind: 'read-only' } },
  { on: SYNCS, after: 1, times: 'sticky', effect: { kind: 'fail', symbol: 'read-only-fs' } },
];
const deadAfterwards: FaultRule = { on: '*', after: 0, times: 'sticky', effect: { kind: 'fail', symbol: 'io' } };
const lyingAfterwards: FaultRule = { on: SYNCS, after: 0, times: 'sticky', effect: { kind: 'lie' } };

function afterWritesFailed(fileSystem: 'ext4' | 'xfs' | 'btrfs'): FaultRule[] {
  if (fileSystem === 'ext4') return readOnlyAfterwards(1);
  // btrfs answers ok to the next syncs while the device still fails.
  return fileSystem === 'xfs' ? [deadAfterwards] : [lyingAfterwards];
}

function afterFlushFailed(fileSystem: 'ext4' | 'xfs' | 'btrfs'): FaultRule[] {
  if (fileSystem === 'xfs') return [deadAfterwards];
  // ext4 answers ok a few times before its journal gives up.
  return readOnlyAfterwards(fileSystem === 'ext4' ? 6 : 1);
}
