/** The sparse index in memory: a lookup never leads past the offset that is looked for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SegmentIndex } from './segment-index.js';

interface Batch {
  readonly lastOffset: number;
  readonly position: number;
  readonly bytes: number;
  readonly timestamp: number;
}

/** Batches one behind another from `base` on. */
function batchesOf(base: number, shapes: readonly (readonly [count: number, bytes: number, timestamp: number])[]): Batch[] {
  let offset = base;
  let position = 0;
  return shapes.map(([count, bytes, timestamp]) => {
    const batch = { lastOffset: offset + count - 1, position, bytes, timestamp };
    offset += count;
    position += bytes;
    return batch;
  });
}

const shapes = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 62, max: 3_000 }), fc.integer({ min: 0, max: 1_000 })), { minLength: 1, maxLength: 200 });

describe('SegmentIndex', () => {
  test('always finds the last entry at or before an offset, and begins the segment where there is none', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 10_000 }), fc.nat({ max: 1_000_000 }), (given, interval, base) => {
        const index = new SegmentIndex(base, interval);
        const batches = batchesOf(base, given);
        for (const { lastOffset, position, bytes, timestamp } of batches) index.addBatch(lastOffset, position, bytes, timestamp);
        const entries = index.offsetEntries();
        for (let offset = base; offset <= batches.at(-1)!.lastOffset; offset += 1) {
          const wanted = entries.filter((entry) => base + entry.relativeOffset <= offset).at(-1);
          const found = index.lookup(offset);
          if (wanted === undefined) expect(found).toBeNull();
          else expect(found).toEqual({ lastOffset: base + wanted.relativeOffset, position: wanted.position });
        }
        // Every entry is a batch, and none is nearer to the one before than the interval.
        for (const [i, entry] of entries.entries()) {
          expect(batches).toContainEqual(expect.objectContaining({ lastOffset: base + entry.relativeOffset, position: entry.position }));
          expect(entry.position - (entries[i - 1]?.position ?? 0)).toBeGreaterThan(interval);
        }
        expect(index.maxTimestamp).toBe(Math.max(...batches.map((batch) => batch.timestamp)));
      }),
      { numRuns: 100 },
    );
  });

  test('time entries increase in both columns and end with the maximum', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 5_000 }), (given, interval) => {
        const index = new SegmentIndex(0, interval);
        const batches = batchesOf(0, given);
        for (const { lastOffset, position, bytes, timestamp } of batches) index.addBatch(lastOffset, position, bytes, timestamp);
        const entries = index.timeEntries();
        for (let i = 1; i < entries.length; i += 1) {
          expect(entries[i]!.timestamp).toBeGreaterThan(entries[i - 1]!.timestamp);
          expect(entries[i]!.relativeOffset).toBeGreaterThan(entries[i - 1]!.relativeOffset);
        }
        const newest = Math.max(...batches.map((batch) => batch.timestamp));
        expect(entries.at(-1)).toEqual({ timestamp: newest, relativeOffset: batches.find((batch) => batch.timestamp === newest)!.lastOffset });
      }),
      { numRuns: 100 },
    );
  });

  test('an empty index has no maximum and no entries', () => {
    const index = new SegmentIndex(10, 4_096);
    expect(index.maxTimestamp).toBeNull();
    expect(index.lookup(10)).toBeNull();
    expect(index.offsetEntries()).toEqual([]);
    expect(index.timeEntries()).toEqual([]);
  });
});
