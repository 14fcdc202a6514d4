import { describe, expect, it } from 'vitest';
import { RecordRing, RingCheck } from './record-ring.js';

const size = { keyBytes: 16, valueBytes: 84 };

describe('RecordRing', () => {
  it('gives records of the size asked for, the same in every process', () => {
    const record = new RecordRing(size, 1).next();
    expect([record.key.length, record.value.length]).toEqual([16, 84]);
    expect(new RecordRing(size, 1).next()).toEqual(record);
  });

  it('goes round batch by batch', () => {
    const ring = new RecordRing(size, 1000);
    const rounds = ring.records.length / 1000;
    const first = ring.nextBatch();
    for (let i = 1; i < rounds; i += 1) ring.nextBatch();
    expect(ring.nextBatch()).toBe(first);
    expect(ring.taken).toBe((rounds + 1) * 1000);
  });

  it('holds few records where they are large', () => {
    expect(new RecordRing({ keyBytes: 16, valueBytes: 999_984 }, 1).records.length).toBe(2);
  });
});

describe('RingCheck', () => {
  const readBack = (count: number): { readonly ring: RecordRing; readonly check: RingCheck } => {
    const ring = new RecordRing(size, 1);
    const check = new RingCheck(ring);
    for (let i = 0; i < count; i += 1) {
      const { key, value } = ring.next();
      check.see(key, value);
    }
    return { ring, check };
  };

  it('accepts what was appended, more than once round', () => {
    const { ring, check } = readBack(2500);
    expect(check.finish(ring.taken)).toBe(2500);
  });

  it('refuses a lost record', () => {
    const { ring, check } = readBack(10);
    ring.next();
    expect(() => check.finish(ring.taken)).toThrow('11 records were appended, 10 came back');
  });

  it('refuses a record that came twice in place of another', () => {
    const { ring, check } = readBack(10);
    const { key, value } = ring.records[3]!;
    check.see(key, value);
    expect(() => check.finish(11)).toThrow('ring record 3');
  });

  it('refuses a changed byte, and a record that is none', () => {
    const { ring, check } = readBack(0);
    const { key, value } = ring.records[5]!;
    const changed = value.slice();
    changed[80]! ^= 1;
    expect(() => check.see(key, changed)).toThrow('none that was appended');
    expect(() => check.see(null, value)).toThrow('none that was appended');
    expect(() => check.see(new Uint8Array(16).fill(255), value)).toThrow('none that was appended');
  });
});
