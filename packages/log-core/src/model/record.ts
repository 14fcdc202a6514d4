/** What users put into a log and get back: records, and the rule for turning input into bytes-or-null. */
import type { Offset, Timestamp } from './units.js';

/** Bytes as given by a user: a string is taken as UTF-8. @public */
export type BytesInput = Uint8Array | string;

/** A header to append: any name, and a value of bytes, text or null. Names may repeat and keep their order. @public */
export type HeaderInput = readonly [name: string, value: BytesInput | null];

/**
 * A record to append, or a bare value. A missing `key` or `value` is null; an empty one stays empty;
 * `value: null` is a tombstone. `timestamp` is an integer 0 … 2^53 − 1 (milliseconds since the epoch), by
 * default the clock at admission. Bytes are taken inside the call: later mutation is harmless. @public
 */
export type RecordInput =
  | BytesInput
  | {
      readonly key?: BytesInput | null;
      readonly value?: BytesInput | null;
      readonly headers?: readonly HeaderInput[];
      readonly timestamp?: Timestamp;
    };

/** A header as read. The value is a view that stays valid as long as it is held. @public */
export type Header = readonly [name: string, value: Uint8Array | null];

/** A record as read; key and value are views that stay valid as long as they are held. @public */
export interface LogRecord {
  readonly offset: Offset;
  readonly timestamp: Timestamp;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}
