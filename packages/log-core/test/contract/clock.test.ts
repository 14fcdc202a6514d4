/** The contract of the `Clock` port, on the host's clock and on the simulated one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import { clockContract } from '../../src/testing/contract/clock-contract.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { named } from './named.js';

describe('nodeClock', () => {
  it.each(named(clockContract))('%s', async (_name, { run }) => {
    // More than asked for: a busy host may be late.
    await run({ clock: nodeClock(), pass: (ms) => sleep(ms * 3) });
  });
});

describe('SimulatedClock', () => {
  it.each(named(clockContract))('%s', async (_name, { run }) => {
    const clock = new SimulatedClock();
    await run({ clock, pass: (ms) => clock.advance(ms) });
  });
});
