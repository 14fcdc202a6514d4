import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KIB, MIB } from '../model/units.js';
import { chooseRegionMode, shouldFlushBeside, zerosAheadBytes } from './region-mode.js';

describe('chooseRegionMode', () => {
  it.each([
    ['written', 'nothing', 'inside', 'write'],
    ['written', 'nothing', 'beyond', 'write'],
    ['written', 'something', 'inside', 'write'],
    ['written', 'something', 'beyond', 'write'],
    ['flushed', 'nothing', 'inside', 'dsync'],
    ['flushed', 'nothing', 'beyond', 'write-then-sync'],
    ['flushed', 'something', 'inside', 'write-then-sync'],
    ['flushed', 'something', 'beyond', 'write-then-sync'],
  ] as const)('ack %s, %s waits for a sync, the region ends %s the blocks: %s', (ack, unsynced, where, mode) => {
    const facts = { ack, recoveryPoint: unsynced === 'nothing' ? 50 : 49, highWatermark: 50, blocksEnd: 4096, regionBytes: 1000, isLone: false, spaceIsAmple: true };
    const ends = where === 'inside' ? [1, 4095, 4096] : [4097, 8192];
    for (const regionEnd of ends) expect(chooseRegionMode({ ...facts, regionEnd })).toBe(mode);
  });

  it('a segment without blocks ahead never takes one call', () => {
    expect(chooseRegionMode({ ack: 'flushed', recoveryPoint: 0, highWatermark: 0, regionBytes: 1, isLone: false, regionEnd: 1, blocksEnd: 0, spaceIsAmple: false })).toBe('write-then-sync');
  });
});

describe('chooseRegionMode with a large region beyond the blocks', () => {
  const large = { ack: 'flushed', recoveryPoint: 50, highWatermark: 50, regionBytes: 64 * KIB + 1, isLone: false, regionEnd: MIB, blocksEnd: 4096, spaceIsAmple: true } as const;

  it('takes one call where there is plenty of room, and only then', () => {
    expect(chooseRegionMode(large)).toBe('dsync');
    expect(chooseRegionMode({ ...large, spaceIsAmple: false })).toBe('write-then-sync');
    expect(chooseRegionMode({ ...large, regionBytes: 64 * KIB })).toBe('write-then-sync');
    expect(chooseRegionMode({ ...large, recoveryPoint: 49 })).toBe('write-then-sync');
    expect(chooseRegionMode({ ...large, ack: 'written' })).toBe('write');
  });

  it('is not large up to 128 KiB where nobody waits behind it', () => {
    expect(chooseRegionMode({ ...large, isLone: true })).toBe('write-then-sync');
    expect(chooseRegionMode({ ...large, isLone: true, regionBytes: 128 * KIB })).toBe('write-then-sync');
    expect(chooseRegionMode({ ...large, isLone: true, regionBytes: 128 * KIB + 1 })).toBe('dsync');
  });
});

describe('shouldFlushBeside', () => {
  it('is asked for past half of what may be unflushed', () => {
    expect([0, 50, 51, 100, 200].map((bytes) => shouldFlushBeside(bytes, 100))).toEqual([false, false, true, true, true]);
    expect(shouldFlushBeside(1e9, Infinity)).toBe(false);
  });
});

describe('zerosAheadBytes', () => {
  const facts = { mode: 'write-then-sync', regionBytes: 1000, isLone: false, regionEnd: 5000, blocksEnd: 4096, segmentBytes: 128 * MIB, spaceIsShort: false } as const;

  it.each([
    ['a small region that leaves the blocks gets a mebibyte', {}, MIB],
    ['one of 64 KiB still does', { regionBytes: 64 * KIB }, MIB],
    ['a larger one gets none', { regionBytes: 64 * KIB + 1 }, 0],
    ['one of 128 KiB does behind which nobody waits', { isLone: true, regionBytes: 128 * KIB }, MIB],
    ['a larger one gets none', { isLone: true, regionBytes: 128 * KIB + 1 }, 0],
    ['none when space is short', { spaceIsShort: true }, 0],
    ['none within the blocks', { mode: 'dsync' as const, blocksEnd: 5000 }, 0],
    ['none for what is only written', { mode: 'write' as const }, 0],
    ['what is left of the segment near its end', { regionEnd: 128 * MIB - 10 }, 10],
    ['none at the segment’s end', { regionEnd: 128 * MIB }, 0],
    ['none beyond the segment’s end', { regionEnd: 128 * MIB + 1 }, 0],
  ])('%s', (_, change, bytes) => {
    expect(zerosAheadBytes({ ...facts, ...change })).toBe(bytes);
  });

  const large = { ...facts, mode: 'dsync', regionBytes: 300 * KIB, isLone: true, regionEnd: MIB } as const;

  it.each([
    ['a large and lone region that allocates gets as many as itself', {}, 300 * KIB],
    ['short space does not matter, for they are only a wish', { spaceIsShort: true }, 300 * KIB],
    ['none where others wait', { isLone: false }, 0],
    ['none where the region ends with the blocks', { blocksEnd: MIB }, 0],
    ['as many where the blocks end before it does', { blocksEnd: MIB - 1 }, 300 * KIB],
    ['as many where just one more such region fits the segment', { segmentBytes: MIB + 300 * KIB }, 300 * KIB],
    ['none where it does not', { segmentBytes: MIB + 300 * KIB - 1 }, 0],
  ])('%s', (_, change, bytes) => {
    expect(zerosAheadBytes({ ...large, ...change })).toBe(bytes);
  });

  it('never writes ahead beyond the segment', () => {
    const arbitrary = fc.record({
      mode: fc.constantFrom('write', 'write-then-sync', 'dsync'),
      regionBytes: fc.nat(256 * KIB),
      isLone: fc.boolean(),
      regionEnd: fc.nat(4 * MIB),
      blocksEnd: fc.nat(4 * MIB),
      segmentBytes: fc.integer({ min: 64 * KIB, max: 2 * MIB }),
      spaceIsShort: fc.boolean(),
    });
    fc.assert(
      fc.property(arbitrary, (given) => {
        const bytes = zerosAheadBytes(given);
        return bytes >= 0 && bytes <= MIB && (bytes === 0 || given.regionEnd + bytes <= given.segmentBytes);
      }),
    );
  });
});
