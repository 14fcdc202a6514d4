import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatSmall, formatSpread, formatTimes } from './format-number.js';

describe('formatCount', () => {
  it('keeps four digits and sets thousands apart', () => {
    expect(formatCount(1_023_456)).toBe('1,023,000');
    expect(formatCount(5912.4)).toBe('5,912');
    expect(formatCount(27.34)).toBe('27.3');
  });
});

describe('formatTimes', () => {
  it('has fewer decimals the larger it is', () => {
    expect([0.607, 14.21, 156.4].map(formatTimes)).toEqual(['0.61 ×', '14.2 ×', '156 ×']);
  });
});

describe('formatSmall', () => {
  it('keeps two digits below one', () => {
    expect([0.0039062, 0.5, 1.234, 45.67].map(formatSmall)).toEqual(['0.0039', '0.5', '1.23', '45.7']);
  });
});

describe('formatSpread and formatBytes', () => {
  it('read as a person would say them', () => {
    expect(formatSpread(0.043)).toBe('±4 %');
    expect(formatBytes(16 * 1024 * 1024)).toBe('16 MiB');
    expect(formatBytes(170)).toBe('170 B');
  });
});

describe('a number that is none', () => {
  it('is a dash', () => {
    expect([formatCount(NaN), formatTimes(Infinity), formatSmall(NaN), formatSpread(NaN), formatBytes(NaN)]).toEqual(['–', '–', '–', '–', '–']);
  });
});
