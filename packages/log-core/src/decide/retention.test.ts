import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OnDiskFull, RetentionSettings } from '../model/options.js';
import { planEmergency, planRetention, shouldSealActive, shouldSealForRelief, type DeletionPlan, type RetentionFacts, type RetentionSegment } from './retention.js';

const NOW = 1_000_000;
const keepAll: RetentionSettings = { bytes: null, ms: null, segmentsMax: null, keepUnconsumed: false, intervalMs: 10_000 };
const noFloors = { keepBytesMin: 0, keepMsMin: 0 };

/** Four sealed segments of ten records and 100 bytes, 4,000 … 1,000 ms old, and an active one of 50 bytes at offset 40. */
const sealed: readonly RetentionSegment[] = [0, 1, 2, 3].map((i) => ({
  baseOffset: i * 10,
  nextOffset: i * 10 + 10,
  bytes: 100,
  newestAt: NOW - (4 - i) * 1_000,
}));
const facts: RetentionFacts = { sealed, active: { bytes: 50, nextOffset: 45, newestAt: NOW - 10 }, now: NOW, slowestConsumer: null, logStartOffset: 0 };

const said = ({ segments, reason, stoppedBy }: DeletionPlan): unknown => [segments.length, reason, stoppedBy];

describe('planRetention', () => {
  it.each<[string, Partial<RetentionSettings>, Partial<RetentionFacts>, unknown]>([
    ['keeps all by default', {}, {}, [0, null, 'policy']],
    ['goes by bytes while what is left is still enough', { bytes: 250 }, {}, [2, 'retention-bytes', 'policy']],
    ['keeps a segment that bytes need for one byte', { bytes: 251 }, {}, [1, 'retention-bytes', 'policy']],
    ['counts the active segment in what is kept', { bytes: 450 }, {}, [0, null, 'policy']],
    ['goes by age, strictly older', { ms: 2_000 }, {}, [2, 'retention-ms', 'policy']],
    ['keeps what is exactly as old', { ms: 4_000 }, {}, [0, null, 'policy']],
    ['goes by count, the active one counted', { segmentsMax: 3 }, {}, [2, 'segments-max', 'policy']],
    ['never the active one, by count', { segmentsMax: 1 }, {}, [4, 'segments-max', 'active-segment']],
    ['never the active one, by age', { ms: 0 }, {}, [4, 'retention-ms', 'active-segment']],
    ['never the active one, by bytes', { bytes: 0 }, {}, [4, 'retention-bytes', 'active-segment']],
    ['gives the first reason where several hold', { ms: 3_500, segmentsMax: 3 }, {}, [2, 'retention-ms', 'policy']],
    ['stops at a consumer', { ms: 0, keepUnconsumed: true }, { slowestConsumer: 20 }, [2, 'retention-ms', 'consumer']],
    ['keeps a segment with one record not consumed', { ms: 0, keepUnconsumed: true }, { slowestConsumer: 19 }, [1, 'retention-ms', 'consumer']],
    ['goes past a consumer that holds nothing', { ms: 0 }, { slowestConsumer: 0 }, [4, 'retention-ms', 'active-segment']],
    ['holds nothing back where there is no consumer', { ms: 0, keepUnconsumed: true }, {}, [4, 'retention-ms', 'active-segment']],
    ['stops at the policy before a consumer', { ms: 2_000, keepUnconsumed: true }, { slowestConsumer: 20 }, [2, 'retention-ms', 'policy']],
    ['takes what was given up, whatever the policy', {}, { logStartOffset: 20 }, [2, 'delete-before', 'policy']],
    ['takes what was given up, past a consumer', { keepUnconsumed: true }, { logStartOffset: 20, slowestConsumer: 0 }, [2, 'delete-before', 'policy']],
    ['gives the policy’s reason where some was given up before', { segmentsMax: 2 }, { logStartOffset: 20 }, [3, 'segments-max', 'policy']],
    ['keeps a segment that is given up in part', {}, { logStartOffset: 19 }, [1, 'delete-before', 'policy']],
    ['does nothing without sealed segments', { ms: 0, bytes: 0 }, { sealed: [] }, [0, null, 'active-segment']],
  ])('%s', (_, policy, change, expected) => {
    expect(said(planRetention({ ...facts, ...change }, { ...keepAll, ...policy }))).toEqual(expected);
  });

  it('a young segment shields the older ones behind it from age: oldest first, without gaps', () => {
    const future = [{ ...sealed[0]!, newestAt: NOW + 5_000 }, ...sealed.slice(1)];
    expect(said(planRetention({ ...facts, sealed: future }, { ...keepAll, ms: 0 }))).toEqual([0, null, 'policy']);
  });
});

describe('planEmergency', () => {
  it.each(['disk-full', 'quota'] as const)('reject deletes nothing, whatever the policy lets go (%s)', (why) => {
    expect(said(planEmergency(facts, { ...keepAll, ms: 0 }, 'reject', noFloors, 1e9, why))).toEqual([0, null, 'policy']);
  });

  it('reject deletes what was given up, for that was asked for', () => {
    expect(said(planEmergency({ ...facts, logStartOffset: 20 }, keepAll, 'reject', noFloors, 1e9, 'disk-full'))).toEqual([2, 'delete-before', 'policy']);
  });

  it('delete-expired deletes what retention would', () => {
    for (const policy of [keepAll, { ...keepAll, ms: 2_000 }, { ...keepAll, bytes: 250 }, { ...keepAll, segmentsMax: 1 }]) {
      expect(planEmergency(facts, policy, 'delete-expired', noFloors, 1e9, 'disk-full')).toEqual(planRetention(facts, policy));
    }
  });

  it.each<[string, Partial<RetentionSettings>, Partial<typeof noFloors>, Partial<RetentionFacts>, unknown]>([
    ['the floor of bytes', { ms: 0 }, { keepBytesMin: 250 }, {}, [2, 'retention-ms', 'keep-bytes']],
    ['the floor of age', { segmentsMax: 1 }, { keepMsMin: 2_500 }, {}, [2, 'segments-max', 'keep-ms']],
    ['a consumer', { bytes: 0, keepUnconsumed: true }, {}, { slowestConsumer: 10 }, [1, 'retention-bytes', 'consumer']],
    ['the count of segments', { segmentsMax: 3 }, {}, {}, [2, 'segments-max', 'policy']],
    ['no floor for what was given up', {}, { keepBytesMin: 1e9, keepMsMin: 1e9 }, { logStartOffset: 20 }, [2, 'delete-before', 'policy']],
  ])('delete-expired under pressure keeps to %s', (_, policy, floors, change, expected) => {
    const plan = planEmergency({ ...facts, ...change }, { ...keepAll, ...policy }, 'delete-expired', { ...noFloors, ...floors }, 1e9, 'disk-full');
    expect(said(plan)).toEqual(expected);
  });

  it.each<[string, number, Partial<RetentionSettings>, Partial<typeof noFloors>, Partial<RetentionFacts>, unknown]>([
    ['nothing where nothing is wanted', 0, {}, {}, {}, [0, null, null]],
    ['one segment for one byte', 1, {}, {}, {}, [1, 'disk-full', null]],
    ['one segment where that is enough', 100, {}, {}, {}, [1, 'disk-full', null]],
    ['two for a byte more', 101, {}, {}, {}, [2, 'disk-full', null]],
    ['all but the active one where more is wanted', 1e9, {}, {}, {}, [4, 'disk-full', 'active-segment']],
    ['down to the floor of bytes', 1e9, {}, { keepBytesMin: 250 }, {}, [2, 'disk-full', 'keep-bytes']],
    ['not a byte below it', 1e9, {}, { keepBytesMin: 251 }, {}, [1, 'disk-full', 'keep-bytes']],
    ['down to the floor of age', 1e9, {}, { keepMsMin: 2_500 }, {}, [2, 'disk-full', 'keep-ms']],
    ['what is exactly as old as the floor goes', 1e9, {}, { keepMsMin: 3_000 }, {}, [2, 'disk-full', 'keep-ms']],
    ['not past a consumer', 1e9, { keepUnconsumed: true }, {}, { slowestConsumer: 10 }, [1, 'disk-full', 'consumer']],
    ['past a consumer that holds nothing', 1e9, {}, {}, { slowestConsumer: 10 }, [4, 'disk-full', 'active-segment']],
    ['what was given up, whatever the floors', 0, {}, { keepBytesMin: 1e9 }, { logStartOffset: 20 }, [2, 'delete-before', null]],
  ])('delete-oldest takes %s', (_, wanted, policy, floors, change, expected) => {
    const plan = planEmergency({ ...facts, ...change }, { ...keepAll, ...policy }, 'delete-oldest', { ...noFloors, ...floors }, wanted, 'disk-full');
    expect(said(plan)).toEqual(expected);
  });

  it('delete-expired takes all that the policy lets go, though less were enough', () => {
    expect(said(planEmergency(facts, { ...keepAll, ms: 1_500 }, 'delete-expired', noFloors, 1, 'disk-full'))).toEqual([3, 'retention-ms', 'policy']);
  });

  it('delete-oldest says whether the disk or the quota asked for it', () => {
    expect(planEmergency(facts, keepAll, 'delete-oldest', noFloors, 1, 'quota').reason).toBe('quota');
  });
});

describe('shouldSealActive', () => {
  const policy = { ...keepAll, ms: 100 };
  it.each([
    ['older than the policy keeps', { bytes: 1, newestAt: NOW - 101 }, policy, true],
    ['exactly as old', { bytes: 1, newestAt: NOW - 100 }, policy, false],
    ['empty', { bytes: 0, newestAt: NOW - 101 }, policy, false],
    ['of no known age', { bytes: 1, newestAt: null }, policy, false],
    ['without a policy of age', { bytes: 1, newestAt: 0 }, keepAll, false],
  ])('an active segment %s', (_, active, settings, expected) => {
    expect(shouldSealActive({ ...facts, active: { nextOffset: 45, ...active } }, settings)).toBe(expected);
  });
});

describe('shouldSealForRelief', () => {
  const oldest = { mode: 'delete-oldest', wanted: 450, policy: keepAll, floors: noFloors } as const;

  it.each<[string, Partial<{ mode: OnDiskFull; wanted: number; policy: RetentionSettings; floors: typeof noFloors }>, Partial<RetentionFacts>, boolean]>([
    ['where it is needed and makes enough room', {}, {}, true],
    ['alone, without a sealed one', { wanted: 50 }, { sealed: [] }, true],
    ['not where the sealed ones are enough', { wanted: 400 }, {}, false],
    ['not where even with it there is not enough', { wanted: 451 }, {}, false],
    ['not an empty one', { wanted: 0 }, { sealed: [], active: { bytes: 0, nextOffset: 40, newestAt: null } }, false],
    ['not with reject', { mode: 'reject' }, {}, false],
    ['not with reject, though nothing is sealed', { mode: 'reject', wanted: 50 }, { sealed: [] }, false],
    ['not behind a sealed one that has to stay', { wanted: 50, floors: { keepBytesMin: 0, keepMsMin: 5 } }, { sealed: sealed.map((segment) => ({ ...segment, newestAt: NOW + 5_000 })) }, false],
    ['down to the floor of age', { floors: { keepBytesMin: 0, keepMsMin: 10 } }, {}, true],
    ['not one of no known age, where a floor asks for one', { wanted: 50, floors: { keepBytesMin: 0, keepMsMin: 1 } }, { sealed: [], active: { bytes: 50, nextOffset: 45, newestAt: null } }, false],
    ['not below the floor of bytes', { floors: { keepBytesMin: 1, keepMsMin: 0 } }, {}, false],
    ['not below the floor of age', { floors: { keepBytesMin: 0, keepMsMin: 11 } }, {}, false],
    ['not past a consumer', { policy: { ...keepAll, keepUnconsumed: true } }, { slowestConsumer: 44 }, false],
    ['past a consumer that has everything', { policy: { ...keepAll, keepUnconsumed: true } }, { slowestConsumer: 45 }, true],
    ['with delete-expired where all of it is too old', { mode: 'delete-expired', policy: { ...keepAll, ms: 9 } }, {}, true],
    ['not with delete-expired where it is not', { mode: 'delete-expired', policy: { ...keepAll, ms: 10 } }, {}, false],
    ['not with delete-expired and no policy of age', { mode: 'delete-expired', policy: { ...keepAll, bytes: 0 } }, {}, false],
  ])('%s', (_, said, change, expected) => {
    const { mode, wanted, policy, floors } = { ...oldest, ...said };
    expect(shouldSealForRelief({ ...facts, ...change }, policy, mode, floors, wanted)).toBe(expected);
  });
});

describe('always and never', () => {
  const history = fc
    .record({
      sizes: fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 5_000 })), { maxLength: 12 }),
      activeBytes: fc.nat(500),
      slowestConsumer: fc.option(fc.nat(250)),
      givenUp: fc.nat(100),
    })
    .map(({ sizes, activeBytes, slowestConsumer, givenUp }): RetentionFacts => {
      let offset = 0;
      const segments = sizes.map(([records, bytes, age]) => ({ baseOffset: offset, nextOffset: (offset += records), bytes, newestAt: NOW - age }));
      return { sealed: segments, active: { bytes: activeBytes, nextOffset: offset + 1, newestAt: NOW }, now: NOW, slowestConsumer, logStartOffset: Math.min(givenUp, offset) };
    });
  const policy = fc.record({
    bytes: fc.option(fc.nat(4_000)),
    ms: fc.option(fc.nat(5_000)),
    segmentsMax: fc.option(fc.integer({ min: 1, max: 14 })),
    keepUnconsumed: fc.boolean(),
    intervalMs: fc.constant(10_000),
  });
  const floors = fc.record({ keepBytesMin: fc.nat(4_000), keepMsMin: fc.nat(5_000) });
  const onDiskFull = fc.constantFrom('reject', 'delete-expired', 'delete-oldest');
  const bytesOf = (segments: readonly RetentionSegment[]): number => segments.reduce((sum, each) => sum + each.bytes, 0);
  const isHeld = (given: RetentionFacts, segment: RetentionSegment): boolean =>
    segment.nextOffset > given.logStartOffset && given.slowestConsumer !== null && given.slowestConsumer < segment.nextOffset;

  it('always oldest first, without gaps, never the active segment, and a reason exactly where something goes', () => {
    fc.assert(
      fc.property(history, policy, floors, onDiskFull, fc.nat(3_000), (given, settings, least, mode, wanted) => {
        for (const plan of [planRetention(given, settings), planEmergency(given, settings, mode, least, wanted, 'disk-full')]) {
          expect(plan.segments).toEqual(given.sealed.slice(0, plan.segments.length));
          expect(plan.reason === null).toBe(plan.segments.length === 0);
        }
      }),
    );
  });

  it('never goes past a consumer with keepUnconsumed, but for what was given up', () => {
    fc.assert(
      fc.property(history, policy, floors, onDiskFull, (given, settings, least, mode) => {
        const keeping = { ...settings, keepUnconsumed: true };
        for (const plan of [planRetention(given, keeping), planEmergency(given, keeping, mode, least, 1e9, 'quota')]) {
          expect(plan.segments.filter((segment) => isHeld(given, segment))).toEqual([]);
        }
      }),
    );
  });

  it('by bytes alone, always keeps at least what the policy says, and one segment less would be too little', () => {
    fc.assert(
      fc.property(history, fc.nat(4_000), (given, bytes) => {
        const fresh = { ...given, logStartOffset: 0 };
        const { segments } = planRetention(fresh, { ...keepAll, bytes });
        const total = bytesOf(fresh.sealed) + fresh.active.bytes;
        const kept = total - bytesOf(segments);
        expect(kept).toBeGreaterThanOrEqual(Math.min(bytes, total));
        const next = fresh.sealed[segments.length];
        if (next !== undefined) expect(kept - next.bytes).toBeLessThan(bytes);
      }),
    );
  });

  it('pressure never goes below a floor, but for what was given up', () => {
    fc.assert(
      fc.property(history, policy, floors, onDiskFull, (given, settings, least, mode) => {
        const { segments } = planEmergency(given, settings, mode, least, 1e9, 'disk-full');
        const taken = segments.filter((segment) => segment.nextOffset > given.logStartOffset);
        const kept = bytesOf(given.sealed) + given.active.bytes - bytesOf(segments);
        if (taken.length > 0) expect(kept).toBeGreaterThanOrEqual(least.keepBytesMin);
        for (const segment of taken) expect(NOW - segment.newestAt).toBeGreaterThanOrEqual(least.keepMsMin);
      }),
    );
  });

  it('delete-oldest stops as soon as enough is freed', () => {
    fc.assert(
      fc.property(history, policy, floors, fc.nat(3_000), (history, settings, least, wanted) => {
        const given = { ...history, logStartOffset: 0 };
        const { segments, stoppedBy } = planEmergency(given, settings, 'delete-oldest', least, wanted, 'disk-full');
        expect(bytesOf(segments.slice(0, -1)) < wanted || segments.length === 0).toBe(true);
        if (stoppedBy === null) expect(bytesOf(segments)).toBeGreaterThanOrEqual(wanted);
      }),
    );
  });

  it('a plan carried out always leaves nothing more for the same policy', () => {
    fc.assert(
      fc.property(history, policy, (given, settings) => {
        const { segments } = planRetention(given, settings);
        expect(planRetention({ ...given, sealed: given.sealed.slice(segments.length) }, settings).segments).toEqual([]);
      }),
    );
  });
});
