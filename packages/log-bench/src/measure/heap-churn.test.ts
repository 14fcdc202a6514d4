import { describe, expect, it } from 'vitest';
import { allocatedBytes, type Collection } from './heap-churn.js';

const collection = (before: number, after: number): Collection => ({
  beforeGC: { heapStatistics: { usedHeapSize: before } },
  afterGC: { heapStatistics: { usedHeapSize: after } },
});

describe('allocatedBytes', () => {
  it('is the growth where nothing was collected', () => {
    expect(allocatedBytes(100, [], 250)).toBe(150);
  });

  it('counts what was collected meanwhile', () => {
    expect(allocatedBytes(100, [collection(180, 90), collection(190, 110)], 130)).toBe(80 + 100 + 20);
  });

  it('never counts backwards', () => {
    expect(allocatedBytes(100, [collection(90, 80)], 70)).toBe(0);
  });
});
