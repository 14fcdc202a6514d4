import { expect, test } from 'vitest';
import { SimulatedClock } from '../testing/simulated-clock.js';
import type { IoFailure } from '../model/io-failure.js';
import { warn, type LogContext } from './context.js';
import { EventHub } from './event-hub.js';

const FAILURE: IoFailure = { symbol: 'io', errno: -5, code: 'EIO', operation: 'write', path: '/f', position: 0, message: 'EIO' };

test('a warning is told later, when no lock of who warns is held any more', async () => {
  const events = new EventHub();
  const told: string[] = [];
  events.on('warning', ({ during }) => told.push(during));
  const parts: Pick<LogContext, 'events' | 'clock'> = { events, clock: new SimulatedClock() };
  warn(parts, 'rolling', FAILURE);
  expect(told).toEqual([]);
  await new Promise((resume) => setImmediate(resume));
  expect(told).toEqual(['rolling']);
});
