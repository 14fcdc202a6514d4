/** One comparison after another of a real file system with the simulated disk, counted, so that a run can say what it met. */
import fc from 'fast-check';
import type { VolumeKind } from '../../../../scripts/disk-full/small-volume.mjs';
import type { SimulatedDiskOptions } from '../../src/testing/disk-options.js';
import { compareDisks, printParting, type SimulatedTrial } from './compare-disks.js';
import { DIFFERENCES, type Difference } from './differences.js';
import { diskOperations, type DiskEvent, type DiskOperation } from './disk-operations.js';
import { characterLike, hostDirectory, hostKind, limitedDirectory, simulatedTrial, volume, type RealDisk } from './tried-disks.js';

/** What is compared: a kind of file system, and what happens to it. */
export interface Scenario {
  readonly name: string;
  /** Null: the file system of the host's temporary files, which needs no root. */
  readonly kind: VolumeKind | null;
  readonly events: readonly DiskEvent[];
  /** Failures that have to be met, else the run shows nothing. */
  readonly meets: readonly string[];
  /** Of the sequences asked for, where making it happen takes long. */
  readonly share?: number;
  readonly limits?: 'tmpfs of 8 pages and 4 files' | 'quota group';
}

const KINDS: readonly VolumeKind[] = ['tmpfs', 'ext4', 'xfs', 'btrfs'];

/** Every scenario there is. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'nothing happens', kind: null, events: [], meets: ['not-found', 'exists', 'other'] },
  ...KINDS.map((kind): Scenario => ({ name: 'nothing happens', kind, events: [], meets: ['not-found', 'exists', 'other', 'not-a-directory', 'is-a-directory'] })),
  ...KINDS.map((kind): Scenario => ({ name: 'read-only and back', kind, events: ['read-only', 'writable'], meets: ['read-only-fs'] })),
  ...KINDS.map((kind): Scenario => ({ name: 'full and back', kind, events: ['full', 'free'], meets: ['no-space'], share: 0.5 })),
  { name: 'a small disk', kind: 'tmpfs', events: [], meets: ['no-space', 'no-inodes'], limits: 'tmpfs of 8 pages and 4 files' },
  { name: 'no inodes, and back', kind: 'tmpfs', events: ['inodes', 'free'], meets: ['no-inodes'] },
  { name: 'no inodes, and back', kind: 'ext4', events: ['inodes', 'free'], meets: ['no-inodes'] },
  { name: 'quota used up, and back', kind: 'btrfs', events: ['full', 'free'], meets: ['quota'], share: 0.2, limits: 'quota group' },
];

/** What was met, by symbol of failure and by difference. */
export interface Tally {
  sequences: number;
  calls: number;
  readonly failures: Map<string, number>;
  readonly differences: Map<Difference, number>;
}

const MIB = 1024 * 1024;

/** With blocks of 4 KiB, as the simulated disk has them. */
const SETTINGS = {
  tmpfs: { bytes: 16 * MIB, options: 'nr_inodes=200' },
  ext4: { bytes: 16 * MIB, make: ['-b', '4096', '-N', '64'] },
  xfs: {},
  btrfs: {},
};

function realDisk({ kind, limits }: Scenario): RealDisk {
  if (kind === null) return hostDirectory();
  if (limits === 'quota group') return limitedDirectory(16 * MIB);
  if (limits !== undefined) return { ...volume(kind, { bytes: 8 * 4096, options: 'nr_inodes=6' }), isSmall: true };
  return volume(kind, SETTINGS[kind]);
}

function simulatedOptions({ kind, limits }: Scenario, root: string): SimulatedDiskOptions {
  const like = characterLike(kind ?? hostKind());
  if (limits !== 'tmpfs of 8 pages and 4 files') return like;
  // The directories above the compared one are the test's own.
  return { ...like, capacityBytes: 8 * 4096, inodesMax: root.split('/').length - 1 + 4 };
}

/** Compares random sequences. Throws at the first parting that no difference covers, shrunk. */
export async function runScenario(scenario: Scenario, runs: { readonly seed: number; readonly sequences: number; readonly lengthMax: number }, sabotage = (trial: SimulatedTrial): SimulatedTrial => trial): Promise<Tally> {
  const tally: Tally = { sequences: 0, calls: 0, failures: new Map(), differences: new Map() };
  const real = realDisk(scenario);
  const limited = scenario.limits === 'quota group' ? 'quotaBytes' : 'capacityBytes';
  const simulated = async (): Promise<SimulatedTrial> => sabotage({ ...(await simulatedTrial(real.root, simulatedOptions(scenario, real.root), limited)), isSmall: real.isSmall === true });
  const tryOnce = async (operations: readonly DiskOperation[]): Promise<void> => {
    real.restore();
    const { expected, met, mismatch } = await compareDisks(scenario.kind ?? 'host', real, simulated, operations, DIFFERENCES);
    if (mismatch !== null) throw new Error(printParting(operations, mismatch));
    tally.sequences += 1;
    tally.calls += expected.filter((outcome) => outcome !== 'passed over').length;
    for (const outcome of expected) if (/ -?\d+$/.test(outcome) && !outcome.startsWith('ok')) count(tally.failures, outcome.split(' ')[0] ?? '');
    for (const difference of met) count(tally.differences, difference);
  };
  try {
    await fc.assert(fc.asyncProperty(diskOperations(runs.lengthMax, scenario.events), tryOnce), { seed: runs.seed, numRuns: Math.ceil(runs.sequences * (scenario.share ?? 1)), includeErrorInReport: true });
  } finally {
    real.remove();
  }
  const missing = scenario.meets.filter((symbol) => !tally.failures.has(symbol));
  if (missing.length > 0) throw new Error(`met no ${missing.join(', no ')}: nothing was compared of what this is about`);
  return tally;
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What the scenarios compared, and where the two rightly differ, as text. */
export function printTallies(tallies: ReadonlyMap<Scenario, Tally>): string {
  const lines = ['the simulated disk beside real file systems:'];
  for (const [{ name, kind }, { sequences, calls, failures }] of tallies) {
    const met = [...failures].sort().map(([symbol, times]) => `${symbol} ${times}`);
    lines.push(`  ${(kind ?? 'host').padEnd(5)} ${name.padEnd(24)} ${String(sequences).padStart(4)} sequences, ${String(calls).padStart(5)} calls; failures: ${met.join(', ')}`);
  }
  lines.push('where they differ, and why that is right:');
  for (const difference of DIFFERENCES) {
    const times = new Map<string, number>();
    for (const [{ kind }, { differences }] of tallies) {
      const met = differences.get(difference) ?? 0;
      if (met > 0) times.set(kind ?? 'host', (times.get(kind ?? 'host') ?? 0) + met);
    }
    const shown = [...times].map(([kind, met]) => `${kind} ${met}`).join(', ');
    lines.push(`  ${difference.name}: ${difference.why} (${shown === '' ? 'not met' : shown})`);
  }
  return lines.join('\n');
}
