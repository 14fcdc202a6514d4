/**
 * A batch in the making without some of its records: the others are copied behind one another, with new offset
 * deltas, and with new timestamp deltas where the first record was taken out. Rare: an append that was aborted
 * while it waited.
 *
 * INVARIANT: the result takes no more bytes than `bytesMax`, if what was given did not.
 */
import type { ByteCount, Position, Timestamp } from '../model/units.js';
import { BATCH_HEADER_BYTES } from './batch-header.js';
import { bodyBytes, recordBytes, writeRecordStart } from './encode-record.js';
import { RecordCursor } from './record-cursor.js';

/** Encoded records behind room for a header: bytes [`BATCH_HEADER_BYTES`, batchBytes) of `bytes`. @internal */
export interface RecordsInTheMaking {
  readonly bytes: Uint8Array;
  readonly batchBytes: ByteCount;
  readonly recordsCount: number;
  readonly baseTimestamp: Timestamp;
}

/** A record that stays: its timestamp, and where its key, value and headers lie. */
interface KeptRecord {
  readonly timestamp: Timestamp;
  readonly fieldsAt: Position;
  readonly fieldsEnd: Position;
}

/** Leaves out the records [firstDelta, firstDelta + count), in a buffer of its own. @internal */
export function rebuildWithout(
  batch: RecordsInTheMaking,
  firstDelta: number,
  count: number,
  bytesMax: ByteCount,
): RecordsInTheMaking & { readonly maxTimestamp: Timestamp } {
  const kept = keptRecords(batch, firstDelta, count);
  const ownBase = kept[0]?.timestamp ?? 0;
  // The old base costs no record more than it did before; a new one may, if the timestamps leap.
  const baseTimestamp = measureKept(kept, ownBase) <= bytesMax ? ownBase : batch.baseTimestamp;
  const batchBytes = measureKept(kept, baseTimestamp);

  const bytes = new Uint8Array(Math.max(batch.bytes.length, batchBytes));
  let at = BATCH_HEADER_BYTES;
  let maxTimestamp = -1;
  for (const [offsetDelta, { timestamp, fieldsAt, fieldsEnd }] of kept.entries()) {
    const timestampDelta = timestamp - baseTimestamp;
    const body = bodyBytes(timestampDelta, offsetDelta, fieldsEnd - fieldsAt);
    at = writeRecordStart(bytes, at, body, timestampDelta, offsetDelta);
    bytes.set(batch.bytes.subarray(fieldsAt, fieldsEnd), at);
    at += fieldsEnd - fieldsAt;
    maxTimestamp = Math.max(maxTimestamp, timestamp);
  }
  return { bytes, batchBytes, recordsCount: kept.length, baseTimestamp, maxTimestamp };
}

function keptRecords(batch: RecordsInTheMaking, firstDelta: number, count: number): readonly KeptRecord[] {
  const cursor = new RecordCursor(batch.bytes, 0, batch);
  const kept: KeptRecord[] = [];
  for (let delta = 0; delta < batch.recordsCount && cursor.next(); delta++) {
    if (delta >= firstDelta && delta < firstDelta + count) continue;
    const timestamp = batch.baseTimestamp + cursor.timestampDelta;
    kept.push({ timestamp, fieldsAt: cursor.tailAt, fieldsEnd: cursor.recordEnd });
  }
  return kept;
}

/** The size of the whole batch. */
function measureKept(kept: readonly KeptRecord[], baseTimestamp: Timestamp): ByteCount {
  let bytes: ByteCount = BATCH_HEADER_BYTES;
  for (const [offsetDelta, { timestamp, fieldsAt, fieldsEnd }] of kept.entries()) {
    bytes += recordBytes(bodyBytes(timestamp - baseTimestamp, offsetDelta, fieldsEnd - fieldsAt));
  }
  return bytes;
}
