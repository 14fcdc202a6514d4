/**
 * A user's record, checked and measured: every property is read once, and all of them before anything is measured,
 * so that nothing of the user's runs between measuring a record and writing it.
 *
 * INVARIANT: what is captured can be encoded as long as no code of the user's runs.
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

const NULL = -1;
const WRONG_TYPE = -2;
const DETACHED = -3;

const NO_HEADERS: readonly CapturedHeader[] = [];

/**
 * One record at a time, taken over by `take`, measured; the object is used again for the next one, so that a record
 * costs no garbage. `keyBytes` and `valueBytes` are −1 where the field is null. @internal
 */
export class CapturedRecord {
  timestamp: Timestamp = 0;
  key: CapturedField = null;
  keyBytes = NULL;
  value: CapturedField = null;
  valueBytes = NULL;
  headers: readonly CapturedHeader[] = NO_HEADERS;
  /** What key, value and headers take in the record, their lengths and the headers' count included. */
  fieldsBytes: ByteCount = 0;

  /** Takes a record; null, or what is wrong with it. `now` is the timestamp of a record that has none. */
  take(input: unknown, now: Timestamp): string | null {
    if (typeof input === 'string' || (ArrayBuffer.isView(input) && isBytes(input))) return this.takeFields(null, input, undefined, now);
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return complainOfInput(input);
    const complaint = complainOfProperties(input);
    if (complaint !== null) return complaint;
    const { key, value, headers, timestamp = now } = input as Readonly<Record<string, unknown>>;
    return this.takeFields(key, value, headers, timestamp);
  }

  /** Lets go of everything that is the user's. */
  clear(): void {
    this.key = null;
    this.value = null;
    this.headers = NO_HEADERS;
  }

  private takeFields(key: unknown, value: unknown, headers: unknown, timestamp: unknown): string | null {
    // Reading headers is the last that may run code of the user's.
    const pairs = headers === undefined ? NO_PAIRS : readHeaders(headers);
    if (typeof pairs === 'string') return pairs;
    const keyBytes = measure(key);
    if (keyBytes < NULL) return complainOfField('key', keyBytes, key);
    const valueBytes = measure(value);
    if (valueBytes < NULL) return complainOfField('value', valueBytes, value);
    const captured = pairs.length === 0 ? NO_HEADERS : captureHeaders(pairs);
    if (typeof captured === 'string') return captured;
    if (!isTimestamp(timestamp)) return 'timestamp must be an integer 0 … 2^53 − 1';
    // −0 becomes 0.
    this.timestamp = timestamp + 0;
    this.key = keyBytes === NULL ? null : (key as CapturedField);
    this.keyBytes = keyBytes;
    this.value = valueBytes === NULL ? null : (value as CapturedField);
    this.valueBytes = valueBytes;
    this.headers = captured;
    this.fieldsBytes = fieldBytes(keyBytes) + fieldBytes(valueBytes) + (captured.length === 0 ? 1 : headersBytes(captured));
    return null;
  }
}

function complainOfInput(input: unknown): string {
  return `a record must be an object, a Uint8Array or a string, not ${nameOfType(input)}`;
}

/** A name that is no property of a record is a mistake worth telling: what it holds would be lost. */
function complainOfProperties(input: object): string | null {
  let isRecord = false;
  for (const name in input) {
    if (isRecordProperty(name)) isRecord = true;
    else if (Object.hasOwn(input, name)) return `a record to append has no property ${JSON.stringify(name)}`;
  }
  return isRecord || isRecordAllTheSame(input) ? null : 'a record must be an object with key, value, headers or timestamp';
}

/** Its properties may not be enumerable, or there are none. */
function isRecordAllTheSame(input: object): boolean {
  return 'value' in input || 'key' in input || 'headers' in input || 'timestamp' in input || isPlain(input);
}

function isRecordProperty(name: string): boolean {
  return name === 'value' || name === 'key' || name === 'headers' || name === 'timestamp';
}

/** `{}` is a record without key and value; a Date, a Map or a Promise is a mistake. */
function isPlain(input: object): boolean {
  const prototype = Reflect.getPrototypeOf(input);
  return prototype === null || Reflect.getPrototypeOf(prototype) === null;
}

function isTimestamp(value: unknown): value is Timestamp {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

interface HeaderPair {
  readonly name: unknown;
  readonly value: unknown;
}

const NO_PAIRS: readonly HeaderPair[] = [];

/** Reads what the headers are, measuring nothing. */
function readHeaders(headers: unknown): readonly HeaderPair[] | string {
  if (!Array.isArray(headers)) return `headers must be an array, not ${nameOfType(headers)}`;
  const count = headers.length;
  const pairs: HeaderPair[] = [];
  for (let index = 0; index < count; index++) {
    const header = (headers as unknown[])[index];
    if (!Array.isArray(header) || header.length !== 2) return `headers[${index}] must be [name, value]`;
    pairs.push({ name: (header as readonly unknown[])[0], value: (header as readonly unknown[])[1] });
  }
  return pairs;
}

function captureHeaders(pairs: readonly HeaderPair[]): readonly CapturedHeader[] | string {
  const captured: CapturedHeader[] = [];
  for (const [index, { name, value }] of pairs.entries()) {
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
