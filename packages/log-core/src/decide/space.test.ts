import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpaceSettings } from '../model/options.js';
import { GIB, KIB, MIB } from '../model/units.js';
import { judgeLogSpace, judgeSpace, lookEveryBytes, meanRegionBytes, nextLookMs, quotaThresholds, shouldTryReturn, shouldTrySpare, sideBytes, spaceThresholds, spareBytes } from './space.js';

const TIB = 1024 * GIB;
const BLOCK = 4 * KIB;
const unsaid: SpaceSettings = { lowBytes: null, highBytes: null, lowPercent: null, highPercent: null, reserveBytes: null, intervalMs: 1_000 };

const volume = fc.oneof(fc.integer({ min: 0, max: 64 * MIB }), fc.integer({ min: MIB, max: 10 * TIB }));
const percent = fc.double({ min: 0, max: 100, noNaN: true });
const settings = fc
  .record({ lowBytes: fc.option(volume), highBytes: fc.option(volume), lowPercent: fc.option(percent), highPercent: fc.option(percent) })
  .map((said): SpaceSettings => ({ ...unsaid, ...said }));

describe('spaceThresholds', () => {
  it.each([
    ['5 and 8 percent of a test disk', 16 * MIB, 838_860, 1_342_177],
    ['5 and 8 percent of 1 GiB', GIB, 53_687_091, 85_899_345],
    ['at most 64 and 96 MiB, on 10 TiB', 10 * TIB, 64 * MIB, 96 * MIB],
    ['still apart on a volume without a byte', 0, 0, 1],
  ])('by default %s', (_, total, lowBytes, highBytes) => {
    expect(spaceThresholds(unsaid, total)).toEqual({ lowBytes, highBytes });
  });

  it('bytes come before percent, and percent has no bound', () => {
    expect(spaceThresholds({ ...unsaid, lowBytes: 7, highBytes: 9, lowPercent: 50, highPercent: 60 }, GIB)).toEqual({ lowBytes: 7, highBytes: 9 });
    expect(spaceThresholds({ ...unsaid, lowBytes: 7, highBytes: 8 }, GIB)).toEqual({ lowBytes: 7, highBytes: 8 });
    expect(spaceThresholds({ ...unsaid, lowPercent: 10, highPercent: 20 }, 10 * TIB)).toEqual({ lowBytes: TIB, highBytes: 2 * TIB });
  });

  it('a low mark alone has its high one half as far again above, or in the middle of what is left', () => {
    expect(spaceThresholds({ ...unsaid, lowBytes: 2 * GIB }, TIB)).toEqual({ lowBytes: 2 * GIB, highBytes: 3 * GIB });
    expect(spaceThresholds({ ...unsaid, lowPercent: 80 }, 10 * GIB)).toEqual({ lowBytes: 8 * GIB, highBytes: 9 * GIB });
    // Above it by default already.
    expect(spaceThresholds({ ...unsaid, lowBytes: MIB }, TIB)).toEqual({ lowBytes: MIB, highBytes: 96 * MIB });
    expect(spaceThresholds({ ...unsaid, lowBytes: TIB }, GIB)).toEqual({ lowBytes: TIB, highBytes: TIB + 1 });
  });

  it('INVARIANT: low < high, always, in whole bytes, for every volume and every setting', () => {
    fc.assert(
      fc.property(settings, volume, (said, total) => {
        const { lowBytes, highBytes } = spaceThresholds(said, total);
        return Number.isSafeInteger(lowBytes) && Number.isSafeInteger(highBytes) && lowBytes >= 0 && lowBytes < highBytes;
      }),
    );
  });

  it('low < high for every power of two up to 10 TiB and its neighbours', () => {
    for (let total = 1; total <= 10 * TIB; total *= 2) {
      for (const each of [total - 1, total, total + 1]) {
        const { lowBytes, highBytes } = spaceThresholds(unsaid, each);
        expect(lowBytes).toBeLessThan(highBytes);
      }
    }
  });
});

describe('judgeSpace', () => {
  const thresholds = { lowBytes: 100, highBytes: 200 };

  it.each([
    [0, 'low'],
    [99, 'low'],
    [100, 'between'],
    [199, 'between'],
    [200, 'high'],
    [10 * TIB, 'high'],
  ])('%d bytes free: %s', (free, verdict) => {
    expect(judgeSpace(free, thresholds)).toBe(verdict);
  });

  it('never calls the same free space low and high', () => {
    fc.assert(
      fc.property(settings, volume, (said, total) => {
        const marks = spaceThresholds(said, total);
        expect(judgeSpace(marks.lowBytes, marks)).not.toBe('low');
        expect(judgeSpace(marks.highBytes - 1, marks)).not.toBe('high');
        expect(judgeSpace(marks.highBytes, marks)).toBe('high');
      }),
    );
  });
});

describe('quotaThresholds', () => {
  it.each([
    ['an eighth of a small quota, where a batch is more', 2 * MIB, MIB, unsaid, 256 * KIB, 512 * KIB],
    ['a batch', 16 * MIB, MIB, unsaid, MIB, 2 * MIB],
    ['as on a volume of that size where a batch is less', GIB, MIB, unsaid, 53_687_091, 107_374_182],
    ['what was said for the volume', GIB, MIB, { ...unsaid, lowBytes: 100 * MIB, highBytes: 300 * MIB }, 100 * MIB, 300 * MIB],
    ['at most a quarter and a half, whatever was said for the volume', GIB, MIB, { ...unsaid, lowBytes: 3 * GIB, highBytes: 4 * GIB }, 256 * MIB, 512 * MIB],
    ['still apart where there is none to speak of', 1, GIB, unsaid, 0, 1],
    ['still apart where there is hardly any quota', 64 * KIB, GIB, { ...unsaid, lowPercent: 100 }, 16 * KIB, 32 * KIB],
  ])('are %s', (_, quota, batch, said, lowBytes, highBytes) => {
    expect(quotaThresholds(said, quota, batch)).toEqual({ lowBytes, highBytes });
  });

  it('INVARIANT: low < high, always, and never more than the quota', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 64 * KIB, max: TIB }), fc.integer({ min: KIB, max: GIB }), (said, quota, batch) => {
        const { lowBytes, highBytes } = quotaThresholds(said, quota, batch);
        return lowBytes >= 0 && lowBytes < highBytes && highBytes <= quota;
      }),
    );
  });
});

describe('judgeLogSpace', () => {
  const free = { low: 0, between: 1.5 * MIB, high: 12 * MIB };
  const log = { space: { ...unsaid, lowBytes: MIB, highBytes: 2 * MIB }, batchBytesMax: KIB };
  const marks = ['low', 'between', 'high'] as const;

  it.each(marks.flatMap((volume) => marks.map((quota) => [volume, quota] as const)))('volume %s, quota %s: the worse of both, and whose it is', (volume, quota) => {
    const worse = marks.find((mark) => mark === volume || mark === quota);
    const said = judgeLogSpace({ ...log, quotaBytesMax: 16 * MIB }, { freeBytes: free[volume], totalBytes: GIB }, free[quota]);
    expect(said.mark).toBe(worse);
    if (said.mark === 'low') expect(said.reason).toBe(volume === 'low' ? 'disk-full' : 'quota');
  });

  it('without a quota the volume alone decides; what is not known is between', () => {
    for (const mark of marks) {
      expect(judgeLogSpace({ ...log, quotaBytesMax: null }, { freeBytes: free[mark], totalBytes: GIB }, Infinity)).toEqual({ mark, reason: 'disk-full' });
    }
    expect(judgeLogSpace({ ...log, quotaBytesMax: null }, null, Infinity).mark).toBe('between');
    expect(judgeLogSpace({ ...log, quotaBytesMax: 16 * MIB }, null, free.high).mark).toBe('between');
    expect(judgeLogSpace({ ...log, quotaBytesMax: 16 * MIB }, null, free.low).mark).toBe('low');
  });
});

describe('lookEveryBytes', () => {
  const thresholds = { lowBytes: 64 * MIB, highBytes: 96 * MIB };

  it.each([
    ['4 MiB where there is much room', TIB, 4 * MIB],
    ['half of the way to the low mark', 66 * MIB, MIB],
    ['64 KiB right before it', 64 * MIB, 64 * KIB],
    ['4 MiB below it, for that is known by then', 64 * MIB - 1, 4 * MIB],
  ])('%s', (_, freeBytes, expected) => {
    expect(lookEveryBytes(freeBytes, thresholds)).toBe(expected);
  });
});

describe('nextLookMs', () => {
  const thresholds = { lowBytes: 64 * MIB, highBytes: 96 * MIB };

  it('is the whole period where there is much room, a tenth of it where there is none', () => {
    expect(nextLookMs(1_000, TIB, thresholds)).toBe(1_000);
    expect(nextLookMs(1_000, 0, thresholds)).toBe(100);
    expect(nextLookMs(1_000, 4 * 96 * MIB, thresholds)).toBe(1_000);
    expect(nextLookMs(1_000, 2 * 96 * MIB, thresholds)).toBe(500);
  });

  it('always lies between a tenth and the whole, and never grows as space falls', () => {
    const period = fc.integer({ min: 1, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(period, volume, volume, volume, (intervalMs, total, a, b) => {
        const marks = spaceThresholds(unsaid, total);
        const less = nextLookMs(intervalMs, Math.min(a, b), marks);
        const more = nextLookMs(intervalMs, Math.max(a, b), marks);
        expect(Number.isSafeInteger(less)).toBe(true);
        expect(less).toBeGreaterThanOrEqual(intervalMs / 10);
        expect(less).toBeLessThanOrEqual(more);
        expect(more).toBeLessThanOrEqual(intervalMs);
      }),
    );
  });
});

describe('shouldTryReturn', () => {
  it.each([
    ['at once', null, { at: 0, freeBytes: 8 * MIB }, true],
    ['at every look where next to nothing is free', { at: 0, freeBytes: MIB }, { at: 1, freeBytes: MIB }, true],
    ['when more is free', { at: 0, freeBytes: 8 * MIB }, { at: 1, freeBytes: 8 * MIB + 1 }, true],
    ['not again soon for the same', { at: 0, freeBytes: 8 * MIB }, { at: 999, freeBytes: 8 * MIB }, false],
    ['after the interval', { at: 0, freeBytes: 8 * MIB }, { at: 1_000, freeBytes: 8 * MIB }, true],
  ])('%s', (_, last, now, expected) => {
    expect(shouldTryReturn(last, now, 1_000)).toBe(expected);
    // Whenever the clock began.
    expect(shouldTryReturn(last === null ? null : { ...last, at: last.at + 1e6 }, { ...now, at: now.at + 1e6 }, 1_000)).toBe(expected);
  });
});

describe('shouldTrySpare', () => {
  const last = { at: 0, freeBytes: 8 * MIB };
  it.each([
    ['at once', null, { at: 0, freeBytes: 0 }, true],
    ['not where it would only fill the disk', last, { at: 9_999, freeBytes: 8 * MIB }, false],
    ['not for a little more either', last, { at: 9_999, freeBytes: 9 * MIB }, false],
    ['seldom, where statfs may be wrong', last, { at: 10_000, freeBytes: 0 }, true],
    ['when there is room and more than before', last, { at: 1, freeBytes: 16 * MIB }, true],
    ['after the interval where there seemed to be room before', { at: 0, freeBytes: 16 * MIB }, { at: 1_000, freeBytes: 16 * MIB }, true],
    ['not sooner', { at: 0, freeBytes: 16 * MIB }, { at: 999, freeBytes: 16 * MIB }, false],
  ])('%s', (_, before, now, expected) => {
    expect(shouldTrySpare(before, now, 16 * MIB, 1_000)).toBe(expected);
    expect(shouldTrySpare(before === null ? null : { ...before, at: before.at + 1e6 }, { ...now, at: now.at + 1e6 }, 16 * MIB, 1_000)).toBe(expected);
  });
});

describe('meanRegionBytes', () => {
  it('is the first one, then moves by an eighth of what the next differs', () => {
    expect(meanRegionBytes(null, MIB)).toBe(MIB);
    expect(meanRegionBytes(800, 1600)).toBe(900);
    expect(meanRegionBytes(800, 0)).toBe(700);
  });
});

describe('spareBytes', () => {
  const usual = { reserveBytes: null, batchBytesMax: MIB, segmentBytes: 128 * MIB, volumeBytes: TIB, quotaBytesMax: null, regionBytes: 0 };

  it.each([
    ['16 MiB on a large volume', {}, 16 * MIB],
    ['a 32nd of 256 MiB', { volumeBytes: 256 * MIB }, 8 * MIB],
    ['a 32nd of the quota', { quotaBytesMax: 256 * MIB }, 8 * MIB],
    ['one batch and its header where a 32nd is less', { volumeBytes: 16 * MIB, segmentBytes: 2 * MIB }, MIB + BLOCK],
    ['one batch and its header where a segment is less', { segmentBytes: 64 * KIB }, MIB + BLOCK],
    ['a segment where that is less than 16 MiB', { segmentBytes: 4 * MIB }, 4 * MIB],
    ['the reserve where that is more', { reserveBytes: 40 * MIB }, 40 * MIB],
    ['the reserve in whole blocks', { reserveBytes: 40 * MIB + 1 }, 40 * MIB + BLOCK],
    ['the usual where the reserve is less', { reserveBytes: 0 }, 16 * MIB],
    ['exactly half, which is still allowed', { volumeBytes: 2 * (MIB + BLOCK) }, MIB + BLOCK],
    ['none where that is more than half', { volumeBytes: 2 * (MIB + BLOCK) - 1 }, null],
    ['none on a quota too small', { quotaBytesMax: 2 * MIB }, null],
    ['none for a reserve too large', { volumeBytes: GIB, reserveBytes: 513 * MIB }, null],
    ['the usual up to regions of 256 KiB', { regionBytes: 256 * KIB }, 16 * MIB],
    ['one batch and its header with larger regions', { regionBytes: 256 * KIB + 1 }, MIB + BLOCK],
    ['the reserve with larger regions', { regionBytes: MIB, reserveBytes: 4 * MIB }, 4 * MIB],
    ['none on a volume without a byte', { volumeBytes: 0 }, null],
  ])('%s', (_, change, expected) => {
    expect(spareBytes({ ...usual, ...change })).toBe(expected);
  });

  it('always whole blocks, at least a batch and the reserve, at most half, and at most a segment and 16 MiB beyond that', () => {
    const facts = fc.record({
      reserveBytes: fc.option(fc.integer({ min: 0, max: GIB })),
      batchBytesMax: fc.integer({ min: KIB, max: 64 * MIB }),
      segmentBytes: fc.integer({ min: 16, max: 262_144 }).map((blocks) => blocks * BLOCK),
      volumeBytes: fc.oneof(fc.integer({ min: MIB, max: GIB }), fc.integer({ min: MIB, max: 10 * TIB })),
      quotaBytesMax: fc.option(fc.integer({ min: 64 * KIB, max: TIB })),
      regionBytes: fc.integer({ min: 0, max: MIB }),
    });
    fc.assert(
      fc.property(facts, (given) => {
        const bound = Math.min(given.volumeBytes, given.quotaBytesMax ?? Infinity);
        const least = Math.ceil(Math.max(given.reserveBytes ?? 0, given.batchBytesMax + BLOCK) / BLOCK) * BLOCK;
        const bytes = spareBytes(given);
        if (bytes === null) {
          expect(least * 2).toBeGreaterThan(bound);
          return;
        }
        expect(bytes % BLOCK).toBe(0);
        expect(bytes).toBeGreaterThanOrEqual(least);
        expect(bytes * 2).toBeLessThanOrEqual(bound);
        expect(bytes).toBeLessThanOrEqual(Math.max(least, Math.min(given.segmentBytes, 16 * MIB, bound / 32)));
      }),
    );
  });
});

describe('sideBytes', () => {
  it('an empty log has its small files', () => {
    expect(sideBytes(0, 0)).toBe(24 * KIB);
  });

  it('a segment has three files, whose last blocks are not full', () => {
    expect(sideBytes(0, 2) - sideBytes(0, 1)).toBe(12 * KIB + 64);
  });

  it('the indexes of records take half a percent of them', () => {
    expect(sideBytes(GIB, 0) - sideBytes(0, 0)).toBe(Math.ceil(GIB / 200));
  });

  it('never counts less than two index entries for every 4 KiB of records and a table entry for every segment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * TIB }), fc.nat(10_000), (records, segments) => {
        const bytes = sideBytes(records, segments);
        return Number.isSafeInteger(bytes) && bytes >= Math.floor(records / 4_096) * 20 + segments * 40;
      }),
    );
  });
});
