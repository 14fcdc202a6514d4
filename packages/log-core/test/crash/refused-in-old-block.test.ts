/**
 * A power cut that shows, in the blocks of a new region, what was in them before: a batch that was refused and cut is not
 * among it. The batch is at a block's begin, where the next one of its size would stand.
 */
import { expect, test } from 'vitest';
import { MessageLog } from '../../src/index.js';
import { seededRandom, SimulatedClock, SimulatedDisk, type FaultEffect, type FaultPlan } from '../../src/testing/index.js';
import { salvage } from '../support/log-content.js';
import { must, openLog, SMALL } from '../support/open-log.js';

const CRASHES = 200;
const SEGMENT = '/log/00000000000000000000.log';

/** What openings find after power cuts amid the append behind a refused one, and how that one was refused. */
async function foundAfter(faults: FaultPlan): Promise<{ readonly outcome: string; readonly values: ReadonlySet<string> }> {
  const clock = new SimulatedClock();
  const disk = new SimulatedDisk({ now: () => clock.now() });
  const log = await openLog('/log', { ...SMALL, fileSystem: disk, clock });
  disk.setFaults(faults);
  const refused = (await log.append('refused'))._unsafeUnwrapErr();
  disk.setFaults([]);
  must(await log.recover());
  must(await log.append('written', { ack: 'written' }));
  const random = seededRandom(1);
  const values = new Set<string>();
  for (let crash = 0; crash < CRASHES; crash += 1) {
    const found = disk.crash({ data: 'subset', exposed: 'garbage' }, random);
    const again = must(await MessageLog.open('/log', { ...SMALL, fileSystem: found, clock }));
    for (const { value } of (await salvage(again)).records) values.add(Buffer.from(value ?? []).toString());
    must(await again.close());
  }
  return { outcome: 'outcome' in refused ? refused.outcome : 'none', values };
}

const DONE_THEN_FAILED: FaultEffect = { kind: 'done-then-fail', symbol: 'io' };

test('what was refused as not appended is never found', async () => {
  const { outcome, values } = await foundAfter([{ on: ['write'], path: SEGMENT, nth: 1, effect: DONE_THEN_FAILED }]);
  expect(outcome).toBe('not-appended');
  expect([...values]).toEqual(['written']);
});

test.each(['read', 'sync'] as const)('what could not be wiped, for a failed %s, is refused as unknown', async (operation) => {
  const { outcome } = await foundAfter([
    { on: ['write'], path: SEGMENT, nth: 1, effect: DONE_THEN_FAILED },
    { on: [operation], path: SEGMENT, nth: 1, effect: { kind: 'fail', symbol: 'io' } },
  ]);
  expect(outcome).toBe('unknown');
});

test('what could not be wiped, for no write was taken any more, is refused as unknown', async () => {
  const { outcome } = await foundAfter([{ on: ['write'], path: SEGMENT, times: 'sticky', effect: DONE_THEN_FAILED }]);
  expect(outcome).toBe('unknown');
});
