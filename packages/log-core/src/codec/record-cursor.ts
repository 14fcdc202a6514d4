/**
 * Steps from record to record inside a batch and says where the fields of each lie, without making
 * anything of them: checking, decoding and taking records out again are the same walk.
 *
 *      length   attributes  timestamp   offset    key       key   value     value   headers   headers: name length varint, name,
 *      varint   i8          delta       delta     length    …     length    …       count              value length varint, value
 *                           varlong     varint    varint          varint            varint
 *      A length of −1 means null: for a key, a value, a header's value; a header's name has none.
 *
 * INVARIANT: never throws, and never looks beyond the batch, whatever the bytes are.
 */
import type { ByteCount, Position } from '../model/units.js';
import type { BatchHeader } from './batch-header.js';
import { BATCH_HEADER_BYTES } from './batch-header.js';
import { VarintCursor } from './varint.js';

/** A walk over the records of one uncompressed batch; the fields tell of the record last stepped to. @internal */
export class RecordCursor {
  timestampDelta = 0;
  offsetDelta = 0;
  /** Where everything after the deltas begins: key, value and headers, which no other record bears on. */
  tailAt: Position = 0;
  keyAt: Position = 0;
  /** −1: null. */
  keyBytes: ByteCount = -1;
  valueAt: Position = 0;
  /** −1: null. */
  valueBytes: ByteCount = -1;
  /** Where the headers lie, behind their count. */
  headersAt: Position = 0;
  headersCount = 0;
  /** Where the record ends, and the next begins. */
  recordEnd: Position;

  private readonly fields: VarintCursor;
  private readonly batchEnd: Position;

  /** For the batch at `at`, whose header was decoded from there. */
  constructor(bytes: Uint8Array, at: Position, header: Pick<BatchHeader, 'batchBytes'>) {
    this.batchEnd = Math.min(at + header.batchBytes, bytes.length);
    this.recordEnd = at + BATCH_HEADER_BYTES;
    this.fields = new VarintCursor(bytes, this.recordEnd, this.batchEnd);
  }

  /** Are the batch's bytes used up? They must be after its last record. */
  get atEnd(): boolean {
    return this.recordEnd === this.batchEnd;
  }

  /** Steps to the next record; false where none lies whole and exact. The cursor is of no use after that. */
  next(): boolean {
    const fields = this.fields;
    fields.at = this.recordEnd;
    fields.end = this.batchEnd;
    const length = fields.varint();
    const recordEnd = fields.at + length;
    if (length < 1 || recordEnd > this.batchEnd) return false;
    // From here on nothing of the record may reach beyond what its length says.
    fields.end = recordEnd;
    this.recordEnd = recordEnd;

    fields.skip(1);
    this.timestampDelta = fields.varlong();
    this.offsetDelta = fields.varint();
    this.tailAt = fields.at;
    this.keyBytes = fields.varint();
    this.keyAt = fields.at;
    fields.skip(this.keyBytes);
    this.valueBytes = fields.varint();
    this.valueAt = fields.at;
    fields.skip(this.valueBytes);
    this.headersCount = fields.varint();
    this.headersAt = fields.at;
    if (this.headersCount !== 0) this.skipHeaders();
    return !fields.failed && fields.at === recordEnd && this.keyBytes >= -1 && this.valueBytes >= -1;
  }

  private skipHeaders(): void {
    const fields = this.fields;
    if (this.headersCount < 0) fields.failed = true;
    for (let index = 0; index < this.headersCount && !fields.failed; index++) {
      const nameBytes = fields.varint();
      fields.skip(nameBytes);
      const valueBytes = fields.varint();
      fields.skip(valueBytes);
      if (nameBytes < 0 || valueBytes < -1) fields.failed = true;
    }
  }
}
