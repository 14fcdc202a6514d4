/** Samples of several rounds → one line per workload and subject. Ratios to a floor are taken within each round, then their median. */
import { MAIN_FLOORS, timesFloor, type Costs, type FloorName, type Sample, type Unit } from '../model/sample.js';
import type { Workload } from '../model/workload.js';
import { median, summarize, type Summary } from '../stats/statistics.js';

/** Everything several rounds of one workload by one subject come to. */
export interface Line {
  readonly workload: Workload;
  readonly subject: string;
  readonly unit: Unit;
  readonly figure: Summary;
  readonly samples: readonly Sample[];
}

/** The lines of some workloads, subjects in the order they first appear. */
export function linesOf(workloads: readonly Workload[], samples: readonly Sample[]): Line[] {
  const subjects = [...new Set(samples.map(({ subject }) => subject))];
  return workloads.flatMap((workload) =>
    subjects.flatMap((subject) => {
      const own = samples.filter((sample) => sample.workload === workload.name && sample.subject === subject);
      const [first] = own;
      if (first === undefined) return [];
      return [{ workload, subject, unit: first.unit, figure: summarize(own.map(({ figure }) => figure)), samples: own }];
    }),
  );
}

/** The line of one workload by one subject. */
export function lineOf(lines: readonly Line[], workload: string, subject: string): Line | undefined {
  return lines.find((line) => line.workload.name === workload && line.subject === subject);
}

/** The median of a floor; NaN where it was not measured. */
export function floorOf(line: Line, name: FloorName): number {
  return summarize(line.samples.map(({ floors }) => floors[name] ?? NaN)).median;
}

/** The floor that this line is relative to above all; undefined where it has none. */
export function mainFloorName(line: Line): FloorName | undefined {
  return MAIN_FLOORS.find((name) => line.samples.some(({ floors }) => floors[name] !== undefined));
}

/** The median of the main floor; NaN where there is none. */
export function mainFloorOf(line: Line): number {
  const name = mainFloorName(line);
  return name === undefined ? NaN : floorOf(line, name);
}

/** How many times as good as the floor in each round. */
export function timesByRound(line: Line, name: FloorName): number[] {
  return line.samples.map(({ unit, figure, floors }) => timesFloor(unit, figure, floors[name] ?? NaN));
}

/** How many times as good as the floor, the median over the rounds; NaN where the floor was not measured. */
export function timesOf(line: Line, name: FloorName): number {
  return summarize(timesByRound(line, name)).median;
}

/** The median of what was made of the costs; NaN where none were taken or it does not apply. */
export function costOf(line: Line, pick: (costs: Costs) => number | null): number {
  return summarize(line.samples.map(({ costs }) => (costs === null ? NaN : (pick(costs) ?? NaN)))).median;
}

/** The median of what was made of the latencies; NaN where none were taken. */
export function latencyOf(line: Line, pick: (latency: NonNullable<Sample['latency']>) => number): number {
  return summarize(line.samples.map(({ latency }) => (latency === null ? NaN : pick(latency)))).median;
}

/** The median of a fact; NaN where it was not found. */
export function factOf(line: Line, name: string): number {
  return summarize(line.samples.map(({ facts }) => facts[name] ?? NaN)).median;
}

/** Records that were read back, all rounds together. */
export function checkedOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { samples }) => sum + samples.reduce((own, { checkedRecords }) => own + checkedRecords, 0), 0);
}

/** The line of the best other subject at the same workload; null where there is none. */
export function bestOther(line: Line, lines: readonly Line[]): Line | null {
  const others = lines.filter(({ workload, subject }) => workload.name === line.workload.name && subject !== line.subject);
  return others.reduce<Line | null>((best, other) => (best === null || timesFloor(line.unit, other.figure.median, best.figure.median) > 1 ? other : best), null);
}

/** The median of a rate in megabytes (10^6) of keys and values. */
export function megabytesPerSecond(line: Line): number {
  return median(line.samples.map(({ costs }) => (costs === null ? NaN : costs.bytes / costs.seconds / 1e6)));
}
