/**
 * Every errno that a disk answers with, injected into the calls of a real process by strace: the error's kind, what it says
 * of the record, the log's state, that reads go on, the way back, and that the log keeps what it told. `design.md` §3.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { MessageLog } from '../../src/index.js';
import { must, mustFail } from '../support/open-log.js';
import type { ToldError } from './driven-log.js';
import { FaultedLog, WRITES } from './faulted-log.js';
import { needsStrace } from './strace.js';

const EDQUOT = 122;

describe('a failed write', () => {
  const cases = [
    { errno: 'ENOSPC', number: constants.errno.ENOSPC, kind: 'disk-full', cause: 'space', reason: 'disk-full' },
    { errno: 'EDQUOT', number: EDQUOT, kind: 'disk-full', cause: 'quota', reason: 'quota' },
    { errno: 'EROFS', number: constants.errno.EROFS, kind: 'read-only-fs', cause: undefined, reason: 'read-only-fs' },
    { errno: 'EACCES', number: constants.errno.EACCES, kind: 'permission', cause: undefined, reason: 'permission' },
    { errno: 'EPERM', number: constants.errno.EPERM, kind: 'permission', cause: undefined, reason: 'permission' },
  ] as const;
  for (const { errno, number, kind, cause, reason } of cases) {
    it(`${errno}: ${kind}, not appended; read-only until the disk takes bytes again, then by itself`, async (context) => {
      await needsStrace(context);
      const log = await FaultedLog.open();
      await log.arm([{ calls: WRITES, fault: `error=${errno}` }]);
      const error = mustFail(await log.append('written'), kind);
      expect(error).toMatchObject({ outcome: 'not-appended', errno: -number, operation: 'write', ...(cause === undefined ? {} : { cause }) });
      expect(await log.child.status()).toMatchObject({ state: 'read-only', reason, highWatermark: 2 });
      // Refused at once from now on, with the state's error; it stays like that while the disk does.
      for (let i = 0; i < 20; i += 1) expect(mustFail(await log.append('flushed'), kind).outcome).toBe('not-appended');
      await new Promise((resume) => setTimeout(resume, 150));
      expect(await log.child.status()).toMatchObject({ state: 'read-only', reason });
      await log.expectReads();
      await log.disarm();
      must(await log.child.waitUntilWritable());
      await log.expectWorks();
      expect((await log.child.states()).filter((state) => state.startsWith('read-only'))).toEqual([`read-only(${reason})`]);
      await log.endClosed();
    });
  }

  it('EIO: io, not appended, for the cut was synced; the log stays writable', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.arm([{ calls: WRITES, fault: 'error=EIO' }], log.segment(0));
    expect(mustFail(await log.append('written'), 'io')).toMatchObject({ outcome: 'not-appended', errno: -constants.errno.EIO, path: log.segment(0) });
    expect(await log.child.status()).toMatchObject({ state: 'writable', highWatermark: 2 });
    await log.disarm();
    await log.expectWorks();
    await log.endClosed();
  });

  it('EIO, and the cut fails as well: unknown, failed; recover() goes on in a new segment', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    must(await log.append('written'));
    await log.arm([{ calls: WRITES, fault: 'error=EIO' }, { calls: 'ftruncate', fault: 'error=EIO' }], log.segment(0));
    expect(mustFail(await log.append('written'), 'io').outcome).toBe('unknown');
    expect(await log.child.status()).toMatchObject({ state: 'failed', reason: 'io', highWatermark: 3 });
    expect(mustFail(await log.append('written'), 'failed').outcome).toBe('not-appended');
    await log.expectReads();
    await log.disarm();
    expect(must(await log.child.recover()).rehomed).toEqual({ fromOffset: 2, toOffset: 3 });
    await log.expectWorks();
    await log.endClosed();
  });

  for (const { calls, what } of [{ calls: 'ftruncate', what: 'the cut' }, { calls: 'fdatasync', what: "the cut's sync" }]) {
    it(`ENOSPC, and ${what} fails as well: unknown, and nothing more goes into that file`, async (context) => {
      await needsStrace(context);
      const log = await FaultedLog.open();
      must(await log.append('written'));
      await log.arm([{ calls: WRITES, fault: 'error=ENOSPC' }, { calls, fault: 'error=ENOSPC' }]);
      expect(mustFail(await log.append('written'), 'disk-full').outcome).toBe('unknown');
      expect(await log.child.status()).toMatchObject({ state: 'read-only', reason: 'disk-full', highWatermark: 3 });
      await log.expectReads();
      await log.disarm();
      must(await log.child.waitUntilWritable());
      await log.expectWorks();
      expect((await log.child.status()).segments).toBeGreaterThan(1);
      await log.endClosed();
    });
  }

  it('ENOSPC in one segment only: the spare takes the record, and the append knows nothing of it', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.arm([{ calls: WRITES, fault: 'error=ENOSPC' }], log.segment(0));
    must(await log.append('written'));
    expect(await log.child.status()).toMatchObject({ segments: 2, highWatermark: 3 });
    await log.disarm();
    await log.expectWorks();
    await log.endClosed();
  });

  it('a short count, then an errno: the errno classifies, and the part is cut', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open({ batchBytesMax: 4_096, queueBytesMax: 65_536 });
    // Four batches, one write: it is told to have been short inside the last, so the remainder is one buffer: another call.
    await log.arm([{ calls: 'pwritev', fault: 'retval=10000' }, { calls: 'pwrite64', fault: 'error=ENOSPC' }, { calls: 'ftruncate', fault: 'delay_enter=1' }]);
    for (const appended of await log.appendTogether(4, 'written', 3_000)) {
      expect(mustFail(appended, 'disk-full')).toMatchObject({ outcome: 'not-appended', errno: -constants.errno.ENOSPC });
    }
    await log.disarm();
    expect(log.lines.filter((line) => /pwritev\(.*= 10000 .*INJECTED/.test(line)).length).toBeGreaterThan(0);
    expect(log.lines.filter((line) => /pwrite64\(.*ENOSPC.*INJECTED/.test(line)).length).toBeGreaterThan(0);
    expect(log.lines.filter((line) => /ftruncate\(.*= 0/.test(line)).length).toBeGreaterThan(0);
    must(await log.child.waitUntilWritable());
    for (const appended of await log.appendTogether(4, 'flushed', 3_000)) must(appended);
    await log.expectReads();
    await log.endClosed();
  });
});

describe('a failed O_DSYNC write', () => {
  it('EIO: sync-failed, unknown, failed; never written again; recover() cures', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.arm([{ calls: WRITES, fault: 'error=EIO' }], log.segment(0));
    expect(mustFail(await log.append('flushed'), 'sync-failed')).toMatchObject({ outcome: 'unknown', operation: 'dsync-write' });
    expect(await log.child.status()).toMatchObject({ state: 'failed', reason: 'sync-failed', highWatermark: 2 });
    await log.expectReads();
    must(await log.child.recover());
    await log.expectWorks();
    expect(await log.disarm()).toBe(1);
    await log.endClosed();
  });

  it('ENOSPC: disk-full, unknown; comes back by itself, into a new segment', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.arm([{ calls: WRITES, fault: 'error=ENOSPC' }], log.segment(0));
    expect(mustFail(await log.append('flushed'), 'disk-full')).toMatchObject({ outcome: 'unknown', operation: 'dsync-write' });
    must(await log.child.waitUntilWritable());
    await log.expectWorks();
    expect(await log.disarm()).toBe(1);
    expect(await log.child.states()).toEqual(['read-only(disk-full)', 'writable']);
    await log.endClosed();
  });
});

describe('a failed sync', () => {
  /** Two records more that are written and not flushed; then the next sync of their file fails. */
  async function unflushed(fault: string): Promise<FaultedLog> {
    const log = await FaultedLog.open();
    must(await log.append('written'));
    must(await log.append('written'));
    await log.arm([{ calls: 'fdatasync', fault }, { calls: WRITES, fault: 'delay_exit=1' }], log.segment(0));
    return log;
  }

  /** The file was synced once, which failed, and neither synced nor written from then on. */
  function expectLeftAlone(log: FaultedLog): void {
    const first = log.lines.findIndex((line) => line.includes('fdatasync('));
    expect(log.lines[first]).toContain('INJECTED');
    expect(log.lines.slice(first + 1)).toEqual([]);
  }

  it('EIO on an append: sync-failed, unknown; failed, reads go on; recover() re-homes, the file is never synced again', async (context) => {
    await needsStrace(context);
    const log = await unflushed('error=EIO');
    expect(mustFail(await log.append('flushed'), 'sync-failed')).toMatchObject({ outcome: 'unknown', errno: -constants.errno.EIO, operation: 'sync' });
    expect(await log.child.status()).toMatchObject({ state: 'failed', reason: 'sync-failed', highWatermark: 4, recoveryPoint: 2 });
    expect(mustFail(await log.append('flushed'), 'failed').outcome).toBe('not-appended');
    mustFail(await log.child.flush(), 'failed');
    mustFail(await log.child.waitUntilWritable(), 'failed');
    await log.expectReads();
    expect(must(await log.child.recover())).toMatchObject({ rehomed: { fromOffset: 2, toOffset: 4 }, keptToOffset: 4 });
    await log.expectWorks();
    await log.disarm();
    expectLeftAlone(log);
    await log.endClosed();
  });

  it('EIO on flush(): sync-failed; reopening cures as well, nothing acknowledged lost', async (context) => {
    await needsStrace(context);
    const log = await unflushed('error=EIO');
    mustFail(await log.child.flush(), 'sync-failed');
    expect(await log.child.status()).toMatchObject({ state: 'failed', reason: 'sync-failed' });
    expect(mustFail<ToldError, string>(await log.child.close(), 'failed').reason).toBe('sync-failed');
    expect(await log.child.status()).toMatchObject({ state: 'closed', handles: { open: 0 } });
    await log.disarm();
    expectLeftAlone(log);
    await log.endKilled();
  });

  it('EIO on an append, then kill -9: the refused record may appear, the acknowledged ones are there', async (context) => {
    await needsStrace(context);
    const log = await unflushed('error=EIO');
    expect(mustFail(await log.append('flushed'), 'sync-failed').outcome).toBe('unknown');
    await log.disarm();
    await log.endKilled();
  });

  for (const { errno, cause, reason } of [{ errno: 'ENOSPC', cause: 'space', reason: 'disk-full' }, { errno: 'EDQUOT', cause: 'quota', reason: 'quota' }]) {
    it(`${errno}: disk-full, unknown; back by itself into a new segment, the file is never synced again`, async (context) => {
      await needsStrace(context);
      const log = await unflushed(`error=${errno}`);
      expect(mustFail(await log.append('flushed'), 'disk-full')).toMatchObject({ outcome: 'unknown', cause });
      must(await log.child.waitUntilWritable());
      expect(await log.child.states()).toEqual([`read-only(${reason})`, 'writable']);
      await log.expectWorks();
      await log.disarm();
      expectLeftAlone(log);
      expect((await log.child.status()).segments).toBeGreaterThan(1);
      await log.endClosed();
    });

    it(`${errno} on every sync: stays read-only, reads go on, and comes back when syncs work`, async (context) => {
      await needsStrace(context);
      const log = await FaultedLog.open();
      must(await log.append('written'));
      await log.arm([{ calls: 'fdatasync', fault: `error=${errno}` }]);
      expect(mustFail(await log.append('flushed'), 'disk-full')).toMatchObject({ outcome: 'unknown', cause });
      await new Promise((resume) => setTimeout(resume, 150));
      expect(await log.child.status()).toMatchObject({ state: 'read-only', highWatermark: 3 });
      await log.expectReads();
      await log.disarm();
      must(await log.child.waitUntilWritable());
      await log.expectWorks();
      await log.endClosed();
    });
  }
});

describe('a roll', () => {
  it("EIO on the directory's sync: sync-failed, not appended, failed; recover() cures", async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.fillSegment('written');
    await log.arm([{ calls: 'fsync', fault: 'error=EIO' }], log.dir);
    expect(mustFail(await log.append('written', 12_000), 'sync-failed')).toMatchObject({ outcome: 'not-appended', operation: 'sync-directory' });
    expect(await log.child.status()).toMatchObject({ state: 'failed', reason: 'sync-failed' });
    await log.expectReads();
    // As long as the disk does so, recovering fails as well, and the log stays what it is.
    mustFail(await log.child.recover(), 'sync-failed');
    expect(await log.child.status()).toMatchObject({ state: 'failed', reason: 'sync-failed' });
    await log.expectReads();
    await log.disarm();
    must(await log.child.recover());
    await log.expectWorks();
    await log.endClosed();
  });

  it("EIO on the directory's sync, then kill -9: nothing acknowledged is lost, the refused record never appears", async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.fillSegment('written');
    await log.arm([{ calls: 'fsync', fault: 'error=EIO' }], log.dir);
    mustFail(await log.append('written', 12_000), 'sync-failed');
    await log.disarm();
    await log.endKilled();
  });

  it('EIO on the sync of the segment before: sync-failed, not appended; recover() re-homes', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.fillSegment('written');
    await log.arm([{ calls: 'fdatasync', fault: 'error=EIO' }], log.segment(0));
    const error = mustFail(await log.append('written', 12_000), 'sync-failed');
    expect(await log.child.status()).toMatchObject({ state: 'failed', reason: 'sync-failed' });
    expect(error.operation).toBe('sync');
    await log.expectReads();
    must(await log.child.recover());
    await log.expectWorks();
    expect(await log.disarm()).toBe(1);
    await log.endClosed();
  });

  it('ENOSPC on rename: disk-full, not appended; comes back by itself', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.fillSegment('written');
    await log.spareIsThere();
    await log.arm([{ calls: 'rename,renameat,renameat2', fault: 'error=ENOSPC' }]);
    expect(mustFail(await log.append('written', 12_000), 'disk-full')).toMatchObject({ outcome: 'not-appended', operation: 'rename' });
    expect(await log.child.status()).toMatchObject({ state: 'read-only', reason: 'disk-full' });
    await log.expectReads();
    await log.disarm();
    must(await log.child.waitUntilWritable());
    await log.expectWorks();
    await log.endClosed();
  });

  it('ENOSPC on the ftruncate that gives unused blocks back: no harm', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.fillSegment('written');
    await log.arm([{ calls: 'ftruncate', fault: 'error=ENOSPC' }], log.segment(0));
    must(await log.append('written', 12_000));
    expect(await log.child.status()).toMatchObject({ state: 'writable', segments: 2 });
    await log.disarm();
    await log.expectWorks();
    await log.endClosed();
  });

  it('EMFILE on every open: fd-exhausted, not appended, no change of state; the next append works', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open();
    await log.fillSegment('written');
    await log.spareIsThere();
    await log.arm([{ calls: 'openat', fault: 'error=EMFILE' }]);
    expect(mustFail(await log.append('written', 12_000), 'fd-exhausted')).toMatchObject({ outcome: 'not-appended', errno: -constants.errno.EMFILE });
    expect(await log.child.status()).toMatchObject({ state: 'writable', reason: null });
    await log.disarm();
    await log.expectWorks();
    expect(await log.child.states()).toEqual([]);
    await log.endClosed();
  });
});

describe('a read', () => {
  for (const { calls, errno, kind } of [{ calls: 'pread64', errno: 'EIO', kind: 'io' }, { calls: 'openat', errno: 'EMFILE', kind: 'fd-exhausted' }, { calls: 'openat', errno: 'ENFILE', kind: 'fd-exhausted' }]) {
    it(`${errno} on ${calls}: an error for that read only; appends go on`, async (context) => {
      await needsStrace(context);
      const log = await FaultedLog.open();
      await log.arm([{ calls, fault: `error=${errno}` }]);
      mustFail(await log.child.read(0), kind);
      must(await log.append('flushed'));
      expect(await log.child.status()).toMatchObject({ state: 'writable', highWatermark: 3 });
      await log.disarm();
      await log.expectWorks();
      await log.endClosed();
    });
  }
});

describe('a call that does not answer', () => {
  /** Longer than any test: the call is let go by letting go of the process. */
  const HELD = 'delay_enter=60000000';
  const IO_TIMEOUT_MS = 300;
  const cases = [
    { what: 'fdatasync', ack: 'flushed', unflushed: true, calls: 'fdatasync' },
    { what: 'O_DSYNC write', ack: 'flushed', unflushed: false, calls: WRITES },
    { what: 'write', ack: 'written', unflushed: false, calls: WRITES },
  ] as const;

  for (const { what, ack, unflushed, calls } of cases) {
    it(`${what}: stalled, unknown; others are refused at once, reads go on; its late success is cut, then the log is back`, async (context) => {
      await needsStrace(context);
      const log = await FaultedLog.open({ ioTimeoutMs: IO_TIMEOUT_MS }, { poolThreads: 4 });
      if (unflushed) must(await log.append('written'));
      const end = (await log.child.status()).highWatermark;
      await log.arm([{ calls, fault: HELD }], log.segment(0));
      expect(mustFail(await log.append(ack), 'stalled').outcome).toBe('unknown');
      expect(await log.child.status()).toMatchObject({ state: 'read-only', reason: 'stalled', highWatermark: end });
      const refusedAt = Date.now();
      expect(mustFail(await log.append(ack), 'stalled').outcome).toBe('not-appended');
      expect(Date.now() - refusedAt).toBeLessThan(IO_TIMEOUT_MS);
      await log.expectReads();
      await log.release();
      must(await log.child.waitUntilWritable());
      expect(await log.child.status()).toMatchObject({ highWatermark: end });
      expect(readFileSync(log.segment(0)).includes(log.unknown[0]!), 'its bytes are gone').toBe(false);
      await log.expectWorks();
      expect(await log.child.states()).toEqual(['read-only(stalled)', 'writable']);
      await log.endClosed();
      expect(log.unknown).toHaveLength(1);
    });
  }

  it('a write that answers EIO at last: is cut like any other, and the log is back', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open({ ioTimeoutMs: IO_TIMEOUT_MS }, { poolThreads: 4 });
    await log.arm([{ calls: WRITES, fault: 'error=EIO:delay_enter=1200000' }], log.segment(0));
    expect(mustFail(await log.append('written'), 'stalled').outcome).toBe('unknown');
    await log.expectReads();
    must(await log.child.waitUntilWritable());
    expect(await log.disarm()).toBe(1);
    await log.expectWorks();
    await log.endClosed();
  });

  it('a write that syncs and answers EIO at last: failed, like any failed sync; recover() cures', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open({ ioTimeoutMs: IO_TIMEOUT_MS }, { poolThreads: 4 });
    await log.arm([{ calls: WRITES, fault: 'error=EIO:delay_enter=1200000' }], log.segment(0));
    expect(mustFail(await log.append('flushed'), 'stalled').outcome).toBe('unknown');
    await expect.poll(() => log.child.status(), { timeout: 5_000 }).toMatchObject({ state: 'failed', reason: 'sync-failed' });
    expect(await log.disarm()).toBe(1);
    await log.expectReads();
    must(await log.child.recover());
    await log.expectWorks();
    await log.endClosed();
  });

  it('close() returns within ioTimeoutMs; the handle and the lock stay until the call answered', async (context) => {
    await needsStrace(context);
    const log = await FaultedLog.open({ ioTimeoutMs: IO_TIMEOUT_MS }, { poolThreads: 4 });
    await log.arm([{ calls: WRITES, fault: HELD }], log.segment(0));
    expect(mustFail(await log.append('written'), 'stalled').outcome).toBe('unknown');
    const closingAt = Date.now();
    mustFail(await log.child.close(), 'stalled');
    expect(Date.now() - closingAt).toBeLessThan(IO_TIMEOUT_MS + 400);
    expect((await log.child.status()).state).toBe('closed');
    expect(mustFail(await MessageLog.open(log.dir), 'locked').pid).toBe(log.child.pid);
    await log.release();
    await expect.poll(() => log.child.openFiles(log.dir), { timeout: 5_000 }).toEqual([]);
    await log.endKilled();
  });
});
