/**
 * Where a file's data ends, found from behind: blocks ahead are zeros. What it answers is never too much; a value that
 * ends in zeros makes it a little less.
 */
import { ok, type Result } from 'neverthrow';
import { lastNonZero } from '../codec/zeros.js';
import type { IoFailure } from '../model/io-failure.js';
import { KIB, type Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { readFully } from './side-file.js';

const CHUNK_BYTES = 64 * KIB;

/** The position behind the last byte of `[from, to)` that is not zero; `from` where all are, or none is there. @internal */
export async function findDataEnd(handle: FileHandle, from: Position, to: Position): Promise<Result<Position, IoFailure>> {
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, to - from));
  for (let end = to; end > from; ) {
    const start = Math.max(from, end - CHUNK_BYTES);
    const read = await readFully(handle, chunk.subarray(0, end - start), start);
    if (read.isErr()) return read;
    const last = lastNonZero(chunk, 0, read.value);
    if (last >= 0) return ok(start + last + 1);
    end = start;
  }
  return ok(from);
}
