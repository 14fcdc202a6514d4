/**
 * The 61 bytes before a batch's records (Kafka record batch, magic 2), as numbers and back.
 *
 *      0        8       12      16 17    21   23      27       35       43       51     53       57     61
 *      +--------+-------+-------+--+-----+----+-------+--------+--------+--------+------+--------+------+-----…
 *      | base   | batch | leader|mg| crc |attr| last  | base   | max    | pro-   | epoch| base   | re-  | rec-
 *      | offset | length| epoch |ic|     |    | offset| time-  | time-  | ducer  | =tag | sequ.  | cords| ords
 *      | i64    | i32   | i32   |i8| u32 | i16| delta | stamp  | stamp  | id i64 | i16  | =dist. | count|
 *      +--------+-------+-------+--+-----+----+-------+--------+--------+--------+------+--------+------+-----…
 *      |<- not under the checksum ->|    |<- under the checksum: 21 … end of the batch ----------------------…
 *
 * INVARIANT: decoding only decodes. It never throws, and judges nothing: `check-batch.ts` does.
 */
import type { ByteCount, Offset, Position, Timestamp } from '../model/units.js';
import { byteAt, readI16, readI32, readI64, readU32, writeI16, writeI32, writeI64 } from './big-endian.js';

/** Bytes of a batch before its records. @internal */
export const BATCH_HEADER_BYTES = 61;

/** Bytes that tell where a batch ends: base offset and length; a batch is this and `batchLength` long. @internal */
export const BATCH_PREFIX_BYTES = 12;

/** First byte under the checksum. @internal */
export const CHECKSUM_FROM = 21;

/** What the bits of `attributes` say. @internal */
export const ATTRIBUTE = {
  codec: 0b0000_0111,
  logAppendTime: 1 << 3,
  transactional: 1 << 4,
  control: 1 << 5,
  deleteHorizon: 1 << 6,
} as const;

/** A batch header as it stands in the file; an i64 beyond ±2^53 is an unsafe number. @internal */
export interface BatchHeader {
  readonly baseOffset: Offset;
  /** The whole batch, `BATCH_PREFIX_BYTES` + batchLength; below that where the length was negative. */
  readonly batchBytes: ByteCount;
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  /** The last record's offset less `baseOffset`. */
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: Timestamp;
  readonly maxTimestamp: Timestamp;
  readonly producerId: number;
  /** Without a producer id: the tag of the in-band durable mark (`docs/format.md`). */
  readonly producerEpoch: number;
  /** Without a producer id: the distance of the in-band durable mark. */
  readonly baseSequence: number;
  readonly recordsCount: number;
}

/** Decodes the header at `at`, or null where fewer than `BATCH_HEADER_BYTES` bytes are. @internal */
export function decodeBatchHeader(bytes: Uint8Array, at: Position): BatchHeader | null {
  if (at < 0 || bytes.length - at < BATCH_HEADER_BYTES) return null;
  return {
    baseOffset: readI64(bytes, at),
    batchBytes: BATCH_PREFIX_BYTES + readI32(bytes, at + 8),
    leaderEpoch: readI32(bytes, at + 12),
    magic: (byteAt(bytes, at + 16) << 24) >> 24,
    crc: readU32(bytes, at + 17),
    attributes: readI16(bytes, at + 21),
    lastOffsetDelta: readI32(bytes, at + 23),
    baseTimestamp: readI64(bytes, at + 27),
    maxTimestamp: readI64(bytes, at + 35),
    producerId: readI64(bytes, at + 43),
    producerEpoch: readI16(bytes, at + 51),
    baseSequence: readI32(bytes, at + 53),
    recordsCount: readI32(bytes, at + 57),
  };
}

/** The whole size a batch at `at` says it has, of which `BATCH_PREFIX_BYTES` have to be there; anything, also below 0. @internal */
export function batchBytesAt(bytes: Uint8Array, at: Position): ByteCount {
  return BATCH_PREFIX_BYTES + readI32(bytes, at + 8);
}

/** Writes a header at `at`, all of it but the checksum, which can only be known afterwards. @internal */
export function writeBatchHeader(into: Uint8Array, at: Position, header: Omit<BatchHeader, 'crc'>): void {
  writeI64(into, at, header.baseOffset);
  writeI32(into, at + 8, header.batchBytes - BATCH_PREFIX_BYTES);
  writeI32(into, at + 12, header.leaderEpoch);
  into[at + 16] = header.magic;
  writeI16(into, at + 21, header.attributes);
  writeI32(into, at + 23, header.lastOffsetDelta);
  writeI64(into, at + 27, header.baseTimestamp);
  writeI64(into, at + 35, header.maxTimestamp);
  writeI64(into, at + 43, header.producerId);
  writeI16(into, at + 51, header.producerEpoch);
  writeI32(into, at + 53, header.baseSequence);
  writeI32(into, at + 57, header.recordsCount);
}

/** Writes the checksum of a batch at `at`. @internal */
export function writeBatchCrc(into: Uint8Array, at: Position, crc: number): void {
  writeI32(into, at + 17, crc);
}
