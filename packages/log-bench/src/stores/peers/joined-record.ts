/** Stores with keys of their own get a record's key and value as one piece of bytes, and give it back in two. */
import type { BenchRecord } from '../../measure/record-ring.js';
import { RECORD_100 } from '../../model/workload.js';

/** Every record of the benchmark has a key of so many bytes. */
const KEY_BYTES = RECORD_100.keyBytes;

/** Key and value, one behind the other, copied. */
export function joinRecord({ key, value }: BenchRecord): Buffer {
  const joined = Buffer.allocUnsafe(key.length + value.length);
  joined.set(key, 0);
  joined.set(value, key.length);
  return joined;
}

/** The sum of the last bytes of both parts, without cutting them apart. */
export function touchJoined(joined: Uint8Array): number {
  return (joined[KEY_BYTES - 1] ?? 0) + (joined[joined.length - 1] ?? 0);
}

/** Gives both parts to `visit`, as views. */
export function splitRecord(joined: Uint8Array, visit: (key: Uint8Array, value: Uint8Array) => void): void {
  visit(joined.subarray(0, KEY_BYTES), joined.subarray(KEY_BYTES));
}
