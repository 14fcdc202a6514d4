/**
 * Opening a log: the lock, the facts, the plan, and carrying it out, in this order; then the log is put together. A
 * step that fails gives everything back. Where nothing is unproven, no byte is written.
 */
import { err, ok, type Result } from 'neverthrow';
import type { Crc32c } from '../codec/crc32c.js';
import { segmentName } from '../decide/file-names.js';
import { invalidArgument, type OpenError } from '../model/errors.js';
import type { LogSettings } from '../model/options.js';
import type { Clock } from '../ports/clock.js';
import type { FileSystem } from '../ports/file-system.js';
import { Background } from './background.js';
import { carryOut } from './carry-out.js';
import { newCounters, pathIn, type LogContext } from './context.js';
import { createLog } from './create-log.js';
import { Deadline } from './deadline.js';
import { EventHub } from './event-hub.js';
import { gatherFacts, type GatheredFacts } from './gather-facts.js';
import { GuardedFileSystem } from './guarded-file-system.js';
import { HandlePool } from './handle-pool.js';
import { lockDirectory } from './lock-directory.js';
import { LockScope } from './lock-scope.js';
import type { OpenedFiles } from './opened-files.js';
import { recoverTail } from './recover-tail.js';
import { withinTimeout } from './within-timeout.js';

/** The ports a log runs on. @internal */
export interface LogPorts {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly crc32c: Crc32c;
}

/** @internal */
export async function openFiles(dir: string, settings: LogSettings, ports: LogPorts): Promise<Result<OpenedFiles, OpenError>> {
  const startedAt = ports.clock.monotonic();
  const deadline = new Deadline(ports.clock, settings.ioTimeoutMs);
  const fs = new GuardedFileSystem(ports.fileSystem, deadline);
  const events = new EventHub();
  const background = new Background((bug) => {
    const message = bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
    events.emit('warning', { error: { kind: 'assertion', message }, during: 'background work' });
    events.dispatch();
  });
  const pool = new HandlePool(fs, settings.handlesMax, background);
  const locked = await lockDirectory(dir, settings, fs, pool);
  if (locked.isErr()) {
    deadline.dispose();
    return err(locked.error);
  }
  const directory = locked.value;
  const indexWriting = new LockScope('index-writing', () => undefined);
  const ctx: LogContext = { dir, settings, fs, clock: ports.clock, crc32c: ports.crc32c, deadline, pool, events, background, counters: newCounters(), indexWriting, directory };
  const opened = await openLocked(ctx, startedAt);
  if (opened.isErr()) await giveBackInTime(ctx);
  return opened;
}

/** As `giveBack`; where a call is stuck, or gets stuck meanwhile, the answer does not wait for it, only the lock does. @internal */
export async function giveBackInTime(ctx: LogContext): Promise<void> {
  const given = giveBack(ctx);
  if (ctx.deadline.stuckCalls > 0) ctx.background.later(given);
  else await withinTimeout(ctx, given.then(() => ok(undefined)), () => undefined).then(() => undefined);
}

/** Gives back what every open log holds; the directory's handle, and with it the lock, goes last. @internal */
export async function giveBack(ctx: LogContext): Promise<void> {
  await ctx.pool.shut();
  await ctx.background.idle();
  // A call that is stuck may still write when it comes through: the lock is kept until it has answered.
  await ctx.deadline.answered();
  await ctx.pool.close(ctx.directory);
  ctx.deadline.dispose();
}

async function openLocked(ctx: LogContext, startedAt: number): Promise<Result<OpenedFiles, OpenError>> {
  const gathered = await gatherFacts(ctx);
  if (gathered.isErr()) return err(gathered.error);
  const facts = gathered.value;
  const bootId = await ctx.fs.bootId();
  const known = facts.segments.length > 0 || facts.checkpoint !== null;
  if (!known && facts.directory.foreign.length > 0) {
    return err(invalidArgument('dir', `${ctx.dir} holds other files (${facts.directory.foreign.slice(0, 3).join(', ')}) and no log`));
  }
  if (!known && !ctx.settings.create) return err({ kind: 'not-found', message: `there is no log at ${ctx.dir}`, path: ctx.dir });
  if (!known || isUnfinishedCreation(facts)) return createLog(ctx, bootId, facts, startedAt);
  if (facts.segments.length === 0) return openWithoutSegments(ctx, facts);
  const recovered = await recoverTail(ctx, facts);
  if (recovered.isErr()) return err(recovered.error);
  return carryOut(ctx, facts, recovered.value, bootId, startedAt);
}

/** A crash while the log was created leaves its first segment, empty, and no checkpoint. */
function isUnfinishedCreation(facts: GatheredFacts): boolean {
  const only = facts.segments[0];
  return !facts.directory.hasCheckpoint && facts.segments.length === 1 && only?.baseOffset === 0 && only.bytes === 0;
}

/** The checkpoint tells of segments, and there is none: they vanished. */
function openWithoutSegments(ctx: LogContext, facts: GatheredFacts): Result<OpenedFiles, OpenError> {
  const checkpoint = facts.checkpoint?.checkpoint;
  const highest = checkpoint?.highestSegment ?? 0;
  const file = pathIn(ctx.dir, segmentName(highest));
  return err({
    kind: 'corruption',
    file,
    position: 0,
    fromOffset: checkpoint?.logStartOffset ?? 0,
    nextOffset: checkpoint?.recoveryPoint ?? 0,
    rule: 'missing-segment',
    message: `${file} is missing: the checkpoint tells of it, and there is no segment at all`,
  });
}
