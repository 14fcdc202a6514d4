/** A few cycles of full and free on each real file system; `scripts/disk-full-cycles.mjs` runs many. */
import { describe, expect, test } from 'vitest';
import { DiskFullCycles } from '../../../../scripts/disk-full/cycles.mjs';
import { measureFlood } from '../../../../scripts/disk-full/flood.mjs';
import { MessageLog } from '../../src/index.js';
import { canMount } from './volumes.js';

for (const kind of ['tmpfs', 'ext4', 'xfs', 'btrfs'] as const) {
  describe.skipIf(!canMount(kind))(`full and free, on ${kind}`, () => {
    test('three cycles: nothing lost, nothing refused appears, every return is proven', async () => {
      const cycles = new DiskFullCycles(MessageLog, kind);
      await cycles.run(3);
      expect(cycles.violations).toEqual([]);
      expect(cycles).toMatchObject({ fills: 3, ledger: { appeared: 0 } });
      expect(Object.values(cycles.returnMs).flat()).toHaveLength(3);
      // On btrfs the announcement is a goal, not a promise: blocks that are there do not mean that they may be overwritten.
      if (kind !== 'btrfs') expect(cycles.announced).toBe(3);
    });
  });
}

describe.skipIf(!canMount('tmpfs'))('a flood of refused appends', () => {
  test('leaves the heap as it is and makes one event', async () => {
    const { stateEvents, heapGrowthBytes } = await measureFlood(MessageLog, 50_000);
    expect(stateEvents).toBe(1);
    expect(heapGrowthBytes).toBeLessThan(4 * 1024 * 1024);
  });
});
