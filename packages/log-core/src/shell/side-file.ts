/**
 * Replacing a small side file as a whole: written under a temporary name, synced, renamed, the directory
 * synced. At any crash there is the old one or the new one, never a half.
 */
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure } from '../model/io-failure.js';
import type { FileHandle } from '../ports/file-system.js';
import { createTemporary, pathIn, type LogContext, removeLeftover } from './context.js';
import { writeWhole } from './write-whole.js';

/** Replaces `name` by `bytes`; answers the new file's open handle, the caller's to close. @internal */
export async function replaceSideFile(ctx: LogContext, name: string, bytes: Uint8Array): Promise<Result<FileHandle, IoFailure>> {
  const created = await createTemporary(ctx, name.slice(name.indexOf('.') + 1));
  if (created.isErr()) return err(created.error);
  const handle = created.value;
  const done = await fillAndName(ctx, handle, name, bytes);
  if (done.isOk()) return created;
  await ctx.pool.close(handle);
  await removeLeftover(ctx, handle.path);
  return err(done.error);
}

/**
 * Whether a replacement failed where the new file may have the name already, perhaps in the cache alone: a second sync of the
 * directory would prove nothing, only another new file does. @internal
 */
export function isNameUnproven({ operation }: IoFailure): boolean {
  return operation === 'rename' || operation === 'sync-directory';
}

async function fillAndName(ctx: LogContext, handle: FileHandle, name: string, bytes: Uint8Array): Promise<Result<void, IoFailure>> {
  const written = await writeWhole(handle, [bytes], 0);
  if (written.isErr()) return written;
  const synced = await handle.sync();
  if (synced.isErr()) return synced;
  const named = await ctx.fs.rename(handle.path, pathIn(ctx.dir, name));
  if (named.isErr()) return named;
  return ctx.directory.sync();
}

/**
 * Reads a side file whole; null where there is none. At most `bytesMax` are read. What cannot be read or is not sound is read once
 * more: a read may fail, or show a bit wrong, and what the file tells is not given up for that. @internal
 */
export async function readSideFile(
  ctx: LogContext,
  name: string,
  bytesMax: number,
  isSound: (bytes: Uint8Array) => boolean = () => true,
): Promise<Result<Uint8Array | null, IoFailure>> {
  const first = await readOnce(ctx, name, bytesMax);
  return first.isOk() && (first.value === null || isSound(first.value)) ? first : readOnce(ctx, name, bytesMax);
}

async function readOnce(ctx: LogContext, name: string, bytesMax: number): Promise<Result<Uint8Array | null, IoFailure>> {
  const opened = await ctx.pool.openOwn(pathIn(ctx.dir, name), 'read');
  if (opened.isErr()) return opened.error.symbol === 'not-found' ? ok(null) : err(opened.error);
  const answer = await readToEnd(opened.value, bytesMax);
  await ctx.pool.close(opened.value);
  return answer;
}

async function readToEnd(handle: FileHandle, bytesMax: number): Promise<Result<Uint8Array, IoFailure>> {
  const facts = await handle.stat();
  if (facts.isErr()) return err(facts.error);
  const bytes = new Uint8Array(Math.min(facts.value.bytes, bytesMax));
  const count = await readFully(handle, bytes, 0);
  return count.map((read) => bytes.subarray(0, read));
}

/** Reads until `into` is full or the file ends; answers the count. @internal */
export async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<Result<number, IoFailure>> {
  let read = 0;
  while (read < into.byteLength) {
    const count = await handle.read(read === 0 ? into : into.subarray(read), position + read);
    if (count.isErr()) return err(count.error);
    if (count.value === 0) break;
    read += count.value;
  }
  return ok(read);
}
