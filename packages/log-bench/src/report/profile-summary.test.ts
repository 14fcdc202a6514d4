import { describe, expect, it } from 'vitest';
import { idleShare, selfTimes, type CpuProfile } from './profile-summary.js';

const frame = (functionName: string, lineNumber: number) => ({ functionName, url: 'file:///a/index.js', lineNumber, columnNumber: 0 });

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)', -1) },
    { id: 2, callFrame: frame('encode', 10) },
    { id: 3, callFrame: frame('encode', 10) },
    { id: 4, callFrame: frame('', 20) },
  ],
  samples: [1, 2, 3, 4],
  timeDeltas: [9000, 1000, 2000, 1000],
};

describe('selfTimes', () => {
  it('joins a function’s calls, most first, and leaves waiting out', () => {
    expect(selfTimes([profile], ({ lineNumber }) => String(lineNumber))).toEqual([
      { name: 'encode', place: '10', milliseconds: 3, share: 0.75 },
      { name: '(anonymous)', place: '20', milliseconds: 1, share: 0.25 },
    ]);
  });

  it('adds several profiles up', () => {
    expect(selfTimes([profile, profile], () => '')[0]?.milliseconds).toBe(6);
  });

  it('leaves the profiler itself out', () => {
    const own = { id: 5, callFrame: { functionName: 'dispatch', url: '', lineNumber: -1, columnNumber: -1 } };
    const disturbed = { nodes: [...profile.nodes, own], samples: [5, ...profile.samples], timeDeltas: [7000, ...profile.timeDeltas] };
    expect(selfTimes([disturbed], () => '')).toEqual(selfTimes([profile], () => ''));
  });
});

describe('idleShare', () => {
  it('is what was waited of all the time', () => {
    expect(idleShare([profile])).toBeCloseTo(9 / 13);
  });
});
