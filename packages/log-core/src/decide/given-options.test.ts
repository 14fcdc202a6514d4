import { describe, expect, it } from 'vitest';
import { isSignal, missingMethod, plainOptions } from './given-options.js';

const throwing = (): never => {
  throw new Error('a getter');
};

describe('plainOptions', () => {
  it('reads each option once, and has no getters', () => {
    let reads = 0;
    const plain = plainOptions({
      get ack() {
        reads += 1;
        return reads;
      },
    });
    expect([plain.ack, plain.ack, reads]).toEqual([1, 1, 1]);
  });

  it('has inherited options as its own, so that they are checked as well', () => {
    const plain = plainOptions(Object.create({ ack: 'all' }) as object);
    expect(Object.entries(plain)).toEqual([['ack', 'all']]);
    expect(Object.keys(plainOptions(JSON.parse('{"__proto__":1}') as object))).toEqual(['__proto__']);
  });

  it.each([undefined, null, 1, 'x', [1], () => 1].map((value) => [value]))('%o comes back as it is', (value) => {
    expect(plainOptions(value)).toBe(value);
  });

  it('what cannot be read is no object', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const given of [proxy, { get ack() { return throwing(); } }, new Proxy({}, { ownKeys: throwing })]) expect(typeof plainOptions(given)).toBe('symbol');
  });
});

describe('isSignal', () => {
  it('knows a signal, of another realm as well', () => {
    expect(isSignal(new AbortController().signal)).toBe(true);
    expect(isSignal({ aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined })).toBe(true);
  });

  it.each([null, {}, { aborted: 0, addEventListener: () => 1, removeEventListener: () => 1 }, { aborted: false, addEventListener: 1, removeEventListener: () => 1 }, { get aborted() { return throwing(); } }])('%# is none', (value) => {
    expect(isSignal(value)).toBe(false);
  });
});

describe('missingMethod', () => {
  it('names the first that is no function or cannot be read', () => {
    expect(missingMethod({ a: () => 1, b: () => 1 }, ['a', 'b'])).toBeNull();
    expect(missingMethod({ a: () => 1, b: 1 }, ['a', 'b'])).toBe('b');
    expect(missingMethod({ get a() { return throwing(); } }, ['a'])).toBe('a');
  });
});
