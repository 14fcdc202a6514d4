/**
 * Text as UTF-8, straight into and out of a buffer. Short text is handled here, a byte at a time: asking
 * the platform costs more than the whole record then.
 *
 * INVARIANT: a lone surrogate is encoded as U+FFFD and a byte that is no UTF-8 is decoded to it, as
 * TextEncoder and TextDecoder do; text never fails.
 */
import { byteAt } from './big-endian.js';

/** Beyond this the platform's encoder, with its fixed cost, is the faster one. */
const SHORT_CHARS_MAX = 48;

/** Longer text is measured by encoding it, a piece at a time, to where nobody looks. */
const PIECE_CHARS_MAX = 4096;
const scratch = new Uint8Array(3 * PIECE_CHARS_MAX);

const encoder = new TextEncoder();
/** A leading U+FEFF is text like any other here, not a mark to be dropped. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function isLeadSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
function isTrailSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** How many bytes the text takes as UTF-8. @internal */
export function utf8Bytes(text: string): number {
  const chars = text.length;
  if (chars > SHORT_CHARS_MAX) return longUtf8Bytes(text);
  let count = chars;
  for (let index = 0; index < chars; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      count += 1;
    } else {
      // Three bytes for one unit; a pair of surrogates makes four bytes of two units.
      count += 2;
      if (isLeadSurrogate(unit) && isTrailSurrogate(text.charCodeAt(index + 1))) index++;
    }
  }
  return count;
}

function longUtf8Bytes(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; ) {
    let end = at + PIECE_CHARS_MAX;
    if (isLeadSurrogate(text.charCodeAt(end - 1))) end -= 1;
    count += encoder.encodeInto(text.slice(at, end), scratch).written;
    at = end;
  }
  return count;
}

/** Writes the text at `at`, where `bytes` = `utf8Bytes(text)` bytes of room are; answers the position after it. @internal */
export function writeUtf8(text: string, into: Uint8Array, at: number, bytes: number): number {
  const end = at + bytes;
  if (bytes === text.length && bytes <= SHORT_CHARS_MAX) {
    for (let index = 0; index < bytes; index++) into[at + index] = text.charCodeAt(index);
  } else {
    encoder.encodeInto(text, into.subarray(at, end));
  }
  return end;
}

/** Reads the text in [at, end). @internal */
export function readUtf8(bytes: Uint8Array, at: number, end: number): string {
  if (end - at > SHORT_CHARS_MAX) return decoder.decode(bytes.subarray(at, end));
  let text = '';
  for (let index = at; index < end; index++) {
    const byte = byteAt(bytes, index);
    if (byte >= 0x80) return decoder.decode(bytes.subarray(at, end));
    text += String.fromCharCode(byte);
  }
  return text;
}
