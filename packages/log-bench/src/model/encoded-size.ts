/**
 * How many bytes the log writes for records given together, so that a raw floor can write the same. The sizes are those of
 * Kafka record batches v2 (docs/format.md, Record batch), for records without headers that came within 64 ms.
 */

const BATCH_HEADER_BYTES = 61;

/** Bytes of a zig-zag varint. */
function varintBytes(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let bytes = 1;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** The bytes of one batch of `count` records with keys and values of these sizes. */
export function encodedBatchBytes(count: number, keyBytes: number, valueBytes: number): number {
  // Attributes, timestamp delta and the count of headers take a byte each.
  const fixed = 3 + varintBytes(keyBytes) + keyBytes + varintBytes(valueBytes) + valueBytes;
  let bytes = BATCH_HEADER_BYTES;
  for (let index = 0; index < count; index += 1) {
    const body = fixed + varintBytes(index);
    bytes += varintBytes(body) + body;
  }
  return bytes;
}
