import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bytesLength, isBytes, isDetached } from './platform-bytes.js';

const foreign = runInContext('new Uint8Array([1, 2, 3])', createContext({})) as Uint8Array;

const detached = (): Uint8Array => {
  const bytes = new Uint8Array(4);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
};

describe('isBytes', () => {
  it('is true for Uint8Array, Buffer, and those of another realm', () => {
    for (const bytes of [new Uint8Array(0), Buffer.from('x'), foreign, new Uint8Array(new SharedArrayBuffer(1))]) {
      expect(isBytes(bytes)).toBe(true);
    }
  });

  it('is false for everything else, whatever it pretends to be', () => {
    const pretender = Object.create(Uint8Array.prototype) as unknown;
    const tagged = { [Symbol.toStringTag]: 'Uint8Array', length: 1 };
    const others = [null, undefined, 1, 'x', [], {}, new Uint16Array(1), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1), tagged, pretender];
    for (const other of others) expect(isBytes(other)).toBe(false);
    expect(isBytes(new Proxy(new Uint8Array(1), {}))).toBe(false);
  });
});

describe('bytesLength', () => {
  it('is not told by an own property', () => {
    const liar = Object.defineProperty(new Uint8Array(3), 'length', { value: 99 });
    expect(bytesLength(liar)).toBe(3);
    expect(bytesLength(foreign)).toBe(3);
    expect(bytesLength(detached())).toBe(0);
  });
});

describe('isDetached', () => {
  it('tells a detached buffer from an empty one', () => {
    expect(isDetached(detached())).toBe(true);
    expect(isDetached(new Uint8Array(0))).toBe(false);
    expect(isDetached(Buffer.alloc(0))).toBe(false);
    expect(isDetached(runInContext('new Uint8Array(0)', createContext({})) as Uint8Array)).toBe(false);
  });

  it('sees a view that its resized buffer no longer reaches', () => {
    const buffer = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 8 }]) as ArrayBuffer & { resize(bytes: number): void };
    const view = new Uint8Array(buffer, 4, 4);
    buffer.resize(2);
    expect([view.length, isDetached(view)]).toEqual([0, true]);
  });
});
