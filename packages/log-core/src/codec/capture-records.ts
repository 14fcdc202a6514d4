/**
 * A user's records, checked and measured: every property is read once, here, and nothing of the user's runs
 * after it. So a getter can neither change its mind between measuring and writing nor come in between.
 *
 * INVARIANT: what is captured can be encoded, unless its bytes are taken away later (`encode-record.ts` notices).
 * Throws only where a getter or a proxy of the user's does: the one caller, `BatchBuilder`, catches.
 */
import type { ByteCount, Timestamp } from '../model/units.js';
import { bytesLength, isBytes, isDetached } from './platform-bytes.js';
import { utf8Bytes } from './utf8.js';
import { varintBytes } from './varint.js';

/** Bytes, or text that becomes UTF-8, or null. @internal */
export type CapturedField = Uint8Array | string | null;

/** A header, measured. @internal */
export interface CapturedHeader {
  readonly name: string;
  readonly nameBytes: ByteCount;
  readonly value: CapturedField;
  /** −1 where the value is null. */
  readonly valueBytes: number;
}

/** A record, measured; `keyBytes` and `valueBytes` are −1 where the field is null. @internal */
export interface CapturedRecord {
  readonly timestamp: Timestamp;
  readonly key: CapturedField;
  readonly keyBytes: number;
  readonly value: CapturedField;
  readonly valueBytes: number;
  readonly headers: readonly CapturedHeader[];
  /** What key, value and headers take in the record, their lengths and the headers' count included. */
  readonly fieldsBytes: ByteCount;
}

const NULL = -1;
const WRONG_TYPE = -2;
const DETACHED = -3;

const NO_HEADERS: readonly CapturedHeader[] = [];

/**
 * Captures the records of one append, never none of them; answers what is wrong as text. `now` is the timestamp
 * of a record that has none. @internal
 */
export function captureRecords(input: unknown, now: Timestamp): readonly CapturedRecord[] | string {
  if (!Array.isArray(input)) {
    const record = captureRecord(input, now);
    return typeof record === 'string' ? record : [record];
  }
  const count = input.length;
  if (count === 0) return 'an empty array has no record to append';
  const captured: CapturedRecord[] = [];
  for (let index = 0; index < count; index++) {
    const record = captureRecord((input as unknown[])[index], now);
    if (typeof record === 'string') return `[${index}]: ${record}`;
    captured.push(record);
  }
  return captured;
}

function captureRecord(input: unknown, now: Timestamp): CapturedRecord | string {
  if (typeof input === 'string' || isBytes(input)) return captureFields(null, input, undefined, now);
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return `a record must be an object, a Uint8Array or a string, not ${nameOfType(input)}`;
  }
  const complaint = complainOfProperties(input);
  if (complaint !== null) return complaint;
  const { key, value, headers, timestamp = now } = input as Readonly<Record<string, unknown>>;
  return captureFields(key, value, headers, timestamp);
}

/** A name that is no property of a record is a mistake worth telling: what it holds would be lost. */
function complainOfProperties(input: object): string | null {
  for (const name in input) {
    if (!isRecordProperty(name) && Object.hasOwn(input, name)) return `a record to append has no property ${JSON.stringify(name)}`;
  }
  const known = 'value' in input || 'key' in input || 'headers' in input || 'timestamp' in input;
  return known || isPlain(input) ? null : 'a record must be an object with key, value, headers or timestamp';
}

function isRecordProperty(name: string): boolean {
  return name === 'value' || name === 'key' || name === 'headers' || name === 'timestamp';
}

/** `{}` is a record without key and value; a Date, a Map or a Promise is a mistake. */
function isPlain(input: object): boolean {
  const prototype = Reflect.getPrototypeOf(input);
  return prototype === null || Reflect.getPrototypeOf(prototype) === null;
}

function captureFields(key: unknown, value: unknown, headers: unknown, timestamp: unknown): CapturedRecord | string {
  const keyBytes = measure(key);
  if (keyBytes < NULL) return complainOfField('key', keyBytes, key);
  const valueBytes = measure(value);
  if (valueBytes < NULL) return complainOfField('value', valueBytes, value);
  const capturedHeaders = headers === undefined ? NO_HEADERS : captureHeaders(headers);
  if (typeof capturedHeaders === 'string') return capturedHeaders;
  if (!isTimestamp(timestamp)) return 'timestamp must be an integer 0 … 2^53 − 1';
  return {
    // −0 becomes 0.
    timestamp: timestamp + 0,
    key: keyBytes === NULL ? null : (key as CapturedField),
    keyBytes,
    value: valueBytes === NULL ? null : (value as CapturedField),
    valueBytes,
    headers: capturedHeaders,
    fieldsBytes: fieldBytes(keyBytes) + fieldBytes(valueBytes) + headersBytes(capturedHeaders),
  };
}

function isTimestamp(value: unknown): value is Timestamp {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function captureHeaders(headers: unknown): readonly CapturedHeader[] | string {
  if (!Array.isArray(headers)) return `headers must be an array, not ${nameOfType(headers)}`;
  const count = headers.length;
  const captured: CapturedHeader[] = [];
  for (let index = 0; index < count; index++) {
    const header = (headers as unknown[])[index];
    if (!Array.isArray(header) || header.length !== 2) return `headers[${index}] must be [name, value]`;
    const name = (header as readonly unknown[])[0];
    const value = (header as readonly unknown[])[1];
    if (typeof name !== 'string') return `the name of headers[${index}] must be a string, not ${nameOfType(name)}`;
    const valueBytes = value === undefined ? WRONG_TYPE : measure(value);
    if (valueBytes < NULL) return complainOfField(`the value of headers[${index}]`, valueBytes, value);
    captured.push({ name, nameBytes: utf8Bytes(name), value: valueBytes === NULL ? null : (value as CapturedField), valueBytes });
  }
  return captured;
}

/** The length of a field in bytes, `NULL`, or below that why it cannot be one. */
function measure(field: unknown): number {
  if (field === null || field === undefined) return NULL;
  if (typeof field === 'string') return utf8Bytes(field);
  if (!isBytes(field)) return WRONG_TYPE;
  const bytes = bytesLength(field);
  return bytes === 0 && isDetached(field) ? DETACHED : bytes;
}

/** What a field takes with its length in front. */
function fieldBytes(bytes: number): ByteCount {
  return varintBytes(bytes) + Math.max(bytes, 0);
}

function headersBytes(headers: readonly CapturedHeader[]): ByteCount {
  let bytes = varintBytes(headers.length);
  for (const header of headers) bytes += fieldBytes(header.nameBytes) + fieldBytes(header.valueBytes);
  return bytes;
}

function complainOfField(where: string, code: number, field: unknown): string {
  return code === DETACHED
    ? `${where} is a view of a detached buffer`
    : `${where} must be a Uint8Array, a string or null, not ${nameOfType(field)}`;
}

/** Names a type without running anything of the value's. */
function nameOfType(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
