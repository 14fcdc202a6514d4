/**
 * Errnos met where no append is: while opening, closing and deleting, and in the files that only help. Injected into a real
 * process by strace. None of them takes anything that was acknowledged, and none of the side files takes the log down.
 */
import { describe, expect, it } from 'vitest';
import { must, mustFail } from '../support/open-log.js';
import { FaultedLog, WRITES } from './faulted-log.js';
import { needsStrace } from './strace.js';

const SYNCS = 'fdatasync,fsync';

describe('opening', () => {
  /** A log killed with two records that were acknowledged as written and never flushed. */
  async function killed(): Promise<FaultedLog> {
    const log = await FaultedLog.open();
    must(await log.append('written'));
    must(await log.append('written'));
    await log.another('killed');
    return log;
  }

  it('ENOSPC on every write, create and rename: opens read-only, withholds what is unproven, and comes back by itself', async (context) => {
    await needsStrace(context);
    const log = await killed();
    await log.arm([{ calls: `${WRITES},rename,ftruncate`, fault: 'error=ENOSPC' }]);
    must(await log.reopen());
    expect(await log.child.status()).toMatchObject({ state: 'read-only', reason: 'disk-full' });
    expect(mustFail(await log.append('flushed'), 'disk-full').outcome).toBe('not-appended');
    const proven = must(await log.child.values());
    expect(log.acknowledged.slice(0, proven.length)).toEqual(proven);
    const { withheld, highWatermark } = await log.child.status();
    expect(withheld).toEqual({ fromOffset: highWatermark, toOffset: 4 });
    await log.disarm();
    must(await log.child.waitUntilWritable());
    expect((await log.child.status()).withheld).toBeNull();
    await log.expectWorks();
    await log.endClosed();
  });

  it('EIO on every sync: opens failed, serves what is proven; recover() cures', async (context) => {
    await needsStrace(context);
    const log = await killed();
    await log.arm([{ calls: SYNCS, fault: 'error=EIO' }]);
    const opened = await log.reopen();
    await log.disarm();
    if (opened.isOk()) {
      expect(await log.child.status()).toMatchObject({ state: 'failed', reason: 'sync-failed' });
      const proven = must(await log.child.values());
      expect(log.acknowledged.slice(0, proven.length)).toEqual(proven);
      must(await log.child.recover());
      await log.expectWorks();
    } else {
      expect(opened.error.kind).toBe('sync-failed');
      must(await log.reopen());
    }
    await log.endClosed();
  });

  for (const { calls, errno, kind } of [
    { calls: 'openat', errno: 'EMFILE', kind: 'fd-exhausted' },
    { calls: 'pread64', errno: 'EIO', kind: 'io' },
    { calls: 'getdents64', errno: 'EIO', kind: 'io' },
  ]) {
    it(`${errno} on ${calls}: ${kind}, nothing is changed, and the next opening is as if there had been none`, async (context) => {
      await needsStrace(context);
      const log = await killed();
      // The log's own files only: modules are loaded while it opens.
      await log.arm([{ calls, fault: `error=${errno}` }], log.dir, log.segment(0), log.file('checkpoint'), log.file('segments'));
      mustFail(await log.reopen(), kind);
      await log.disarm();
      expect(log.child.openFiles(log.dir)).toEqual([]);
      must(await log.reopen());
      await log.expectReads();
      await log.expectWorks();
      await log.endClosed();
    });
  }

  it('EIO where the clean mark is cleared: the first append is refused, not appended; the log keeps its records', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.another('closed');
    expect(must(await log.reopen()).clean).toBe(true);
    await log.arm([{ calls: SYNCS, fault: 'error=EIO' }], log.file('checkpoint'), log.file('checkpoint.tmp'));
    const refused = await log.append('flushed');
    expect(refused._unsafeUnwrapErr().outcome).toBe('not-appended');
    await log.expectReads();
    await log.disarm();
    if ((await log.child.status()).state === 'failed') must(await log.child.recover());
    await log.expectWorks();
    await log.endClosed();
  });
});

describe('closing', () => {
  for (const { calls, errno } of [{ calls: SYNCS, errno: 'EIO' }, { calls: SYNCS, errno: 'ENOSPC' }, { calls: 'ftruncate', errno: 'ENOSPC' }, { calls: WRITES, errno: 'ENOSPC' }]) {
    it(`${errno} on ${calls}: closes all the same, with the error, every handle given back; nothing acknowledged is lost`, async (context) => {
      await needsStrace(context);
      const log = await FaultedLog.open();
      must(await log.append('written'));
      await log.arm([{ calls, fault: `error=${errno}` }]);
      expect((await log.child.close()).isErr()).toBe(true);
      await log.disarm();
      expect(await log.child.status()).toMatchObject({ state: 'closed', handles: { open: 0 } });
      expect(log.child.openFiles(log.dir)).toEqual([]);
      await log.endKilled();
    });
  }
});

describe('the side files', () => {
  it('EIO where the watermark is written: appends, rolls and reads go on', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.arm([{ calls: `${WRITES},ftruncate`, fault: 'error=EIO' }], log.file('watermark'));
    for (let i = 0; i < 3; i += 1) await log.expectWorks();
    await log.disarm();
    expect(await log.child.states()).toEqual([]);
    await log.endClosed();
  });

  it('EIO where the spare is made: appends, rolls and reads go on, without a change of state', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.arm([{ calls: WRITES, fault: 'error=EIO' }], log.file('spare.tmp'));
    for (let i = 0; i < 3; i += 1) await log.expectWorks();
    await log.disarm();
    expect(await log.child.states()).toEqual([]);
    await log.endClosed();
  });
});

describe('deleting', () => {
  it('EIO on unlink: says what stopped it, reads begin at the new log start; the next try deletes', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    for (let i = 0; i < 3; i += 1) await log.expectWorks();
    const { highWatermark, segments } = await log.child.status();
    expect(segments).toBeGreaterThan(3);
    await log.arm([{ calls: 'unlink,unlinkat', fault: 'error=EIO' }]);
    const deleted = await log.child.deleteBefore(highWatermark);
    await log.disarm();
    expect((await log.child.status()).state).toBe('writable');
    if (deleted.isOk()) expect(deleted.value.stoppedBy).toBe('io');
    else expect(deleted.error.kind).toBe('io');
    must(await log.child.deleteBefore(highWatermark));
    expect(await log.child.status()).toMatchObject({ logStartOffset: highWatermark, state: 'writable' });
    log.forgetBefore(highWatermark);
    await log.expectWorks();
    await log.endClosed();
  });
});
