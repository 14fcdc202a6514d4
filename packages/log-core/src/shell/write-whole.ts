/**
 * Writing a region whole: a short count hides the error that caused it, so the remainder is written once
 * more and its error classifies. A count of 0 is an error, or the loop would spin.
 */
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure } from '../model/io-failure.js';
import type { ByteCount, Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';


/** Writes all buffers at `position`. @internal */
export async function writeWhole(handle: FileHandle, buffers: readonly Uint8Array[], position: Position): Promise<Result<void, IoFailure>> {
  const written = await writeWithExtra(handle, buffers, position, []);
  return written.isErr() ? err(written.error) : ok(undefined);
}

/**
 * Writes all buffers at `position`; answers how many bytes are in the file from there on. `extra` goes behind them in the
 * same call, as far as there is room: a short count that spares the buffers is no failure. @internal
 */
export async function writeWithExtra(
  handle: FileHandle,
  buffers: readonly Uint8Array[],
  position: Position,
  extra: readonly Uint8Array[],
): Promise<Result<ByteCount, IoFailure>> {
  const needed = byteLengthOf(buffers);
  let rest: readonly Uint8Array[] = extra.length === 0 ? buffers : [...buffers, ...extra];
  let done = 0;
  for (;;) {
    const written = await handle.write(rest, position + done);
    if (written.isErr()) return err(written.error);
    if (written.value === 0 && needed > 0) return err(nothingWritten(handle, position + done));
    done += written.value;
    if (done >= needed) return ok(done);
    rest = withoutFirst(rest, written.value);
  }
}

/**
 * A write that syncs as well, all of it, of which `first` is the first call. Where that was cut short, what it has written is synced,
 * and the error behind it is met by the next one. Answers the bytes of all buffers. @internal
 */
export async function wholeOrRest(
  first: Promise<Result<ByteCount, IoFailure>>,
  handle: FileHandle,
  buffers: readonly Uint8Array[],
  position: Position,
): Promise<Result<ByteCount, IoFailure>> {
  const written = await first;
  const needed = byteLengthOf(buffers);
  if (written.isErr() || written.value === needed) return written;
  if (written.value === 0) return err(nothingWritten(handle, position));
  const rest = await writeWhole(handle, withoutFirst(buffers, written.value), position + written.value);
  return rest.map(() => needed);
}

/** What a write that syncs as well answered: anything but the whole of it counts as a failed sync. @internal */
export function wholeOrFailed(
  written: Result<ByteCount, IoFailure>,
  handle: FileHandle,
  buffers: readonly Uint8Array[],
  position: Position,
): Result<ByteCount, IoFailure> {
  return written.isErr() || written.value === byteLengthOf(buffers) ? written : err(nothingWritten(handle, position));
}

/** @internal */
export function byteLengthOf(buffers: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const buffer of buffers) bytes += buffer.byteLength;
  return bytes;
}

function withoutFirst(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count;
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (skip < buffer.byteLength) rest.push(skip === 0 ? buffer : buffer.subarray(skip));
    skip = Math.max(0, skip - buffer.byteLength);
  }
  return rest;
}

function nothingWritten(handle: FileHandle, position: Position): IoFailure {
  return {
    symbol: 'io',
    errno: 0,
    code: 'SHORT_WRITE',
    operation: 'write',
    path: handle.path,
    position,
    message: `write of ${handle.path} at ${String(position)} was cut short without an error`,
  };
}
