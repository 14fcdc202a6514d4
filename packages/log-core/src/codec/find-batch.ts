/**
 * Looking for a record batch of this log in bytes that follow damage, byte by byte. Only a batch with the log's own
 * tag counts, with offsets beyond the damage and a right checksum: a record's value may hold a forged batch.
 */
import { BATCH_HEADER_BYTES, decodeBatchHeader, type BatchHeader } from './batch-header.js';
import { checkBatch } from './check-batch.js';
import type { Crc32c } from './crc32c.js';

/** A batch that was found, and where in the bytes. @internal */
export interface FoundBatch {
  readonly at: number;
  readonly header: BatchHeader;
}

const MAGIC_AT = 16;
const TAG_AT = 51;

/**
 * The first whole tagged batch that begins in [from, end) with a base offset in [offsetMin, offsetMax). Batches
 * that would reach past `end` are not found: give the bytes with enough overlap. @internal
 */
export function findTaggedBatch(
  bytes: Uint8Array,
  from: number,
  end: number,
  offsets: { readonly min: number; readonly max: number },
  tag: number,
  crc32c: Crc32c,
): FoundBatch | null {
  const tagHigh = (tag >>> 8) & 0xff;
  const tagLow = tag & 0xff;
  for (let at = from; at + BATCH_HEADER_BYTES <= end; at += 1) {
    if (bytes[at + MAGIC_AT] !== 2 || bytes[at + TAG_AT] !== tagHigh || bytes[at + TAG_AT + 1] !== tagLow) continue;
    const header = decodeBatchHeader(bytes, at);
    if (header === null || header.baseOffset < offsets.min || header.baseOffset >= offsets.max) continue;
    if (checkBatch(bytes, at, end, header.baseOffset, end - at, crc32c).kind === 'valid') return { at, header };
  }
  return null;
}

/** The recovery point that a batch's mark proves, null where it proves nothing. @internal */
export function markedRecoveryPoint(header: BatchHeader, tag: number): number | null {
  if (header.producerId !== -1 || header.producerEpoch !== tag) return null;
  if (header.baseSequence < 0 || header.baseSequence > header.baseOffset) return null;
  return header.baseOffset - header.baseSequence;
}
