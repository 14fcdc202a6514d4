/** What a torn write left is cut, but might be data: its bytes are kept in a file of their own, durable before the cut is. */
import { expect, test } from 'vitest';
import { asideName } from '../../src/decide/file-names.js';
import { SimulatedClock, SimulatedDisk, type FaultPlan } from '../../src/testing/index.js';
import { valuesOf } from '../support/log-content.js';
import { must, openLog, SMALL } from '../support/open-log.js';

const SEGMENT = '/log/00000000000000000000.log';

interface Torn {
  readonly disk: SimulatedDisk;
  readonly clock: SimulatedClock;
  /** Where the cut is made. */
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** A log stopped while its third record was written: the half of it is there. */
async function tornLog(): Promise<Torn> {
  const clock = new SimulatedClock();
  const disk = new SimulatedDisk({ now: () => clock.now() });
  const options = { ...SMALL, fileSystem: disk, clock };
  const first = await openLog('/log', options);
  must(await first.append('a'));
  must(await first.append('b'));
  must(await first.close());
  const log = await openLog('/log', options);
  const end = log.status().bytes;
  must(await log.append('torn'));
  const whole = Buffer.from(disk.readFile(SEGMENT) ?? []).subarray(0, log.status().bytes);
  const stopped = disk.crash('none');
  const bytes = whole.subarray(end, whole.length - 4);
  stopped.writeFile(SEGMENT, whole.subarray(0, end + bytes.length))._unsafeUnwrap();
  return { disk: stopped, clock, end, bytes };
}

const asideFiles = (disk: SimulatedDisk): string[] => disk.files().filter((path) => path.includes('aside'));

/** The disk as a power cut leaves it once the torn log was opened. */
async function openedAndCut({ disk, clock }: Torn, faults: FaultPlan = []): Promise<SimulatedDisk> {
  disk.setFaults(faults);
  const log = await openLog('/log', { ...SMALL, fileSystem: disk, clock });
  expect(log.recovery.cut).toMatchObject({ fromOffset: 2 });
  expect(await valuesOf(log)).toEqual(['a', 'b']);
  return disk.crash('none');
}

test('they are there after a power cut that follows the cut', async () => {
  const torn = await tornLog();
  const found = await openedAndCut(torn);
  expect(found.readFile(SEGMENT)).toHaveLength(torn.end);
  const path = `/log/${asideName(0, torn.end)}`;
  expect(asideFiles(found)).toEqual([path]);
  expect(Buffer.from(found.readFile(path) ?? []).equals(torn.bytes)).toBe(true);
});

test.each(['create', 'write', 'sync', 'rename'] as const)('where they cannot be kept, for a failed %s, the log opens all the same', async (operation) => {
  const torn = await tornLog();
  const path = `${asideName(0, torn.end)}.tmp`;
  const found = await openedAndCut(torn, [{ on: [operation], path, nth: 1, effect: { kind: 'fail', symbol: 'no-space' } }]);
  expect(found.readFile(SEGMENT)).toHaveLength(torn.end);
  expect(asideFiles(found)).toEqual([]);
});
