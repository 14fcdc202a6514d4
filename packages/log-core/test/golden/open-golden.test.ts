/** What a real Kafka broker wrote, opened as a log of ours: what obeys the profile is served, the rest refused by the rule's name. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MessageLog } from '../../src/index.js';
import { recordsOf } from '../support/log-content.js';
import { must, mustFail, openLog } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';
import { describeRecord, goldenFiles, goldenMissing, sha256, skipBecause, type GoldenFile } from './manifest.js';

function filesOf(name: string): GoldenFile[] {
  return goldenFiles('.log', '.index', '.timeindex').filter((file) => file.name.startsWith(`${name}/`));
}

/** The case's segments and indexes in a directory of their own. */
function copyOf(name: string): string {
  const dir = scratchDirectory();
  mkdirSync(dir, { recursive: true });
  for (const { described, bytes } of filesOf(name)) writeFileSync(`${dir}/${described.file}`, bytes);
  return dir;
}

function contentOf(dir: string): Record<string, string> {
  return Object.fromEntries(readdirSync(dir).sort().map((file) => [file, sha256(readFileSync(`${dir}/${file}`))]));
}

describe('MessageLog.open on segments that Kafka wrote', () => {
  it.for(['codec-none', 'large', 'segments', 'trimmed'])('serves %s, which obeys the profile, record by record as Kafka does', async (name, ctx) => {
    if (goldenMissing !== null) skipBecause(ctx, goldenMissing);
    const log = await openLog(copyOf(name), {});
    const found = (await recordsOf(log)).map((record) => describeRecord(record, -1));
    const expected = filesOf(name).flatMap(({ described }) => (described.batches ?? []).flatMap(({ records }) => records));
    expect(found).toEqual(expected.map((record) => ({ ...record, sequence: -1 })));
    expect(log.recovery.repaired.map(({ file }) => file)).toEqual(['brimlog.checkpoint']);
    expect(must(await log.verify()).problems).toEqual([]);
  });

  it.for(['codec-gzip', 'codec-snappy', 'codec-lz4', 'codec-zstd'])('opens %s and says that it does not read compressed batches', async (name, ctx) => {
    if (goldenMissing !== null) skipBecause(ctx, goldenMissing);
    const log = await openLog(copyOf(name), {});
    expect(log.status().highWatermark).toBe(29);
    expect(mustFail(await log.read({ from: 0 }), 'incompatible-format').message).toContain('compressed');
  });

  it.for([
    ['append-time', 'timestamp-type'],
    ['cluster-metadata', 'control'],
    ['compacted', 'base-offset'],
    ['idempotent', 'producer-id'],
    ['transactional', 'transactional'],
  ] as const)('refuses %s by the rule %s and changes nothing', async ([name, rule], ctx) => {
    if (goldenMissing !== null) skipBecause(ctx, goldenMissing);
    const dir = copyOf(name);
    const before = contentOf(dir);
    expect(mustFail(await MessageLog.open(dir), 'corruption')).toMatchObject({ rule, position: 0 });
    expect(contentOf(dir)).toEqual(before);
  });
});
