/**
 * Walking a segment's batches from a place that is known, checking every one, until the chain ends: at the file's
 * end, in zeros, or in damage. What lies behind damage is searched for batches that prove something.
 */
import { err, ok, type Result } from 'neverthrow';
import { BATCH_HEADER_BYTES, type BatchHeader } from '../codec/batch-header.js';
import { checkBatch } from '../codec/check-batch.js';
import type { Crc32c } from '../codec/crc32c.js';
import { findTaggedBatch, markedRecoveryPoint } from '../codec/find-batch.js';
import { lastNonZero } from '../codec/zeros.js';
import type { TailScan } from '../decide/recovery.js';
import type { IoFailure } from '../model/io-failure.js';
import { GIB, KIB, MIB, type ByteCount, type Offset, type Position } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { ReadWindow } from './read-window.js';

/** @internal */
export interface ScanRequest {
  readonly handle: FileHandle;
  readonly fileBytes: ByteCount;
  readonly fromOffset: Offset;
  readonly fromPosition: Position;
  /** Offsets at or above this one are not this segment's any more. */
  readonly offsetMax: Offset;
  /** The log's tag; null where it has to be learnt from the first batch. */
  readonly tag: number | null;
  readonly crc32c: Crc32c;
  readonly onBatch: (header: BatchHeader, position: Position) => void;
  readonly onProgress?: (bytes: ByteCount) => void;
}

/** @internal */
export interface SegmentScan extends TailScan {
  readonly tag: number | null;
}

const WINDOW_BYTES = MIB;
const FIRST_READ_BYTES = 64 * KIB;

/** Scans one segment. Only reading can fail. @internal */
export async function scanSegment(request: ScanRequest): Promise<Result<SegmentScan, IoFailure>> {
  const window = new ReadWindow(true);
  const chain = await walkChain(request, window);
  if (chain.isErr()) return err(chain.error);
  const { offset, position, rule, tag, proven } = chain.value;
  const lastByte = await findLastByte(request, window, position);
  if (lastByte.isErr()) return err(lastByte.error);
  const tailBytes = lastByte.value === null ? 0 : lastByte.value + 1 - position;
  const base = { endOffset: offset, endPosition: position, proven, tag };
  if (tailBytes === 0) {
    return ok({ ...base, stop: position === request.fileBytes ? 'end-of-file' : 'zeros', rule: null, tailBytes, beyond: null });
  }
  const beyond = tag === null ? ok(null) : await searchBeyond(request, offset, position, tag);
  return beyond.map((found) => ({ ...base, stop: 'damage' as const, rule, tailBytes, beyond: found }));
}

interface Chain {
  readonly offset: Offset;
  readonly position: Position;
  readonly rule: string | null;
  readonly tag: number | null;
  readonly proven: TailScan['proven'];
}

async function walkChain(request: ScanRequest, window: ReadWindow): Promise<Result<Chain, IoFailure>> {
  const { handle, fileBytes, crc32c } = request;
  let offset = request.fromOffset;
  let position = request.fromPosition;
  let tag = request.tag;
  let proven: TailScan['proven'] = null;
  let reported = position;
  let doubted: Position | null = null;
  /** Where the batches begin whose base offset a later mark may name. */
  let unproven: { offset: Offset; position: Position }[] = [];
  for (;;) {
    if (!window.has(position, Math.min(BATCH_HEADER_BYTES, fileBytes - position))) {
      const filled = await window.fill(handle, position, BATCH_HEADER_BYTES, Math.min(WINDOW_BYTES, Math.max(BATCH_HEADER_BYTES, fileBytes - position)));
      if (filled.isErr()) return err(filled.error);
    }
    const at = position - window.start;
    let verdict = checkBatch(window.bytes, at, window.end - window.start, offset, GIB, crc32c);
    if (verdict.kind === 'incomplete' && position + verdict.needBytes <= fileBytes && !window.has(position, verdict.needBytes)) {
      const filled = await window.fill(handle, position, verdict.needBytes, Math.min(WINDOW_BYTES, fileBytes - position));
      if (filled.isErr()) return err(filled.error);
      verdict = checkBatch(window.bytes, position - window.start, window.end - window.start, offset, GIB, crc32c);
    }
    if (verdict.kind !== 'valid' && doubted !== position && position < fileBytes) {
      // A read may have shown a bit wrong: only what is found twice is damage.
      doubted = position;
      window.clear();
      continue;
    }
    if (verdict.kind !== 'valid' || verdict.header.baseOffset + verdict.header.lastOffsetDelta >= request.offsetMax) {
      const rule = verdict.kind === 'invalid' ? verdict.rule : verdict.kind === 'incomplete' ? 'cut-short' : 'base-offset';
      return ok({ offset, position, rule, tag, proven });
    }
    const { header } = verdict;
    tag ??= tagOf(header);
    unproven.push({ offset, position });
    const marked = tag === null ? null : markedRecoveryPoint(header, tag);
    if (marked !== null && marked > (proven?.offset ?? -1)) {
      const place = unproven.find((batch) => batch.offset === marked);
      if (place !== undefined) {
        proven = place;
        unproven = unproven.filter((batch) => batch.offset >= marked);
      }
    }
    request.onBatch(header, position);
    offset += header.lastOffsetDelta + 1;
    position += header.batchBytes;
    if (position - reported >= WINDOW_BYTES) {
      request.onProgress?.(position - reported);
      reported = position;
    }
  }
}

/** The tag in the first batch of a segment; null where that is not whole, or not tagged. @internal */
export async function readFirstTag({ handle, fileBytes, fromOffset, crc32c }: Pick<ScanRequest, 'handle' | 'fileBytes' | 'fromOffset' | 'crc32c'>): Promise<Result<number | null, IoFailure>> {
  const window = new ReadWindow(true);
  for (let need = Math.min(fileBytes, FIRST_READ_BYTES); ; ) {
    const filled = await window.fill(handle, 0, need, need);
    if (filled.isErr()) return err(filled.error);
    const verdict = checkBatch(window.bytes, 0, window.end, fromOffset, GIB, crc32c);
    if (verdict.kind === 'valid') return ok(tagOf(verdict.header));
    if (verdict.kind === 'invalid' || verdict.needBytes > fileBytes || verdict.needBytes <= need) return ok(null);
    need = verdict.needBytes;
  }
}

function tagOf({ producerId, producerEpoch }: BatchHeader): number | null {
  return producerId === -1 && producerEpoch > 0 ? producerEpoch : null;
}

/** Position of the last byte at or behind `from` that is not zero; null where all are. */
async function findLastByte(request: ScanRequest, window: ReadWindow, from: Position): Promise<Result<Position | null, IoFailure>> {
  let last: Position | null = null;
  for (let at = from; at < request.fileBytes; ) {
    const filled = await window.fill(request.handle, at, 1, Math.min(WINDOW_BYTES, request.fileBytes - at));
    if (filled.isErr()) return err(filled.error);
    const length = window.end - window.start;
    if (length === 0) break;
    const found = lastNonZero(window.bytes, 0, length);
    if (found >= 0) last = at + found;
    at += length;
  }
  return ok(last);
}

/** Every tagged batch behind the damage, and what they prove together. */
async function searchBeyond(request: ScanRequest, offset: Offset, position: Position, tag: number): Promise<Result<TailScan['beyond'], IoFailure>> {
  let found = null as TailScan['beyond'];
  let from = position + 1;
  let min = offset + 1;
  for (;;) {
    const next = await findNextBatch(request, from, { min, max: request.offsetMax }, tag);
    if (next.isErr()) return err(next.error);
    if (next.value === null) return ok(found);
    const { header } = next.value;
    const endOffset = header.baseOffset + header.lastOffsetDelta + 1;
    const proven = markedRecoveryPoint(header, tag) ?? 0;
    found = { nextOffset: found?.nextOffset ?? header.baseOffset, endOffset, proven: Math.max(found?.proven ?? 0, proven) };
    from = next.value.position + header.batchBytes;
    min = endOffset;
  }
}

/** The next tagged batch at or behind `from`, wherever it lies. @internal */
export async function findNextBatch(
  request: Pick<ScanRequest, 'handle' | 'fileBytes' | 'crc32c'>,
  from: Position,
  offsets: { readonly min: Offset; readonly max: Offset },
  tag: number,
): Promise<Result<{ readonly position: Position; readonly header: BatchHeader } | null, IoFailure>> {
  const { handle, fileBytes, crc32c } = request;
  // Half of every window overlaps the next one, so that a batch of up to that size is seen whole.
  const size = Math.min(SEARCH_BYTES, Math.max(1, fileBytes - from));
  const window = new ReadWindow(true);
  for (let at = from; at < fileBytes; at += Math.ceil(size / 2)) {
    const filled = await window.fill(handle, at, 1, Math.min(size, fileBytes - at));
    if (filled.isErr()) return err(filled.error);
    const length = window.end - window.start;
    const batch = findTaggedBatch(window.bytes, 0, length, offsets, tag, crc32c);
    if (batch !== null) return ok({ position: at + batch.at, header: batch.header });
    if (at + length >= fileBytes) break;
  }
  return ok(null);
}

const SEARCH_BYTES = 8 * MIB;
