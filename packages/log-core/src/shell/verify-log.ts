/** Reads and checks a whole log: every batch's bytes and place, every record in it. Damage is reported, not an error. */
import { err, ok, type Result } from 'neverthrow';
import { checkRecords } from '../codec/check-batch.js';
import { isCompressed } from '../codec/decode-records.js';
import type { Progress, VerifyOptions, VerifyProblem, VerifyReport } from '../model/api.js';
import { abortedError, closedError, type VerifyError } from '../model/errors.js';
import { MIB, type ByteCount } from '../model/units.js';
import { BatchCursor } from './batch-cursor.js';
import type { FollowSource } from './log-reading.js';

/** How often it is told how far it has come. */
const PROGRESS_EVERY_BYTES = 4 * MIB;

/** `totalBytes` is what it will come to, for telling how far it is. @internal */
export async function verifyLog(source: FollowSource, options: VerifyOptions, totalBytes: ByteCount): Promise<Result<VerifyReport, VerifyError>> {
  const snapshot = source.snapshot();
  const problems: VerifyProblem[] = [];
  let cursor = new BatchCursor(source, snapshot.logStartOffset, 'checked');
  let records = 0;
  let batches = 0;
  let bytes = 0;
  let told = 0;
  for (;;) {
    if (options.signal?.aborted === true) return err(abortedError());
    const inMemory = cursor.nextInMemory(snapshot.highWatermark);
    const next = inMemory === null ? await cursor.next(snapshot.highWatermark) : ok(inMemory);
    if (next.isErr()) {
      const { error } = next;
      if (source.limit('acknowledged') === null) return err(closedError());
      if (error.kind === 'offset-out-of-range') {
        // Retention went past: what it took is not this log's any more.
        cursor = new BatchCursor(source, Math.max(error.logStartOffset, cursor.offset), 'checked');
        continue;
      }
      if (error.kind !== 'corruption') return err(error as VerifyError);
      problems.push({ kind: error.rule, file: error.file, position: error.position, offset: error.fromOffset });
      cursor = new BatchCursor(source, error.nextOffset, 'checked');
      continue;
    }
    if (next.value === null) break;
    const { at, header } = next.value;
    const wrong = isCompressed(header) ? null : checkRecords(next.value.bytes, at, header);
    if (wrong !== null) problems.push({ kind: wrong.rule, file: next.value.file, position: next.value.position, offset: header.baseOffset });
    records += next.value.nextOffset - Math.max(header.baseOffset, snapshot.logStartOffset);
    batches += 1;
    bytes += header.batchBytes;
    if (bytes - told >= PROGRESS_EVERY_BYTES) {
      told = bytes;
      tell(options, { bytes, totalBytes });
    }
  }
  return ok({ records, batches, bytes, segments: snapshot.segments.length, problems });
}

/** A listener that throws stops nothing. */
function tell(options: VerifyOptions, progress: Progress): void {
  try {
    options.onProgress?.(progress);
  } catch {
    // Nobody but the listener can do anything about it.
  }
}
