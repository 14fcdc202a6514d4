/**
 * Is this a batch of ours? The profile's rules over bytes of unknown origin, in an order that gives the
 * answer its worth: what cannot be a batch here is refused first, then what the checksum proves damaged;
 * after that the bytes are known to be as somebody meant them, and are refused by the name of the rule.
 *
 * INVARIANT: no answer but `valid` for a batch that breaks a rule; never throws, reads nothing beyond `end`.
 * INVARIANT: `base-offset` and every rule named after it are answered for intact bytes only.
 */
import type { ByteCount, Offset, Position } from '../model/units.js';
import type { BatchHeader } from './batch-header.js';
import { ATTRIBUTE, BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES, batchBytesAt, CHECKSUM_FROM, decodeBatchHeader } from './batch-header.js';
import type { Crc32c } from './crc32c.js';
import { RecordCursor } from './record-cursor.js';

/** The rules of the profile, each the name of what a batch that breaks it is refused for. @internal */
export type ProfileRule =
  | 'batch-length'
  | 'batch-bytes-max'
  | 'magic'
  | 'crc'
  | 'base-offset'
  | 'leader-epoch'
  | 'attributes'
  | 'timestamp-type'
  | 'transactional'
  | 'control'
  | 'delete-horizon'
  | 'compression'
  | 'producer-id'
  | 'records-count'
  | 'dense-offsets'
  | 'max-timestamp'
  | 'record';

/**
 * What a check found. `incomplete`: the batch may go on beyond `end`; ask again with `needBytes` bytes from `at`
 * on (the header's size while not even the length is there). @internal
 */
export type BatchVerdict =
  | { readonly kind: 'valid'; readonly header: BatchHeader }
  | { readonly kind: 'incomplete'; readonly needBytes: ByteCount }
  | { readonly kind: 'invalid'; readonly rule: ProfileRule };

/** The smallest record: its length, then six fields of one byte. */
const RECORD_BYTES_MIN = 7;

/** The highest codec there is (zstd). */
const CODEC_MAX = 4;

function invalid(rule: ProfileRule): BatchVerdict {
  return { kind: 'invalid', rule };
}

/**
 * Checks the batch at `at` in `bytes`, of which [0, end) may be looked at. Its records are not decoded, see
 * `checkRecords`.
 *
 * `expectedOffset` is what its base offset must be, null for any. `bytesMax` bounds the whole batch and is
 * at least `BATCH_HEADER_BYTES`. The time goes into one checksum over the batch. Source: `docs/format.md`, The profile.
 * @internal
 */
export function checkBatch(
  bytes: Uint8Array,
  at: Position,
  end: Position,
  expectedOffset: Offset | null,
  bytesMax: ByteCount,
  crc32c: Crc32c,
): BatchVerdict {
  const available = Math.min(end, bytes.length) - at;
  if (available < BATCH_PREFIX_BYTES) return { kind: 'incomplete', needBytes: BATCH_HEADER_BYTES };
  const batchBytes = batchBytesAt(bytes, at);
  if (batchBytes < BATCH_HEADER_BYTES) return invalid('batch-length');
  if (batchBytes > bytesMax) return invalid('batch-bytes-max');
  if (batchBytes > available) return { kind: 'incomplete', needBytes: batchBytes };

  const header = decodeBatchHeader(bytes, at);
  if (header === null) return { kind: 'incomplete', needBytes: BATCH_HEADER_BYTES };
  if (header.magic !== 2) return invalid('magic');
  if (crc32c(bytes.subarray(at + CHECKSUM_FROM, at + batchBytes)) !== header.crc) return invalid('crc');

  const rule = brokenRule(header, expectedOffset);
  return rule === null ? { kind: 'valid', header } : invalid(rule);
}

/**
 * The first rule an intact header breaks. What makes a batch foreign comes before the leader epoch, which
 * lies outside the checksum: so it is named only where nothing else is wrong.
 */
function brokenRule(header: BatchHeader, expectedOffset: Offset | null): ProfileRule | null {
  const { attributes, baseOffset, recordsCount, lastOffsetDelta } = header;
  if (expectedOffset !== null && baseOffset !== expectedOffset) return 'base-offset';
  // Also the offset after the batch is one: the log end offset.
  if (baseOffset < 0 || !Number.isSafeInteger(baseOffset + Math.max(lastOffsetDelta, 0) + 1)) return 'base-offset';

  const codec = attributes & ATTRIBUTE.codec;
  if (attributes >>> 7 !== 0) return 'attributes';
  if ((attributes & ATTRIBUTE.control) !== 0) return 'control';
  if ((attributes & ATTRIBUTE.transactional) !== 0) return 'transactional';
  if ((attributes & ATTRIBUTE.deleteHorizon) !== 0) return 'delete-horizon';
  if ((attributes & ATTRIBUTE.logAppendTime) !== 0) return 'timestamp-type';
  if (codec > CODEC_MAX) return 'compression';
  if (header.producerId !== -1) return 'producer-id';

  if (recordsCount < 1) return 'records-count';
  if (codec === 0 && recordsCount * RECORD_BYTES_MIN > header.batchBytes - BATCH_HEADER_BYTES) return 'records-count';
  if (lastOffsetDelta !== recordsCount - 1) return 'dense-offsets';
  if (!isTimestamp(header.baseTimestamp) || !isTimestamp(header.maxTimestamp)) return 'max-timestamp';
  return header.leaderEpoch === 0 ? null : 'leader-epoch';
}

function isTimestamp(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * Checks the records of an uncompressed batch that `checkBatch` called valid: each ends where its length says,
 * the last one where the batch does; offset deltas are 0 … n − 1; `maxTimestamp` is the largest timestamp and
 * none lies outside 0 … 2^53 − 1. Answers null where all holds. Allocates nothing per record.
 * @internal
 */
export function checkRecords(
  bytes: Uint8Array,
  at: Position,
  header: BatchHeader,
): { readonly rule: 'record' | 'dense-offsets' | 'max-timestamp' } | null {
  const cursor = new RecordCursor(bytes, at, header);
  let maxTimestamp = -1;
  let isDense = true;
  let isTimely = true;
  for (let index = 0; index < header.recordsCount; index++) {
    if (!cursor.next()) return { rule: 'record' };
    const timestamp = header.baseTimestamp + cursor.timestampDelta;
    if (cursor.offsetDelta !== index) isDense = false;
    if (!isTimestamp(timestamp)) isTimely = false;
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
  }
  if (!cursor.atEnd) return { rule: 'record' };
  if (!isDense) return { rule: 'dense-offsets' };
  return isTimely && maxTimestamp === header.maxTimestamp ? null : { rule: 'max-timestamp' };
}
