/** The index files of sealed segments are written beside everything else: nobody waits for them, and no two write the same one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LogEvents } from '../../src/index.js';
import { indexName, timeIndexName } from '../../src/decide/file-names.js';
import { FaultyDisk } from '../support/faulty-disk.js';
import { must, openLog, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';

test('a segment is read while its index cannot be written yet, and both who write it then do so in turn', async () => {
  const dir = scratchDirectory();
  const disk = new FaultyDisk();
  const log = await openLog(dir, { ...SMALL, fileSystem: disk });
  const warnings: LogEvents['warning'][] = [];
  log.on('warning', (warning) => warnings.push(warning));
  disk.inject({ on: 'create', path: /\d\.index$/, symbol: 'io', hang: true, times: 1 });
  while (log.status().segments < 2) must(await log.append('x'.repeat(20_000)));
  await expect.poll(() => disk.met).toEqual([`create ${indexName(0)}`]);
  const { records } = must(await log.read({ from: 1 }));
  expect([...records][0]?.offset).toBe(1);
  disk.release('create');
  await expect.poll(() => disk.calls.filter((call) => call === `create ${timeIndexName(0)}`)).toHaveLength(2);
  must(await log.close());
  expect(warnings).toEqual([]);
  for (const name of [indexName(0), timeIndexName(0)]) expect(existsSync(join(dir, name))).toBe(true);
});
