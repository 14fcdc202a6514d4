/**
 * Where a file's data ends, found from behind: blocks ahead are zeros. What it answers is never too much; a value that
 * ends in zeros makes it a little less.
 */
import { ok, type Result } from 'neverthrow';
import { lastNonZero } from '../codec/zeros.js';
import type { IoFailure } from '../model/io-failure.js';
import { KIB, type ByteCount, type Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { readFully } from './side-file.js';

const CHUNK_BYTES = 64 * KIB;

/** The position behind the last byte of the first `fileBytes` that is not zero; 0 where all are. @internal */
export async function findDataEnd(handle: FileHandle, fileBytes: ByteCount): Promise<Result<Position, IoFailure>> {
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, fileBytes));
  for (let end = fileBytes; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const read = await readFully(handle, chunk.subarray(0, end - start), start);
    if (read.isErr()) return read;
    const last = lastNonZero(chunk, 0, read.value);
    if (last >= 0) return ok(start + last + 1);
    end = start;
  }
  return ok(0);
}
