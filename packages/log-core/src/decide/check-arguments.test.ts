import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkAppendOptions, checkConsumerName, checkDirectory, checkFollowOptions, checkOffset, checkReadOptions, checkSignalOptions,
  checkVerifyOptions, CONSUMER_NAME_BYTES_MAX,
} from './check-arguments.js';

const { signal } = new AbortController();
const NO_OBJECTS: readonly unknown[] = [null, 0, 1, '', 'x', true, false, Symbol('x'), 1n, [], [1], () => 1];
const NO_OFFSETS: readonly unknown[] = [undefined, null, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 53, '0', 0n, {}, [], true];
const NO_SIGNALS: readonly unknown[] = [null, 0, 'x', true, {}, [], { aborted: false }, { addEventListener: () => undefined }, () => 1, { aborted: false, addEventListener: 1, removeEventListener: 1 }];

const CALLS = [
  { call: 'read', check: checkReadOptions, least: { from: 0 }, optional: false },
  { call: 'records', check: checkFollowOptions, least: { from: 0 }, optional: false },
  { call: 'append', check: checkAppendOptions, least: {}, optional: true },
  { call: 'waitUntilWritable', check: checkSignalOptions, least: {}, optional: true },
  { call: 'verify', check: checkVerifyOptions, least: {}, optional: true },
] as const;

describe.each(CALLS)('options of $call', ({ check, least, optional }) => {
  it('the least that must be said is enough', () => {
    expect(check(least)).toBeNull();
    expect(check({ ...least, signal })).toBeNull();
    expect(check({ ...least, signal: undefined })).toBeNull();
  });

  it(optional ? 'may be left out' : 'may not be left out', () => {
    expect(check(undefined) === null).toBe(optional);
  });

  it.each(NO_OBJECTS)('%o is no options: invalid-argument', (options) => {
    expect(check(options)).toMatchObject({ kind: 'invalid-argument', argument: 'options' });
  });

  it.each(['toString', '__proto__', 'From', 'x', ''])('the unknown name %j is invalid-argument', (name) => {
    const options = Object.defineProperty({ ...least }, name, { value: 1, enumerable: true });
    expect(check(options)).toMatchObject({ kind: 'invalid-argument', argument: name });
  });

  it.each(NO_SIGNALS)('%o is no signal', (wrong) => {
    expect(check({ ...least, signal: wrong })).toMatchObject({ kind: 'invalid-argument', argument: 'signal' });
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        const wrong = check(anything);
        return wrong === null || wrong.message.startsWith(`${wrong.argument}: `);
      }),
    );
  });
});

describe.each(CALLS.slice(0, 2))('where $call begins', ({ check }) => {
  it.each(NO_OFFSETS)('%o is no offset', (from) => {
    expect(check({ from })).toMatchObject({ kind: 'invalid-argument', argument: 'from' });
  });

  it.each(['acknowledged', 'flushed', undefined])('isolation %s is known', (isolation) => {
    expect(check({ from: 1, isolation })).toBeNull();
  });

  it.each([null, '', 'written', 1, true, {}])('isolation %o is not', (isolation) => {
    expect(check({ from: 1, isolation })).toMatchObject({ argument: 'isolation' });
  });
});

describe('checkReadOptions', () => {
  it.each([1, 1024, Number.MAX_SAFE_INTEGER, undefined])('bytesMax %s is taken', (bytesMax) => {
    expect(checkReadOptions({ from: 0, bytesMax })).toBeNull();
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53, '1', null, 1n])('bytesMax %o is invalid-argument', (bytesMax) => {
    expect(checkReadOptions({ from: 0, bytesMax })).toMatchObject({ kind: 'invalid-argument', argument: 'bytesMax' });
  });

  it('follow is no option of a read, nor bytesMax one of an iteration', () => {
    expect(checkReadOptions({ from: 0, follow: true })).toMatchObject({ argument: 'follow' });
    expect(checkFollowOptions({ from: 0, bytesMax: 1 })).toMatchObject({ argument: 'bytesMax' });
  });
});

describe('checkFollowOptions', () => {
  it.each([true, false, undefined])('follow %s is taken', (follow) => {
    expect(checkFollowOptions({ from: 0, follow })).toBeNull();
  });

  it.each([null, 0, 1, 'true', {}])('follow %o is invalid-argument', (follow) => {
    expect(checkFollowOptions({ from: 0, follow })).toMatchObject({ argument: 'follow' });
  });
});

describe('checkAppendOptions', () => {
  it.each(['flushed', 'written', undefined])('ack %s is taken', (ack) => {
    expect(checkAppendOptions({ ack })).toBeNull();
  });

  it.each([null, '', 'Flushed', 'all', 0, 1, true, {}])('ack %o is invalid-argument', (ack) => {
    expect(checkAppendOptions({ ack })).toMatchObject({ argument: 'ack' });
  });
});

describe('checkVerifyOptions', () => {
  it('onProgress is a function or nothing', () => {
    expect(checkVerifyOptions({ onProgress: () => undefined })).toBeNull();
    expect(checkVerifyOptions({ onProgress: undefined })).toBeNull();
    for (const onProgress of [null, 1, 'f', {}]) expect(checkVerifyOptions({ onProgress })).toMatchObject({ argument: 'onProgress' });
  });
});

describe('checkOffset', () => {
  it.each([0, 1, Number.MAX_SAFE_INTEGER])('%d is an offset', (offset) => {
    expect(checkOffset('offset', offset)).toBeNull();
  });

  it.each(NO_OFFSETS)('%o is not, and the argument is named', (offset) => {
    expect(checkOffset('offset', offset)).toMatchObject({ kind: 'invalid-argument', argument: 'offset' });
  });
});

describe('checkConsumerName', () => {
  const utf8 = (text: string): number => new TextEncoder().encode(text).byteLength;
  const max = CONSUMER_NAME_BYTES_MAX;

  it.each(['a', ' ', '\0', '../x', 'a/b', '\u{1f409}', 'ü'.repeat(127), 'x'.repeat(max)])('%j is a name', (name) => {
    expect(checkConsumerName(name, utf8)).toBeNull();
  });

  it.each(['', '\ud800', 'a\udfff', '\udfff\ud800', 'x'.repeat(max + 1), 'ü'.repeat(128), undefined, null, 1, {}, ['a']])('%j is none', (name) => {
    expect(checkConsumerName(name, utf8)).toMatchObject({ kind: 'invalid-argument', argument: 'name' });
  });
});

describe('checkDirectory', () => {
  it.each(['/', '.', 'logs/a', '/tmp/ü', ' '])('%j is a path', (dir) => {
    expect(checkDirectory(dir)).toBeNull();
  });

  it.each(['', '/tmp/\0', '\0', undefined, null, 1, {}, ['/'], new URL('file:///tmp')])('%j is none', (dir) => {
    expect(checkDirectory(dir)).toMatchObject({ kind: 'invalid-argument', argument: 'dir' });
  });
});

describe('what is wrong with an argument', () => {
  const bytes = (text: string): number => text.length;
  it.each([
    [checkReadOptions(1), 'options: must be an object'],
    [checkReadOptions({ from: 0, since: 1 }), 'since: is not an option of this call'],
    [checkReadOptions({ from: -1 }), 'from: must be an integer 0 … 2^53 − 1'],
    [checkReadOptions({ from: 0, bytesMax: 0 }), 'bytesMax: must be an integer above 0'],
    [checkReadOptions({ from: 0, isolation: 'none' }), "isolation: must be 'acknowledged' or 'flushed'"],
    [checkFollowOptions({ from: 0, follow: 1 }), 'follow: must be true or false'],
    [checkAppendOptions({ ack: 'all' }), "ack: must be 'flushed' or 'written'"],
    [checkSignalOptions({ signal: {} }), 'signal: must be an AbortSignal'],
    [checkVerifyOptions({ onProgress: 1 }), 'onProgress: must be a function'],
    [checkConsumerName('', bytes), 'name: must be a text that is not empty'],
    [checkConsumerName('x'.repeat(256), bytes), 'name: must take at most 255 bytes as UTF-8'],
    [checkDirectory(''), 'dir: must be a path'],
    [checkDirectory('a\0'), 'dir: must not hold a NUL character'],
  ])('is said in words: %#', (wrong, message) => {
    expect(wrong?.message).toBe(message);
  });
});
