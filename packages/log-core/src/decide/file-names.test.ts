import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asideName, classifyDirectory, indexName, OWN_PREFIX, parseSegmentName, segmentName, SIDE_FILES, timeIndexName } from './file-names.js';

describe('names', () => {
  it.each([
    [0, '00000000000000000000'],
    [7, '00000000000000000007'],
    [2 ** 31, '00000000002147483648'],
    [Number.MAX_SAFE_INTEGER, '00009007199254740991'],
  ])('base offset %d becomes twenty digits', (offset, digits) => {
    expect(segmentName(offset)).toBe(`${digits}.log`);
    expect(indexName(offset)).toBe(`${digits}.index`);
    expect(timeIndexName(offset)).toBe(`${digits}.timeindex`);
    expect(asideName(offset, 4096)).toBe(`brimlog.aside.${digits}.4096`);
  });

  it('own side files carry the prefix and none of Kafka’s suffixes', () => {
    for (const name of [...Object.values(SIDE_FILES), asideName(3, 9)]) {
      expect(name.startsWith(OWN_PREFIX)).toBe(true);
      expect(name).not.toMatch(/\.(log|index|timeindex|txnindex|snapshot|deleted|cleaned|swap)$/);
    }
  });

  it('side files have names of their own', () => {
    expect(new Set(Object.values(SIDE_FILES)).size).toBe(Object.keys(SIDE_FILES).length);
  });
});

const aBaseOffset = fc.bigInt(0n, 2n ** 52n).map(Number);

describe('parseSegmentName', () => {
  it('always gives back the offset a segment was named for', () => {
    fc.assert(fc.property(aBaseOffset, (offset) => parseSegmentName(segmentName(offset)) === offset));
  });

  it('always sorts names as it sorts offsets', () => {
    fc.assert(fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => segmentName(a) < segmentName(b) === a < b));
  });

  it.each([
    '', '.log', '7.log', '0000000000000000007.log', '000000000000000000007.log', '0000000000000000000x.log', '-0000000000000000007.log',
    '00000000000000000007.LOG', '00000000000000000007.log.tmp', '00000000000000000007.log ', ' 00000000000000000007.log',
    '00000000000000000007.index', '00000000000000000007.log\n', '٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٧.log',
    '00004503599627370497.log', '00009007199254740990.log', '00009007199254740992.log', '99999999999999999999.log',
  ])('%j is no segment', (name) => {
    expect(parseSegmentName(name)).toBeNull();
  });

  it('never answers for a name it would not give', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const offset = parseSegmentName(name);
        return offset === null || segmentName(offset) === name;
      }),
    );
  });
});

describe('classifyDirectory', () => {
  const nothing = {
    segments: [], strayIndexes: [], temporaries: [], foreign: [],
    hasCheckpoint: false, hasSpare: false, hasSegmentTable: false, hasPositions: false,
  };

  it('an empty directory holds nothing', () => {
    expect(classifyDirectory([])).toEqual(nothing);
  });

  it('segments are sorted by offset, whatever the order of the listing', () => {
    expect(classifyDirectory([segmentName(1000), segmentName(9), segmentName(200)]).segments).toEqual([9, 200, 1000]);
  });

  it('an index with its segment is known, one without is stray', () => {
    const facts = classifyDirectory([segmentName(5), indexName(5), timeIndexName(5), indexName(6), timeIndexName(7)]);
    expect(facts).toEqual({ ...nothing, segments: [5], strayIndexes: [indexName(6), timeIndexName(7)] });
  });

  it('each side file is noticed, and none is foreign', () => {
    expect(classifyDirectory(Object.values(SIDE_FILES))).toEqual({
      ...nothing, hasCheckpoint: true, hasSpare: true, hasSegmentTable: true, hasPositions: true,
    });
  });

  it('only own unfinished files are temporaries: somebody else’s .tmp is left alone', () => {
    const facts = classifyDirectory(['brimlog.spare.tmp', 'brimlog.new-segment.17.tmp', 'notes.tmp', `${segmentName(1)}.tmp`]);
    expect(facts.temporaries).toEqual(['brimlog.spare.tmp', 'brimlog.new-segment.17.tmp']);
    expect(facts.foreign).toEqual([`${segmentName(1)}.tmp`, 'notes.tmp']);
  });

  it('bytes kept aside are neither foreign nor temporary', () => {
    expect(classifyDirectory([asideName(3, 77)])).toEqual(nothing);
  });

  it('what every fresh file system or desktop makes is not named', () => {
    expect(classifyDirectory(['lost+found', '.DS_Store', '.Trash-0'])).toEqual(nothing);
  });

  it('foreign files are sorted by name', () => {
    expect(classifyDirectory(['z.txt', 'README', '12.log', 'a.txt']).foreign).toEqual(['12.log', 'README', 'a.txt', 'z.txt']);
  });

  it('an index named for no possible offset is foreign, so that it is left alone', () => {
    const names = ['99999999999999999999.index', '99999999999999999999.log', '99999999999999999999.timeindex'];
    expect(classifyDirectory(names)).toEqual({ ...nothing, foreign: names });
  });

  it('a name that only contains an index’s is foreign', () => {
    const names = ['000000000000000000000.index', '00000000000000000000.index.bak', '00000000000000000000.timeindex~'];
    expect(classifyDirectory(names)).toEqual({ ...nothing, foreign: [...names].sort() });
  });

  it('always puts every name into one place, and never calls a name of ours foreign', () => {
    const ours = fc.oneof(
      aBaseOffset.map(segmentName),
      aBaseOffset.map(indexName),
      fc.constantFrom(...Object.values(SIDE_FILES)),
      fc.constant('brimlog.x.tmp'),
    );
    const theirs = fc.string({ minLength: 1, maxLength: 8 }).map((text) => `x${text}`);
    fc.assert(
      fc.property(fc.uniqueArray(ours), fc.uniqueArray(theirs), (own, foreign) => {
        const facts = classifyDirectory([...foreign, ...own]);
        expect(facts.foreign).toEqual([...foreign].sort());
        expect(facts.segments.map(segmentName).sort()).toEqual(own.filter((name) => name.endsWith('.log')).sort());
        expect(facts.temporaries).toEqual(own.filter((name) => name.endsWith('.tmp')));
      }),
    );
  });
});
