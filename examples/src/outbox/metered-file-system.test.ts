/** A file system of one's own keeps what the port promises: the contract suite runs on it, check by check. */
import { fileSystemContract, SimulatedClock, SimulatedDisk } from '@brimlog/log-core/testing';
import { describe, expect, it } from 'vitest';
import { metered } from './metered-file-system.js';
import { Outbox } from './outbox.js';

describe('metered', () => {
  it.each(fileSystemContract.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
    const disk = new SimulatedDisk();
    (await disk.makeDirectory('/dir'))._unsafeUnwrap();
    await run({ fileSystem: metered(disk, { writtenBytes: 0 }), directory: '/dir' });
  });

  it('counts what an outbox writes', async () => {
    const clock = new SimulatedClock();
    const meter = { writtenBytes: 0 };
    const outbox = (await Outbox.open('/outbox', { fileSystem: metered(new SimulatedDisk(), meter), clock }))._unsafeUnwrap();
    const before = meter.writtenBytes;
    expect((await outbox.put('x'.repeat(1_000))).isOk()).toBe(true);
    expect(meter.writtenBytes - before).toBeGreaterThan(1_000);
    expect((await outbox.close()).isOk()).toBe(true);
  });
});
