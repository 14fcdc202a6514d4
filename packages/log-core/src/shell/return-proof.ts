/**
 * The proof that a read-only log may be written again: the spare made again, written and synced; on a volume or quota too
 * small for one, an append-sized file. A tiny file, or what `statfs` says, would prove nothing.
 */
import { err, ok, type Result } from 'neverthrow';
import type { Pressure } from '../decide/failure-policy.js';
import type { IoFailure } from '../model/io-failure.js';
import { KIB, type ByteCount } from '../model/units.js';
import { createTemporary, unlinkIfThere, type LogContext } from './context.js';
import type { LogFiles } from './log-files.js';
import type { LogUsage } from './log-usage.js';
import { lastSegment, type Segment } from './snapshot.js';
import type { SpareKeeper } from './spare-keeper.js';
import type { StateCell } from './state-cell.js';
import { writeWhole } from './write-whole.js';

/** @internal */
export interface ReturnProofParts {
  readonly files: LogFiles;
  readonly spare: SpareKeeper;
  readonly usage: LogUsage;
  readonly state: StateCell;
  readonly volumeBytes: () => ByteCount | null;
  readonly cleanUp: (bytesWanted: ByteCount, why: Pressure) => Promise<boolean>;
}

/** Tries once whether the next append will find room; deletes for it what the policy lets go. @internal */
export async function proveWritable(ctx: LogContext, parts: ReturnProofParts): Promise<Result<void, IoFailure>> {
  const { batchBytesMax } = ctx.settings;
  const { reason } = parts.state;
  if (reason === 'read-only-fs' || reason === 'permission') {
    // A spare that is there already says nothing of a file system that refuses to be written.
    const continued = await mayContinue(ctx, lastSegment(parts.files.snapshot));
    return continued.isErr() ? continued : writeProbe(ctx, parts, batchBytesMax);
  }
  if (parts.spare.wantedBytes !== null) return parts.spare.keep();
  const fits = await fitsQuota(ctx, parts);
  return fits.isErr() ? fits : writeProbe(ctx, parts, batchBytesMax + 4 * KIB);
}

/** Whether the segment that the next append goes on in may be written; not a byte is. */
async function mayContinue(ctx: LogContext, { path, sealed }: Segment): Promise<Result<void, IoFailure>> {
  if (sealed !== null) return ok(undefined);
  const opened = await ctx.pool.openOwn(path, 'write');
  if (opened.isErr()) return err(opened.error);
  await ctx.pool.close(opened.value);
  return ok(undefined);
}

/** Without a spare to give up, an append has to fit as it is. */
async function fitsQuota(ctx: LogContext, { usage, spare, cleanUp }: ReturnProofParts): Promise<Result<void, IoFailure>> {
  const { batchBytesMax, quotaBytesMax } = ctx.settings;
  const needed = Math.min(batchBytesMax, (quotaBytesMax ?? Infinity) / 8);
  if (usage.quotaRoomBytes >= needed) return ok(undefined);
  const freed = await cleanUp(spare.reliefBytes, 'quota');
  return freed && usage.quotaRoomBytes >= needed ? ok(undefined) : err(usage.quotaFailure());
}

/** An append-sized file, written, synced and unlinked. */
async function writeProbe(ctx: LogContext, { volumeBytes }: ReturnProofParts, bytes: ByteCount): Promise<Result<void, IoFailure>> {
  const created = await createTemporary(ctx, 'probe');
  if (created.isErr()) return err(created.error);
  const handle = created.value;
  const written = await writeWhole(handle, [new Uint8Array(Math.min(bytes, (volumeBytes() ?? bytes) / 4))], 0);
  const synced = written.isOk() ? await handle.sync() : written;
  await ctx.pool.close(handle);
  const removed = await unlinkIfThere(ctx, handle.path);
  return synced.isErr() ? synced : removed;
}
