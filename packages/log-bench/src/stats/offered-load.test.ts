import { describe, expect, it } from 'vitest';
import { OfferedLoad, wasSustained } from './offered-load.js';

/** Serves one request at a time, each in `serviceMs(i)`, on a clock of its own; answers the latencies. */
function simulate(load: OfferedLoad, serviceMs: (index: number) => number): number[] {
  const latencies: number[] = [];
  let now = 0;
  while (!load.isOver) {
    const index = load.takeDue(now);
    if (index < 0) {
      now = load.intendedAt(load.started);
      continue;
    }
    now += serviceMs(index);
    latencies.push(load.latencyOf(index, now));
  }
  return latencies;
}

describe('OfferedLoad', () => {
  it('spaces requests evenly', () => {
    const load = new OfferedLoad(200, 10);
    expect([0, 1, 2].map((i) => load.intendedAt(i))).toEqual([0, 5, 10]);
  });

  it('hands out what is due, in order, and nothing early', () => {
    const load = new OfferedLoad(1000, 3);
    expect(load.takeDue(0)).toBe(0);
    expect(load.takeDue(0.5)).toBe(-1);
    expect(load.takeDue(9)).toBe(1);
    expect(load.takeDue(9)).toBe(2);
    expect(load.takeDue(9)).toBe(-1);
    expect(load.isOver).toBe(true);
  });

  it('gives the service time as latency while the server keeps up', () => {
    expect(simulate(new OfferedLoad(100, 5), () => 2)).toEqual([2, 2, 2, 2, 2]);
  });

  it('charges a stall to every request that should have begun during it', () => {
    const latencies = simulate(new OfferedLoad(100, 12), (i) => (i === 1 ? 100 : 0));
    expect(latencies.slice(0, 4)).toEqual([0, 100, 90, 80]);
    expect(latencies[11]).toBe(0);
    // A closed loop would have seen one slow request of twelve.
    expect(latencies.filter((latency) => latency > 0)).toHaveLength(10);
  });
});

describe('wasSustained', () => {
  it('accepts a load that ended about when it was meant to', () => {
    expect(wasSustained(new OfferedLoad(1000, 1000), 1010)).toBe(true);
  });

  it('refuses one whose answers fell behind', () => {
    expect(wasSustained(new OfferedLoad(1000, 1000), 1200)).toBe(false);
  });
});
