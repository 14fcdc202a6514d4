/** Puts checksums right again after bytes were changed: else nothing behind a checksum would ever be reached. */
import { BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES, batchBytesAt, CHECKSUM_FROM, writeBatchCrc } from '../../src/codec/batch-header.js';
import { CHECKPOINT_SLOT_SPACING } from '../../src/codec/checkpoint.js';
import { crc32cTable } from '../../src/codec/crc32c.js';
import { POSITION_SLOT_BYTES } from '../../src/codec/position-slot.js';
import { sealWithCrc } from '../../src/codec/sealed-block.js';
import { SEGMENT_TABLE_ENTRY_BYTES } from '../../src/codec/segment-table.js';
import { WATERMARK_BYTES } from '../../src/codec/watermark.js';
import { SIDE_FILES } from '../../src/decide/file-names.js';

const CHECKPOINT_SLOT_BYTES = 128;

/** Of as many bytes as the batch says, as far as they are there; answers where it ends. */
export function resealBatch(bytes: Uint8Array, at = 0): number {
  const end = at + (at + BATCH_PREFIX_BYTES > bytes.length ? 0 : batchBytesAt(bytes, at));
  if (at + BATCH_HEADER_BYTES > bytes.length) return end;
  writeBatchCrc(bytes, at, crc32cTable(bytes.subarray(at + CHECKSUM_FROM, Math.max(at + CHECKSUM_FROM, end))));
  return end;
}

/** How the checksums of a file of this name are put right; nothing to do for one that has none. */
export function resealFile(name: string): (bytes: Uint8Array) => void {
  if (name.endsWith('.log')) return resealSegment;
  if (name.endsWith(SIDE_FILES.checkpoint)) return resealBlocks(CHECKPOINT_SLOT_BYTES, CHECKPOINT_SLOT_SPACING);
  if (name.endsWith(SIDE_FILES.watermark)) return resealBlocks(WATERMARK_BYTES);
  if (name.endsWith(SIDE_FILES.positions)) return resealBlocks(POSITION_SLOT_BYTES);
  if (name.endsWith(SIDE_FILES.segmentTable)) return resealBlocks(SEGMENT_TABLE_ENTRY_BYTES);
  return () => undefined;
}

function resealSegment(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const end = resealBatch(bytes, at);
    if (end <= at) return;
    at = end;
  }
}

/** Blocks of one size, each so far behind the one before. */
function resealBlocks(blockBytes: number, spacing = blockBytes): (bytes: Uint8Array) => void {
  return (bytes) => {
    for (let at = 0; at + blockBytes <= bytes.length; at += spacing) sealWithCrc(bytes.subarray(at, at + blockBytes), crc32cTable);
  };
}
