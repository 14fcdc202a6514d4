import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startPacemaker } from './pacemaker.js';
import { sharedNowUs } from './shared-clock.js';

it('tells the moments that ticks were meant for, however late they come', async () => {
  const meantAtUs: number[] = [];
  const startedAtUs = sharedNowUs();
  const pacemaker = await startPacemaker(0.5, (meantAt) => {
    meantAtUs.push(meantAt);
  });
  while (meantAtUs.length < 5) await sleep(1);
  await pacemaker.stop();
  const [first = NaN] = meantAtUs;
  expect(first).toBeGreaterThan(startedAtUs);
  for (const [index, meantAt] of meantAtUs.entries()) expect(meantAt - first).toBeCloseTo(index * 500, 3);
});
