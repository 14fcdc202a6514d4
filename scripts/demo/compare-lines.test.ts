import { expect, it } from 'vitest';
import { compareLines } from './compare-lines.mjs';
import { linesOf } from './declaration-lines.mjs';

const numbered = (from: number, to: number): Buffer[] => Array.from({ length: to - from }, (_, i) => Buffer.from(String(from + i)));
const same = { lost: 0, duplicated: 0, changed: 0, firstDifference: null };

it('compareLines: finds nothing in equal lines, be they none', () => {
  expect(compareLines(numbered(0, 100), numbered(0, 100))).toEqual(same);
  expect(compareLines([], [])).toEqual(same);
});

it('compareLines: counts a gap as lost, wherever it is', () => {
  expect(compareLines(numbered(0, 100), [...numbered(0, 40), ...numbered(47, 100)])).toEqual({ ...same, lost: 7, firstDifference: 40 });
  expect(compareLines(numbered(0, 100), numbered(3, 100))).toEqual({ ...same, lost: 3, firstDifference: 0 });
  expect(compareLines(numbered(0, 100), numbered(0, 95))).toEqual({ ...same, lost: 5, firstDifference: 95 });
});

it('compareLines: counts what comes again as duplicated', () => {
  expect(compareLines(numbered(0, 100), [...numbered(0, 50), ...numbered(38, 100)])).toEqual({ ...same, duplicated: 12, firstDifference: 50 });
  expect(compareLines(numbered(0, 100), [...numbered(0, 100), ...numbered(98, 100)])).toEqual({ ...same, duplicated: 2, firstDifference: 100 });
});

it('compareLines: counts several differences', () => {
  const output = [...numbered(0, 30), ...numbered(32, 60), ...numbered(55, 80), Buffer.from('other'), ...numbered(81, 120)];
  expect(compareLines(numbered(0, 120), output)).toEqual({ lost: 2, duplicated: 5, changed: 1, firstDifference: 30 });
});

it('linesOf: takes a last line with and without its line feed', () => {
  expect(linesOf(Buffer.from('a\n\nb\r\nc')).map(String)).toEqual(['a', '', 'b\r', 'c']);
  expect(linesOf(Buffer.from('a\n')).map(String)).toEqual(['a']);
  expect(linesOf(Buffer.alloc(0))).toEqual([]);
});
