/** The first whole thing: append, read back, close, reopen. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MessageLog } from '../src/index.js';

test('MessageLog: appends, reads back, closes and reopens clean', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'brimlog-'));
  const log = (await MessageLog.open(dir))._unsafeUnwrap();
  expect(log.recovery.clean).toBe(true);
  const first = (await log.append('hello'))._unsafeUnwrap();
  expect(first.baseOffset).toBe(0);
  const many = await Promise.all(Array.from({ length: 100 }, (_, i) => log.append({ key: `k${i}`, value: `v${i}` })));
  expect(many.every((r) => r.isOk())).toBe(true);
  const read = (await log.read({ from: 0 }))._unsafeUnwrap();
  expect([...read.records].map((r) => Buffer.from(r.value!).toString()).slice(0, 3)).toEqual(['hello', 'v0', 'v1']);
  expect(read.nextOffset).toBe(101);
  console.log(log.status(), log.metrics());
  expect((await log.close()).isOk()).toBe(true);
  expect(log.status().state).toBe('closed');
  expect(log.status().handles.open).toBe(0);
  const again = (await MessageLog.open(dir))._unsafeUnwrap();
  console.log(again.recovery);
  expect(again.recovery.clean).toBe(true);
  expect(again.status().highWatermark).toBe(101);
  const r2 = (await again.read({ from: 50 }))._unsafeUnwrap();
  expect([...r2.records].length).toBe(51);
  (await again.append('x'))._unsafeUnwrap();
  (await again.close())._unsafeUnwrap();
});
