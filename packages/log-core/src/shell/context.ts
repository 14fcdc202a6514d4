/** What every part of one open log shares: its ports, settings, handle budget, events and counters. */
import type { Crc32c } from '../codec/crc32c.js';
import { diskError, type Doing } from '../decide/failure-policy.js';
import { OWN_PREFIX } from '../decide/file-names.js';
import type { LogMetrics } from '../model/api.js';
import type { DiskError } from '../model/errors.js';
import type { IoFailure } from '../model/io-failure.js';
import type { LogSettings } from '../model/options.js';
import type { Clock } from '../ports/clock.js';
import type { FileHandle, FileSystem } from '../ports/file-system.js';
import { err, ok, type Result } from 'neverthrow';
import type { Background } from './background.js';
import type { Deadline } from './deadline.js';
import type { EventHub } from './event-hub.js';
import type { HandlePool } from './handle-pool.js';
import type { LockScope } from './lock-scope.js';

/** Counters, the same fields as `LogMetrics` but for the one that is read elsewhere. @internal */
export type Counters = { -readonly [Name in Exclude<keyof LogMetrics, 'stateChanges'>]: LogMetrics[Name] };

/** @internal */
export interface LogContext {
  readonly dir: string;
  readonly settings: LogSettings;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly crc32c: Crc32c;
  readonly deadline: Deadline;
  readonly pool: HandlePool;
  readonly events: EventHub;
  readonly background: Background;
  readonly counters: Counters;
  /** One segment's index is written at a time: the handles this takes stay counted, and no two write the same file. */
  readonly indexWriting: LockScope<'index-writing'>;
  /** The log's directory: holds the lock, and is synced after its entries changed. */
  readonly directory: FileHandle;
}

/** A step that failed, and what it was part of: enough for the failure policy. @internal */
export interface FailedStep {
  readonly doing: Doing;
  readonly failure: IoFailure;
}

/** @internal */
export type Step<T> = Promise<Result<T, FailedStep>>;

/** Names what a port call was part of. @internal */
export async function step<T>(doing: Doing, call: Promise<Result<T, IoFailure>>): Step<T> {
  const answer = await call;
  return answer.isOk() ? ok(answer.value) : err({ doing, failure: answer.error });
}

/** @internal */
export function stepError(failed: FailedStep): DiskError {
  return diskError(failed.doing, failed.failure);
}

/** @internal */
export function newCounters(): Counters {
  return {
    appendedRecords: 0,
    appendedBatches: 0,
    appendedBytes: 0,
    refusedAppends: 0,
    writes: 0,
    syncs: 0,
    rolls: 0,
    readBytes: 0,
    readBatches: 0,
    deletedSegments: 0,
    deletedBytes: 0,
    statfsCalls: 0,
  };
}

/** The path of a file in the log's directory. @internal */
export function pathIn(dir: string, name: string): string {
  return dir.endsWith('/') ? dir + name : `${dir}/${name}`;
}

/** Tells that something which the log survives went wrong with a side file: later, for a lock may be held now. @internal */
export function warn(ctx: Pick<LogContext, 'events' | 'clock'>, during: string, failure: IoFailure): void {
  ctx.events.emit('warning', { error: diskError('side-file', failure), during });
  ctx.clock.defer(() => {
    ctx.events.dispatch();
  });
}

/** Removes a file that may not be there. @internal */
export async function unlinkIfThere(ctx: LogContext, path: string): Promise<Result<void, IoFailure>> {
  const removed = await ctx.fs.unlink(path);
  return removed.isErr() && removed.error.symbol === 'not-found' ? ok(undefined) : removed;
}

/** Removes a file that is of no use any more; one that stays is removed at the next opening. @internal */
export async function removeLeftover(ctx: LogContext, path: string): Promise<void> {
  await ctx.fs.unlink(path).then(() => undefined);
}

/** Makes a file of its own under a temporary name: whatever an earlier life left there is removed. @internal */
export async function createTemporary(ctx: LogContext, name: string): Promise<Result<FileHandle, IoFailure>> {
  const path = pathIn(ctx.dir, `${OWN_PREFIX}${name}.tmp`);
  const first = await ctx.pool.openOwn(path, 'create');
  if (first.isOk() || first.error.symbol !== 'exists') return first;
  const removed = await ctx.fs.unlink(path);
  return removed.isErr() ? err(removed.error) : ctx.pool.openOwn(path, 'create');
}
