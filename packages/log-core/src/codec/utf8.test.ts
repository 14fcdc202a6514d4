import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUtf8, utf8Bytes, writeUtf8 } from './utf8.js';

const encoder = new TextEncoder();

const encode = (text: string): Uint8Array => {
  const bytes = utf8Bytes(text);
  const into = new Uint8Array(bytes + 2);
  expect(writeUtf8(text, into, 1, bytes)).toBe(bytes + 1);
  expect([into[0], into[bytes + 1]]).toEqual([0, 0]);
  return into.subarray(1, bytes + 1);
};

/** Text with lone surrogates, on both sides of where the platform's encoder takes over. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.nat(0xffff), { maxLength: 120 }).map((units) => String.fromCharCode(...units)));

describe('utf8', () => {
  it('always gives the bytes of TextEncoder, U+FFFD for a lone surrogate', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(encode(value)).toEqual(encoder.encode(value));
      }),
    );
  });

  it('always reads what TextDecoder reads, a leading U+FEFF kept', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), text.map((value) => encoder.encode(value))), (bytes) => {
        expect(readUtf8(bytes, 0, bytes.length)).toBe(decoder.decode(bytes));
      }),
    );
    const marked = encoder.encode('\ufeffa');
    expect(readUtf8(marked, 0, marked.length)).toBe('\ufeffa');
  });

  it('measures text of any length, also with a pair of surrogates at every place where it is cut', () => {
    for (const before of [0, 1, 4094, 4095, 4096, 4097, 8190, 8191, 8192]) {
      const value = `${'x'.repeat(before)}😀\ud800${'é'.repeat(60)}\udc00`;
      expect(utf8Bytes(value), String(before)).toBe(encoder.encode(value).length);
      expect(encode(value)).toEqual(encoder.encode(value));
    }
    const pairs = '😀'.repeat(5000);
    expect([utf8Bytes(pairs), utf8Bytes(`x${pairs}`)]).toEqual([20_000, 20_001]);
    expect(utf8Bytes('\ud800'.repeat(5000))).toBe(15_000);
  });
});

describe('at every bound of a code unit', () => {
  const units = [0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff];
  const pairs = units.flatMap((first) => units.map((second) => String.fromCharCode(first, second)));

  it.each(pairs.map((pair) => [[...encoder.encode(pair)].join(' '), pair]))('two units that make %s', (_, pair) => {
    expect(encode(pair)).toEqual(encoder.encode(pair));
  });

  it('a pair at the end of a piece is not cut in two', () => {
    const value = `${'x'.repeat(4095)}😀${'x'.repeat(60)}`;
    expect(encode(value)).toEqual(encoder.encode(value));
  });

  it('a byte that begins nothing is U+FFFD', () => {
    expect(readUtf8(Uint8Array.of(0x41, 0x80, 0x41), 0, 3)).toBe('A\ufffdA');
    expect(readUtf8(Uint8Array.of(0x80), 0, 1)).toBe('\ufffd');
  });
});
