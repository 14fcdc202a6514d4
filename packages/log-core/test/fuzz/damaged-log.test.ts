/** A log with damage in any of its files is opened and read in every way there is; `npm run soak` does it for longer. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { damages, readDamaged } from './damaged-log.js';
import { diskWithLog } from './samples.js';

describe.each(['closed', 'unclean'] as const)('a log that was stopped %s and damaged', async (stop) => {
  const sound = await diskWithLog(stop);
  it.each(['refuse', 'quarantine', 'reader'] as const)('never throws, hangs or asks for memory out of measure: %s', async (how) => {
    await fc.assert(
      fc.asyncProperty(damages, (damage) => readDamaged(sound, damage, how)),
      { seed: 20_260_101, numRuns: 250, includeErrorInReport: true },
    );
  });
});
