/** The example of docs/testing-your-code.md, word for word (the last test compares them). */
import { readFileSync } from 'node:fs';
import { SimulatedClock, SimulatedDisk } from '@brimlog/log-core/testing';
import { expect, it } from 'vitest';
import { Outbox } from './outbox.js';

it('an outbox: keeps a message through a power cut', async () => {
  const clock = new SimulatedClock();
  const disk = new SimulatedDisk({ now: () => clock.now() });
  const outbox = (await Outbox.open('/outbox', { fileSystem: disk, clock }))._unsafeUnwrap();
  expect((await outbox.put('hello')).isOk()).toBe(true);

  // What is found after a power cut at this moment: whatever was not synced is gone.
  const found = disk.crash('none');
  const again = (await Outbox.open('/outbox', { fileSystem: found, clock: new SimulatedClock() }))._unsafeUnwrap();
  const delivered: string[] = [];
  expect((await again.deliverPending(async (message) => delivered.push(message) > 0)).isOk()).toBe(true);
  expect(delivered).toEqual(['hello']);
});

it('the example is the one that the page shows', () => {
  const shown = /```ts\n([^]*?)```/.exec(readFileSync(new URL('../../../docs/testing-your-code.md', import.meta.url), 'utf8'))?.[1]?.trim() ?? '';
  const here = readFileSync(new URL('./first-outbox.test.ts', import.meta.url), 'utf8');
  expect(shown.split('\n\nit(')).toHaveLength(2);
  for (const part of shown.split('\n\nit(')) expect(here).toContain(part);
});
