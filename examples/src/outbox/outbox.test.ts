/**
 * How a program that uses the log is tested without a disk to fill and a plug to pull: the outbox on the simulated disk and
 * clock, through a full disk, through a power cut at every single call, and through a sync that fails.
 */
import { parsePlan, seededRandom, SimulatedClock, SimulatedDisk, type CrashProfile, type SimulatedDiskOptions } from '@brimlog/log-core/testing';
import { describe, expect, it } from 'vitest';
import { Outbox } from './outbox.js';

const DIR = '/outbox';
/** Small segments, so that a test fills and frees some. */
const SMALL = { segmentBytesMax: 65_536, batchBytesMax: 4_096, queueBytesMax: 65_536, space: { reserveBytes: 0 } } as const;

/** A machine: its disk, and the clock that both the disk and the outbox go by. */
function machine(options: SimulatedDiskOptions = {}, disk?: SimulatedDisk): { disk: SimulatedDisk; clock: SimulatedClock; open: () => Promise<Outbox> } {
  const clock = new SimulatedClock();
  const made = disk ?? new SimulatedDisk({ ...options, now: () => clock.now() });
  return { disk: made, clock, open: async () => (await Outbox.open(DIR, { ...SMALL, fileSystem: made, clock }))._unsafeUnwrap() };
}

/** A receiver that takes every message, or only so many. */
function receiver(takes = Infinity): { got: string[]; deliver: (message: string) => Promise<boolean> } {
  const got: string[] = [];
  const deliver = async (message: string): Promise<boolean> => {
    if (got.length >= takes) return false;
    got.push(message);
    return true;
  };
  return { got, deliver };
}

const numbered = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `message ${from + i} `.padEnd(2_000, '.'));

describe('an outbox on a full disk', () => {
  it('refuses what it cannot keep, loses nothing that it took, and takes more by itself once it was emptied', async () => {
    const { disk, clock, open } = machine({ capacityBytes: 512 * 1024 });
    const outbox = await open();
    const taken: string[] = [];
    let refusal = null;
    for (const message of numbered(1_000)) {
      const put = await outbox.put(message);
      if (put.isErr()) {
        refusal = put.error;
        break;
      }
      taken.push(message);
    }
    expect(refusal).toMatchObject({ kind: 'disk-full', cause: 'space', outcome: 'not-appended' });
    expect(taken.length).toBeGreaterThan(100);

    const { got, deliver } = receiver();
    expect(await outbox.deliverPending(deliver)).toMatchObject({ value: { messages: taken.length, all: true } });
    expect(got).toEqual(taken);

    // What was delivered is deleted, the room is proven to be there, and the next message is taken.
    const writable = outbox.whenWritable();
    await clock.advance(60_000);
    expect((await writable).isOk()).toBe(true);
    expect((await outbox.put('one more')).isOk()).toBe(true);
    expect(await outbox.deliverPending(deliver)).toMatchObject({ value: { messages: 1, all: true } });

    expect((await outbox.close()).isOk()).toBe(true);
    expect([disk.openHandles, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('keeps what was not delivered, however long the disk stays full', async () => {
    const { clock, open } = machine({ capacityBytes: 512 * 1024 });
    const outbox = await open();
    const taken: string[] = [];
    for (const message of numbered(1_000)) if ((await outbox.put(message)).isOk()) taken.push(message);
    await clock.advance(60_000);
    const { got, deliver } = receiver();
    expect((await outbox.deliverPending(deliver)).isOk()).toBe(true);
    expect(got).toEqual(taken);
    expect((await outbox.close()).isOk()).toBe(true);
  });
});

/** What happens between two power cuts. Told of every message that was taken and delivered. */
async function someWork(outbox: Outbox, taken: string[], deliver: (message: string) => Promise<boolean>): Promise<void> {
  for (const message of numbered(4)) if ((await outbox.put(message)).isOk()) taken.push(message);
  const few = receiver(2);
  expect((await outbox.deliverPending(async (message) => (await few.deliver(message)) && deliver(message))).isOk()).toBe(true);
  for (const message of numbered(3, 4)) if ((await outbox.put(message)).isOk()) taken.push(message);
  expect((await outbox.deliverPending(deliver)).isOk()).toBe(true);
  expect((await outbox.close()).isOk()).toBe(true);
}

describe('an outbox whose machine loses power', () => {
  const profiles: readonly CrashProfile[] = [{ data: 'none' }, { data: 'subset' }, { data: 'prefix', names: 'posix-weak' }, { data: 'all' }];

  it.each(profiles)('delivers every message that it took, in order, at whatever call of the disk it happens: %o', async (profile) => {
    let cut = 1;
    for (let halted = true; halted; cut += 1) {
      const before = machine({ seed: cut });
      const { got, deliver } = receiver();
      const taken: string[] = [];
      before.disk.setFaults([{ on: '*', call: cut, effect: { kind: 'halt' } }]);
      await Promise.race([before.open().then((outbox) => someWork(outbox, taken, deliver)), before.disk.whenHalted]);
      halted = before.disk.halted;

      const after = machine({}, before.disk.crash(profile, seededRandom(cut)));
      const outbox = await after.open();
      expect((await outbox.deliverPending(deliver)).isOk(), `cut at call ${cut}`).toBe(true);
      const inOrder = [...new Set(got)];
      expect(inOrder, `cut at call ${cut}`).toEqual(numbered(inOrder.length));
      expect(inOrder.slice(0, taken.length), `cut at call ${cut}`).toEqual(taken);
      expect((await outbox.close()).isOk()).toBe(true);
    }
    // The last round met no cut: the whole of the work was gone through.
    expect(cut).toBeGreaterThan(40);
  });
});

describe('an outbox whose disk fails', () => {
  it('says of a message that it may be there all the same, and delivers it then, or never', async () => {
    const { disk, clock, open } = machine();
    const outbox = await open();
    expect((await outbox.put('first')).isOk()).toBe(true);
    // A plan can be pasted as text, as a failing run prints it.
    disk.setFaults(parsePlan('sync|dsync-write(.log)@1 fail-sync(drop,io)')._unsafeUnwrap());
    expect(await outbox.put('second')).toMatchObject({ error: { kind: 'sync-failed', outcome: 'unknown' } });
    expect(disk.faultsFired).toHaveLength(1);
    expect((await outbox.put('third')).isErr()).toBe(true);
    await outbox.close().unwrapOr(undefined);
    expect([disk.openHandles, clock.pendingTimers]).toEqual([0, 0]);

    disk.setFaults([]);
    const again = await open();
    const { got, deliver } = receiver();
    expect((await again.deliverPending(deliver)).isOk()).toBe(true);
    expect(['first', 'first,second']).toContain(got.join());
    expect((await again.close()).isOk()).toBe(true);
  });
});
