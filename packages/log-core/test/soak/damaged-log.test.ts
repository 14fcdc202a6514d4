/** A log with damage in any of its files, opened and read in every way, for longer and with a new seed each time. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { damages, readDamaged } from '../fuzz/damaged-log.js';
import { diskWithLog } from '../fuzz/samples.js';

describe.each(['closed', 'unclean'] as const)('a log that was stopped %s and damaged', async (stop) => {
  const sound = await diskWithLog(stop);
  it.each(['refuse', 'quarantine', 'reader'] as const)('never throws, hangs or asks for memory out of measure: %s', async (how) => {
    await fc.assert(
      fc.asyncProperty(damages, (damage) => readDamaged(sound, damage, how)),
      { numRuns: 8_000, includeErrorInReport: true },
    );
  });
});
