/** What is written in one go, and how it is made of what waits in the queue. */
import type { Crc32c } from '../codec/crc32c.js';
import type { Ack } from '../model/api.js';
import type { ByteCount, Offset, Timestamp } from '../model/units.js';
import type { QueuedBatch } from './append-queue.js';
import type { LogSnapshot } from './snapshot.js';

/** One record batch, ready to be written. @internal */
export interface EncodedBatch {
  readonly bytes: Uint8Array;
  readonly baseOffset: Offset;
  readonly recordsCount: number;
  readonly maxTimestamp: Timestamp;
}

/** What is written in one go: batches one behind another. @internal */
export interface Region {
  readonly batches: readonly EncodedBatch[];
  readonly bytes: ByteCount;
  /** The offset behind the last record. */
  readonly nextOffset: Offset;
  readonly ack: Ack;
  /** No append waited behind it when it was made. */
  readonly isLone: boolean;
}

/** The batch that is next, for which there has to be room. @internal */
export interface NextBatch {
  readonly bytes: ByteCount;
  readonly records: number;
}

/** Encodes batches one behind another, to follow what the snapshot tells of. @internal */
export function encodeRegion(
  queued: readonly QueuedBatch[],
  isLone: boolean,
  { highWatermark, recoveryPoint }: LogSnapshot,
  tag: number,
  crc32c: Crc32c,
): Region {
  const batches: EncodedBatch[] = [];
  let baseOffset = highWatermark;
  let bytes = 0;
  let ack: Ack = 'written';
  for (const { builder, ack: asked } of queued) {
    const encoded = builder.finish(baseOffset, tag, baseOffset - recoveryPoint.offset, crc32c);
    batches.push({ bytes: encoded, baseOffset, recordsCount: builder.recordsCount, maxTimestamp: builder.maxTimestamp });
    baseOffset += builder.recordsCount;
    bytes += encoded.byteLength;
    if (asked === 'flushed') ack = 'flushed';
  }
  return { batches, bytes, nextOffset: baseOffset, ack, isLone };
}
