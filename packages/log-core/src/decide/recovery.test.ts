/** Recovery's two tables over every combination of facts: what is proven is never cut, what is not is never called proven. */
import { strict as assert } from 'node:assert';
import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '../codec/checkpoint.js';
import { checkSealed, firstLiveSegment, isCleanlyClosed, planScan, planTail, type ScanStop, type TailFacts, type TailPlan, type TailScan } from './recovery.js';

const LAST = 100;

const CHECKPOINT: Checkpoint = {
  sequence: 7,
  logStartOffset: 0,
  lowestSegment: 0,
  recoveryPoint: LAST,
  recoveryPointSegment: LAST,
  recoveryPointPosition: 0,
  highestSegment: LAST,
  clean: false,
  endPosition: 0,
  tag: 5,
};

/** Checkpoints that matter to a last segment at 100: none, behind it, inside it, of another one; clean and not. */
const CHECKPOINTS: readonly (Checkpoint | null)[] = [
  null,
  ...[true, false].flatMap((clean) => [
    { ...CHECKPOINT, clean },
    { ...CHECKPOINT, clean, recoveryPoint: 60, recoveryPointSegment: 0, recoveryPointPosition: 600, highestSegment: 0 },
    { ...CHECKPOINT, clean, recoveryPoint: 110, recoveryPointPosition: 1_000, endPosition: 1_000 },
    { ...CHECKPOINT, clean, recoveryPoint: 130, recoveryPointPosition: 3_000, endPosition: 3_000 },
    { ...CHECKPOINT, clean, recoveryPoint: 200, recoveryPointSegment: 200, highestSegment: 200 },
  ]),
];

const SIZES = [0, 500, 1_000, 3_000, 5_000];
const SEALED_AT = [null, 140];
const STOPS: readonly ScanStop[] = ['end-of-file', 'zeros', 'damage'];
const RULES = ['crc', 'batch-length', 'magic', 'leader-epoch', 'base-offset', 'cut-short', 'control', 'producer-id', 'dense-offsets', null];
const ENDS = [
  { endOffset: 100, endPosition: 0 },
  { endOffset: 110, endPosition: 1_000 },
  { endOffset: 120, endPosition: 2_000 },
];
const PROVEN: readonly TailScan['proven'][] = [null, { offset: 100, position: 0 }, { offset: 105, position: 500 }, { offset: 120, position: 2_000 }];
const BEYOND: readonly TailScan['beyond'][] = [null, { nextOffset: 121, endOffset: 125, proven: 0 }, { nextOffset: 122, endOffset: 130, proven: 121 }, { nextOffset: 125, endOffset: 150, proven: 140 }];

function* facts(): Generator<TailFacts> {
  for (const checkpoint of CHECKPOINTS) {
    for (const lastSegmentBytes of SIZES) {
      for (const lastSealedAt of SEALED_AT) yield { checkpoint, lastSegment: LAST, lastSegmentBytes, segmentsCount: 2, lastSealedAt };
    }
  }
}

function* scans(): Generator<TailScan> {
  for (const stop of STOPS) {
    for (const end of ENDS) {
      for (const proven of PROVEN.filter((mark) => mark === null || mark.offset <= end.endOffset)) {
        const tail = stop === 'damage' ? 77 : 0;
        for (const rule of stop === 'damage' ? RULES : [null]) {
          for (const beyond of stop === 'damage' ? BEYOND : [null]) yield { ...end, stop, rule, tailBytes: tail, proven, beyond };
        }
      }
    }
  }
}

/** Everything below was flushed, for sure. */
function provenBelow({ checkpoint, lastSegment, lastSealedAt }: TailFacts, scan: TailScan): number {
  return Math.max(lastSegment, checkpoint?.recoveryPoint ?? 0, checkpoint?.highestSegment ?? 0, lastSealedAt ?? 0, scan.proven?.offset ?? 0, scan.beyond?.proven ?? 0);
}

describe('planScan', () => {
  test('every combination has an answer, and nothing is left unread that is not known to be sound', () => {
    let combinations = 0;
    for (const given of facts()) {
      combinations += 1;
      const plan = planScan(given);
      const { checkpoint, lastSegmentBytes } = given;
      if (checkpoint === null) {
        expect(plan).toEqual({ kind: 'everything' });
      } else if (plan.kind === 'none') {
        expect(checkpoint).toMatchObject({ clean: true, highestSegment: LAST, endPosition: lastSegmentBytes });
      } else {
        expect(plan.kind).toBe('tail');
        if (plan.kind !== 'tail') continue;
        expect(plan.fromPosition).toBeLessThanOrEqual(lastSegmentBytes);
        const atRecoveryPoint = plan.fromOffset === checkpoint.recoveryPoint && plan.fromPosition === checkpoint.recoveryPointPosition;
        const atBegin = plan.fromOffset === LAST && plan.fromPosition === 0;
        expect(atRecoveryPoint || atBegin).toBe(true);
        if (atRecoveryPoint && !atBegin) expect(checkpoint).toMatchObject({ clean: false, recoveryPointSegment: LAST });
      }
    }
    expect(combinations).toBe(110);
  });

  test('an unclean log is read from the recovery point, where that lies in the last segment and its file', () => {
    const at = (checkpoint: Partial<Checkpoint>, lastSegmentBytes = 1_000): unknown =>
      planScan({ checkpoint: { ...CHECKPOINT, recoveryPoint: 110, recoveryPointPosition: 1_000, ...checkpoint }, lastSegment: LAST, lastSegmentBytes, segmentsCount: 2, lastSealedAt: null });
    const fromBegin = { kind: 'tail', fromOffset: LAST, fromPosition: 0 };
    expect(at({})).toEqual({ kind: 'tail', fromOffset: 110, fromPosition: 1_000 });
    expect(at({}, 999)).toEqual(fromBegin);
    expect(at({ recoveryPointSegment: 0 })).toEqual(fromBegin);
    expect(at({ recoveryPoint: 90 })).toEqual(fromBegin);
    expect(at({ clean: true })).toEqual(fromBegin);
  });

  test('a log without a checkpoint was not cleanly closed', () => {
    expect(isCleanlyClosed({ checkpoint: null, lastSegment: LAST, lastSegmentBytes: 0 })).toBe(false);
  });

  test('a clean mark that the size agrees with needs no scan', () => {
    const checkpoint = { ...CHECKPOINT, clean: true, endPosition: 3_000 };
    const given = { checkpoint, lastSegment: LAST, lastSegmentBytes: 3_000, segmentsCount: 1, lastSealedAt: null };
    expect(planScan(given)).toEqual({ kind: 'none' });
    expect(planScan({ ...given, lastSegmentBytes: 2_999 }).kind).toBe('tail');
    expect(planScan({ ...given, lastSegmentBytes: 3_001 }).kind).toBe('tail');
    expect(planScan({ ...given, lastSegment: 50 }).kind).toBe('tail');
    expect(planScan({ ...given, checkpoint: { ...checkpoint, clean: false } }).kind).toBe('tail');
  });
});

/** Whether something tells that the last segment's name is durable. */
function isNameProven({ checkpoint }: TailFacts, scan: TailScan): boolean {
  return (checkpoint?.highestSegment ?? 0) >= LAST || (scan.proven?.offset ?? 0) > LAST;
}

describe('planTail', () => {
  // Plain assertions inside: there are tens of thousands of combinations.
  const every = (check: (given: TailFacts, scan: TailScan, plan: TailPlan) => void): number => {
    let combinations = 0;
    for (const given of facts()) {
      for (const scan of scans()) {
        combinations += 1;
        const plan = planTail(given, scan);
        try {
          check(given, scan, plan);
        } catch (thrown) {
          throw new Error(JSON.stringify({ given, scan, plan }), { cause: thrown });
        }
      }
    }
    return combinations;
  };

  test('never cuts where something beyond is proven flushed: INVARIANT: bytes are called a torn write only where none of these reaches past them', () => {
    const combinations = every((given, scan, plan) => {
      if (provenBelow(given, scan) > scan.endOffset) assert.notEqual(plan.corruption, null);
      if (plan.torn === null) return;
      assert.ok(provenBelow(given, scan) <= scan.endOffset);
      assert.notEqual(given.checkpoint?.clean, true);
      assert.equal(plan.corruption, null);
      assert.equal(plan.torn.bytes, scan.tailBytes);
    });
    expect(combinations).toBeGreaterThan(30_000);
  });

  test('damage is told as one thing or the other, never as nothing', () => {
    every((_given, scan, plan) => {
      if (scan.stop === 'damage') assert.notEqual(plan.torn === null, plan.corruption === null);
      else assert.equal(plan.torn, null);
    });
  });

  test('what is kept ends where the chain ends, unless there is corruption: then behind everything that is known', () => {
    every((given, scan, plan) => {
      assert.equal(plan.clean, false);
      assert.equal(plan.endPosition, scan.endPosition);
      if (plan.corruption === null) {
        assert.equal(plan.endOffset, scan.endOffset);
      } else {
        assert.ok(plan.endOffset >= provenBelow(given, scan));
        assert.ok(plan.endOffset >= (scan.beyond?.endOffset ?? 0));
        assert.ok(plan.endOffset >= plan.corruption.nextOffset);
      }
    });
  });

  test('what is called proven lies on the chain and is proven by the checkpoint or a mark; the rest is to be re-homed', () => {
    every((given, scan, plan) => {
      const { checkpoint } = given;
      const proofs = [{ offset: LAST, position: 0 }];
      if (checkpoint?.recoveryPointSegment === LAST) proofs.push({ offset: checkpoint.recoveryPoint, position: checkpoint.recoveryPointPosition });
      if (scan.proven !== null) proofs.push(scan.proven);
      const onChain = proofs.filter((proof) => proof.offset <= scan.endOffset && isNameProven(given, scan));
      const best = Math.max(LAST, ...onChain.map((proof) => proof.offset));
      assert.equal(plan.provenOffset, best);
      assert.ok(proofs.some((proof) => proof.offset === plan.provenOffset && proof.position === plan.provenPosition));
    });
  });

  test('a name that nothing proves durable makes everything in it unproven', () => {
    every((given, scan, plan) => {
      assert.equal(plan.nameProven, isNameProven(given, scan));
      if (!plan.nameProven) assert.equal(plan.provenOffset, LAST);
    });
  });

  test('a corrupt range begins where the chain ends, and its file is not written again', () => {
    every((_given, scan, plan) => {
      assert.equal(plan.continueInPlace, plan.corruption === null);
      if (plan.corruption === null) return;
      assert.equal(plan.corruption.fromOffset, scan.endOffset);
      assert.ok(plan.corruption.nextOffset >= plan.corruption.fromOffset);
      assert.notEqual(plan.corruption.rule, '');
      if (plan.corruption.rule === 'missing-segment') return;
      assert.equal(plan.corruption.segment, LAST);
      assert.equal(plan.corruption.position, scan.endPosition);
    });
  });

  test('a segment that vanished is named, known from the checkpoint or from the table of segments', () => {
    every((given, _scan, plan) => {
      const highest = Math.max(given.checkpoint?.highestSegment ?? 0, given.lastSealedAt ?? 0);
      const { rule, segment, position } = plan.corruption ?? { rule: null, segment: null, position: null };
      assert.equal(rule === 'missing-segment', highest > LAST);
      if (highest > LAST) assert.deepEqual({ segment, position }, { segment: highest, position: 0 });
    });
  });

  test('an intact batch that breaks a rule no torn write breaks is somebody else’s: it is not cut', () => {
    every((_given, scan, plan) => {
      if (scan.stop === 'damage' && ['control', 'producer-id', 'dense-offsets'].includes(scan.rule ?? '')) assert.notEqual(plan.corruption, null);
    });
  });

  test('without a scan the clean checkpoint is taken at its word', () => {
    const checkpoint = { ...CHECKPOINT, clean: true, recoveryPoint: 130, endPosition: 3_000 };
    expect(planTail({ checkpoint, lastSegment: LAST, lastSegmentBytes: 3_000, segmentsCount: 1, lastSealedAt: null }, null)).toEqual({
      clean: true,
      endOffset: 130,
      endPosition: 3_000,
      provenOffset: 130,
      provenPosition: 3_000,
      torn: null,
      corruption: null,
      continueInPlace: true,
      nameProven: true,
    });
  });

  test('zeros behind the end are no damage', () => {
    const scan: TailScan = { endOffset: 110, endPosition: 1_000, stop: 'zeros', rule: null, tailBytes: 0, proven: null, beyond: null };
    const plan = planTail({ checkpoint: CHECKPOINT, lastSegment: LAST, lastSegmentBytes: 5_000, segmentsCount: 1, lastSealedAt: null }, scan);
    expect(plan).toMatchObject({ torn: null, corruption: null, endOffset: 110, endPosition: 1_000, continueInPlace: true });
  });
});

describe('checkSealed', () => {
  test.each<[string, number, { nextOffset: number; endPosition: number } | null, 'cut-short' | 'gap' | null]>([
    ['sound', 1_000, { nextOffset: 50, endPosition: 1_000 }, null],
    ['longer, with what a roll left behind the end', 1_500, { nextOffset: 50, endPosition: 1_000 }, null],
    ['shorter than the table says', 999, { nextOffset: 50, endPosition: 1_000 }, 'cut-short'],
    ['empty', 0, { nextOffset: 50, endPosition: 1_000 }, 'cut-short'],
    ['its successor is missing', 1_000, { nextOffset: 40, endPosition: 1_000 }, 'gap'],
    ['cut short and a gap', 10, { nextOffset: 40, endPosition: 1_000 }, 'cut-short'],
    ['not in the table', 1_000, null, null],
    ['not in the table and empty', 0, null, 'cut-short'],
  ])('%s', (_name, fileBytes, table, expected) => {
    expect(checkSealed({ baseOffset: 0, fileBytes, nextBaseOffset: 50, table })).toBe(expected);
  });
});

describe('the verdicts of ADR 1', () => {
  const TORN = ['crc', 'batch-length', 'batch-bytes-max', 'magic', 'leader-epoch', 'base-offset', 'cut-short', null];
  const FOREIGN = ['attributes', 'timestamp-type', 'transactional', 'control', 'delete-horizon', 'compression', 'producer-id', 'records-count', 'dense-offsets', 'max-timestamp', 'record'];
  /** The chain of each scan: ten records and 1,000 bytes, up to offset 110. */
  const chain: TailScan = { endOffset: 110, endPosition: 1_000, stop: 'end-of-file', rule: null, tailBytes: 0, proven: null, beyond: null };
  const damage = (change: Partial<TailScan> = {}): TailScan => ({ ...chain, stop: 'damage', rule: 'crc', tailBytes: 77, ...change });
  const given = (change: Partial<Checkpoint> | null, sealedAt: number | null = null): TailFacts => ({
    checkpoint: change === null ? null : { ...CHECKPOINT, ...change },
    lastSegment: LAST,
    lastSegmentBytes: 5_000,
    segmentsCount: 2,
    lastSealedAt: sealedAt,
  });
  const inside = { recoveryPoint: 105, recoveryPointPosition: 500 };
  const nextSegment = { nextOffset: 115, endOffset: 120 };

  test.each<[string, TailFacts, TailScan, Partial<TailPlan>]>([
    ['intact to the file’s end: kept, and re-homed from the recovery point', given(inside), chain, { torn: null, corruption: null, endOffset: 110, provenOffset: 105, provenPosition: 500 }],
    ['intact up to zeros: the same', given(inside), { ...chain, stop: 'zeros' }, { torn: null, corruption: null, endOffset: 110, provenOffset: 105 }],
    ['a mark proves more than the checkpoint', given(inside), { ...chain, proven: { offset: 108, position: 800 } }, { provenOffset: 108, provenPosition: 800 }],
    ['an older mark proves no less', given(inside), { ...chain, proven: { offset: 102, position: 200 } }, { provenOffset: 105, provenPosition: 500 }],
    ['damage with nothing proven beyond: torn, cut', given(inside), damage(), { torn: { bytes: 77, rule: 'crc' }, corruption: null, endOffset: 110 }],
    ['damage, and valid batches that prove nothing: torn, cut', given(inside), damage({ beyond: { ...nextSegment, proven: 110 } }), { torn: { bytes: 77, rule: 'crc' }, corruption: null, endOffset: 110 }],
    ['damage, and a mark behind it that proves one record more: corruption', given(inside), damage({ beyond: { ...nextSegment, proven: 111 } }), { torn: null, endOffset: 120, corruption: { segment: LAST, position: 1_000, fromOffset: 110, nextOffset: 115, rule: 'crc' } }],
    ['damage below the recovery point: corruption', given({ ...inside, recoveryPoint: 111 }), damage(), { torn: null, corruption: { segment: LAST, position: 1_000, fromOffset: 110, nextOffset: 111, rule: 'crc' } }],
    ['a file that ends below the recovery point: corruption', given({ ...inside, recoveryPoint: 112 }), chain, { corruption: { segment: LAST, position: 1_000, fromOffset: 110, nextOffset: 112, rule: 'proven-flushed' } }],
    ['zeros below the recovery point: corruption', given({ ...inside, recoveryPoint: 112 }), { ...chain, stop: 'zeros' }, { torn: null, corruption: { segment: LAST, position: 1_000, fromOffset: 110, nextOffset: 112, rule: 'proven-flushed' } }],
    ['damage behind a clean mark: corruption', given({ clean: true, recoveryPoint: 110, endPosition: 1_000 }), damage(), { torn: null, corruption: { segment: LAST, position: 1_000, fromOffset: 110, nextOffset: 110, rule: 'bytes-after-clean-end' } }],
    ['damage at the very begin behind a clean mark: its name is taken, what comes next needs another', given({ clean: true, recoveryPoint: LAST, endPosition: 0 }), damage({ endOffset: LAST, endPosition: 0 }), { endOffset: LAST + 1, continueInPlace: false, corruption: { segment: LAST, position: 0, fromOffset: LAST, nextOffset: LAST + 1, rule: 'bytes-after-clean-end' } }],
    ['somebody else’s batch at the very begin: the same', given(null), damage({ endOffset: LAST, endPosition: 0, rule: 'producer-id' }), { endOffset: LAST + 1, continueInPlace: false, corruption: { segment: LAST, position: 0, fromOffset: LAST, nextOffset: LAST + 1, rule: 'producer-id' } }],
    ['a segment that the checkpoint names is missing', given({ highestSegment: 200, recoveryPoint: 205, recoveryPointSegment: 200 }), chain, { endOffset: 205, corruption: { segment: 200, position: 0, fromOffset: 110, nextOffset: 205, rule: 'missing-segment' } }],
    ['the successor that the table tells of is missing', given(inside, 110), chain, { endOffset: 110, corruption: { segment: 110, position: 0, fromOffset: 110, nextOffset: 110, rule: 'missing-segment' } }],
    ['bytes beyond the name of a missing segment are not in front of it', given(inside, 107), chain, { endOffset: 110, corruption: { segment: 107, position: 0, fromOffset: 107, nextOffset: 107, rule: 'missing-segment' } }],
    ['a name that nothing proves: everything in it is re-homed', given({ recoveryPoint: 60, recoveryPointSegment: 0, recoveryPointPosition: 600, highestSegment: 0 }), chain, { nameProven: false, provenOffset: LAST, provenPosition: 0, endOffset: 110, corruption: null }],
    ['a name that a mark proves', given({ recoveryPoint: 60, recoveryPointSegment: 0, recoveryPointPosition: 600, highestSegment: 0 }), { ...chain, proven: { offset: 104, position: 400 } }, { nameProven: true, provenOffset: 104, provenPosition: 400 }],
    ['an empty segment after a roll', given({}), { ...chain, endOffset: LAST, endPosition: 0, stop: 'zeros' }, { endOffset: LAST, provenOffset: LAST, torn: null, corruption: null }],
  ])('%s', (_, facts_, scan, expected) => {
    expect(planTail(facts_, scan)).toMatchObject(expected);
  });

  test.each(FOREIGN)('an intact batch that breaks %s is somebody else’s, with a checkpoint or without', (rule) => {
    for (const facts_ of [given(inside), given(null)]) {
      expect(planTail(facts_, damage({ rule }))).toMatchObject({ torn: null, continueInPlace: false, corruption: { rule, fromOffset: 110 } });
    }
  });

  test.each(TORN)('damage by %s is a torn write where a checkpoint tells of the log', (rule) => {
    expect(planTail(given(inside), damage({ rule }))).toMatchObject({ corruption: null, torn: { bytes: 77 } });
    expect(planTail(given(null), damage({ rule })).corruption === null).toBe(rule !== 'base-offset');
  });

  test('corruption exactly where a proof reaches past the chain, the bytes are foreign or behind a clean mark, or a segment is missing', () => {
    let combinations = 0;
    const wrong: string[] = [];
    for (const recoveryPoint of [60, LAST, 105, 110, 111, 130]) {
      for (const recoveryPointSegment of [0, LAST]) {
        for (const highestSegment of [0, LAST, 105, 110, 200]) {
          for (const clean of [true, false]) {
            for (const sealedAt of [null, 105, 140]) {
              const checkpoint = { ...CHECKPOINT, recoveryPoint, recoveryPointSegment, highestSegment, clean, recoveryPointPosition: Math.max(0, recoveryPoint - LAST) * 100 };
              for (const facts_ of [given(checkpoint, sealedAt), given(null, sealedAt)]) {
                for (const proven of [null, LAST, 105, 110, 111]) {
                  for (const beyond of [null, 60, 110, 111, 119]) {
                    for (const [stop, rule] of [['end-of-file', null], ['zeros', null], ...[...TORN, ...FOREIGN].map((each) => ['damage', each])] as [ScanStop, string | null][]) {
                      const scan: TailScan = {
                        ...chain, stop, rule,
                        tailBytes: stop === 'damage' ? 77 : 0,
                        proven: proven === null ? null : { offset: proven, position: (proven - LAST) * 100 },
                        beyond: beyond === null ? null : { ...nextSegment, proven: beyond },
                      };
                      const plan = planTail(facts_, scan);
                      const reaches = Math.max(facts_.checkpoint?.recoveryPoint ?? 0, proven ?? 0, beyond ?? 0) > 110;
                      const foreign = stop === 'damage' && (FOREIGN.includes(rule ?? '') || (facts_.checkpoint === null && rule === 'base-offset'));
                      const afterClean = stop === 'damage' && facts_.checkpoint?.clean === true;
                      const missing = (facts_.checkpoint?.highestSegment ?? 0) > LAST || sealedAt !== null;
                      const range = plan.corruption;
                      const sound =
                        (range !== null) === (reaches || foreign || afterClean || missing) &&
                        (range === null || (range.fromOffset <= range.nextOffset && range.nextOffset <= plan.endOffset)) &&
                        (range !== null || plan.endOffset === 110) &&
                        plan.provenOffset <= Math.min(110, plan.endOffset) && plan.provenPosition <= plan.endPosition && !plan.clean;
                      combinations += 1;
                      if (!sound && wrong.length < 3) wrong.push(JSON.stringify({ facts_, scan, plan }));
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(combinations).toBe(378_000);
  });
});

describe('firstLiveSegment', () => {
  const segments = [0, 11, 46].map((baseOffset) => ({ baseOffset }));

  test.each([
    [0, 0],
    [1, 1],
    [11, 1],
    [12, 2],
    [46, 2],
    [47, 2],
  ])('lowest segment %i: the one at %i is the oldest that was not given up', (lowestSegment, index) => {
    expect(firstLiveSegment(segments, { ...CHECKPOINT, lowestSegment })).toBe(index);
  });

  test('without a checkpoint nothing was given up', () => {
    expect(firstLiveSegment(segments, null)).toBe(0);
  });
});
