/** The clean mark is durably gone before the first byte after opening, whatever an earlier process left in the page cache. */
import { expect, test, vi } from 'vitest';
import { MessageLog } from '../../src/index.js';
import { seededRandom, SimulatedClock, SimulatedDisk } from '../../src/testing/index.js';
import { valuesOf } from '../support/log-content.js';
import { must, openLog, SMALL } from '../support/open-log.js';

const CRASHES = 20;

test('a checkpoint without it whose name a dead process did not sync is not believed: a torn write behind it is none behind a clean end', async () => {
  const clock = new SimulatedClock();
  const disk = new SimulatedDisk({ now: () => clock.now() });
  const closed = await openLog('/log', { ...SMALL, fileSystem: disk, clock });
  must(await closed.append(['a', 'b']));
  must(await closed.close());
  const dying = must(await MessageLog.open('/log', { ...SMALL, fileSystem: disk, clock }));
  disk.setFaults([{ on: ['sync-directory'], effect: { kind: 'halt' } }]);
  const answered = vi.fn();
  dying.append('c').then(answered, answered);
  await expect.poll(() => disk.halted).toBe(true);
  expect(answered).not.toHaveBeenCalled();
  const inherited = disk.processCrash();
  const heir = await openLog('/log', { ...SMALL, fileSystem: inherited, clock });
  must(await heir.append('c'.repeat(20_000), { ack: 'written' }));
  const random = seededRandom(1);
  let torn = 0;
  for (let crash = 0; crash < CRASHES; crash += 1) {
    const found = must(await MessageLog.open('/log', { ...SMALL, fileSystem: inherited.crash({ data: 'prefix', names: 'none' }, random), clock }));
    if (found.recovery.cut !== null) torn += 1;
    expect((await valuesOf(found)).slice(0, 2)).toEqual(['a', 'b']);
    must(await found.close());
  }
  expect(torn).toBeGreaterThan(0);
});
