/**
 * How far two runs are apart by themselves. Within a sample several raw floors are measured beside each other; their ratios
 * have nothing of the log in them. Where such a ratio moved between two runs, the machine did it, and a change of the log
 * that is no larger than that is none that could be told from it.
 */
import { MAIN_FLOORS, type FloorName, type Sample } from '../model/sample.js';
import { summarize } from '../stats/statistics.js';

const CONTROLS: readonly FloorName[] = ['overwriting', 'thread-hop'];

/** The largest factor, above 1, by which a ratio of floors moved from one run's samples of a workload to another's; 1 where there is no such ratio. */
export function machineDrift(before: readonly Sample[], after: readonly Sample[]): number {
  const factors = CONTROLS.map((control) => {
    const moved = Math.abs(Math.log(controlOf(after, control) / controlOf(before, control)));
    return Number.isFinite(moved) ? Math.exp(moved) : 1;
  });
  return Math.max(...factors);
}

/** The median over the rounds of one floor against the main one, both as speeds. */
function controlOf(samples: readonly Sample[], control: FloorName): number {
  return summarize(
    samples.map((sample) => {
      const main = MAIN_FLOORS.map((name) => speed(sample, name)).find(Number.isFinite) ?? NaN;
      return speed(sample, control) / main;
    }),
  ).median;
}

/** Floors of times become rates, so that all count in one direction; the control itself is always a rate. */
function speed({ unit, floors }: Sample, name: FloorName): number {
  const floor = floors[name] ?? NaN;
  return unit === 'ms' && name !== 'thread-hop' ? 1 / floor : floor;
}
