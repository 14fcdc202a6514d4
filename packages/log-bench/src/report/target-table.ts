/**
 * What the log is meant to reach, row by row, and whether a run shows it. Nothing is asserted by it: figures are one machine's,
 * and what was not measured says so.
 */
import { BRIMLOG, type FloorName, type RunFile } from '../model/sample.js';
import { bestOther, costOf, factOf, floorOf, lineOf, linesOf, mainFloorOf, timesOf, type Line } from './aggregate.js';
import { formatBytes, formatCount, formatSmall, formatTimes } from './format-number.js';
import type { TableModel } from './table-model.js';

/** One thing to reach: at least so much, and the goal; null where there is none. `lessIsBetter`: at most. */
interface Target {
  readonly what: string;
  readonly unit: string;
  readonly atLeast: number | null;
  readonly goal: number | null;
  readonly lessIsBetter?: boolean;
  readonly format: (value: number) => string;
  /** NaN where the run does not tell. */
  readonly measured: (run: Facts) => number;
}

interface Facts {
  readonly run: RunFile;
  readonly lines: readonly Line[];
}

const MIB = 1024 * 1024;

function own(lines: readonly Line[], workload: string): Line | undefined {
  return lineOf(lines, workload, BRIMLOG);
}

/** Of the log's line of a workload; NaN where it was not measured. */
function from(workload: string, value: (line: Line, facts: Facts) => number): Target['measured'] {
  return (facts) => {
    const line = own(facts.lines, workload);
    return line === undefined ? NaN : value(line, facts);
  };
}

function timesRaw(what: string, workload: string, floor: FloorName, unit: string, atLeast: number, goal: number): Target {
  return { what, unit, atLeast, goal, format: formatTimes, measured: from(workload, (line) => timesOf(line, floor)) };
}

function straceOf({ run }: Facts, workload: string, pick: 'filesRead' | 'filesStatted'): number {
  return run.strace.find((count) => count.workload === workload && count.subject === BRIMLOG)?.[pick] ?? NaN;
}

const RAW = '× raw';

const TARGETS: readonly Target[] = [
  timesRaw('durable, 1 producer', 'durable-1', 'growing', RAW, 0.8, 1),
  timesRaw('durable, 16 producers', 'durable-16', 'growing', '× raw serial', 8, 14),
  timesRaw('durable, 256 producers', 'durable-256', 'growing', '× raw serial', 80, 150),
  timesRaw('durable, 4,096 producers', 'durable-4096', 'growing', '× raw serial', 200, 350),
  timesRaw('durable, batches of 1,000, one after another', 'durable-batches', 'growing', RAW, 0.6, 0.9),
  timesRaw('the same, 4 batches waiting', 'durable-batches-4', 'growing', RAW, 0.9, 1.5),
  timesRaw('durable, 1,000,000 B at a time', 'durable-1mb', 'growing', RAW, 0.9, 2),
  timesRaw('written, batches of 1,000', 'written-batches', 'unsynced', '× raw write', 0.15, 0.3),
  {
    what: 'written: found after kill -9, of what was acknowledged',
    unit: '×',
    atLeast: 1,
    goal: null,
    format: formatTimes,
    measured: ({ run }) => Math.min(...run.kills.filter(({ subject }) => subject === BRIMLOG).map(({ acknowledged, found }) => Math.min(1, (found ?? 0) / acknowledged)), Infinity),
  },
  {
    what: 'sequential read by batches',
    unit: '× fastest Node peer',
    atLeast: 1,
    goal: 1.4,
    format: formatTimes,
    measured: from('read', (line, { lines }) => {
      const best = bestOther(line, lines);
      return best === null ? NaN : line.figure.median / best.figure.median;
    }),
  },
  { ...timesRaw('sequential read by batches', 'read', 'read-crc', '× raw read + CRC', 0, 0.2), atLeast: null },
  {
    what: 'unclean opening, 1 GiB: read',
    unit: '',
    atLeast: 16 * MIB,
    goal: null,
    lessIsBetter: true,
    format: formatBytes,
    measured: from('recover-1gib', (line) => factOf(line, 'bytes read')),
  },
  { what: 'unclean opening, 1 GiB', unit: 'ms', atLeast: null, goal: 50, lessIsBetter: true, format: formatSmall, measured: from('recover-1gib', ({ figure }) => figure.median) },
  timesRaw('verify', 'verify', 'read-crc', '× raw read + CRC', 0.4, 0.7),
  {
    what: 'opening 10,000 clean segments: files read',
    unit: '',
    atLeast: 3,
    goal: null,
    lessIsBetter: true,
    format: formatCount,
    measured: (facts) => straceOf(facts, 'open-10000', 'filesRead'),
  },
  {
    what: 'the same: files asked for by name, one in a hundred at most',
    unit: '',
    atLeast: 100,
    goal: null,
    lessIsBetter: true,
    format: formatCount,
    measured: (facts) => straceOf(facts, 'open-10000', 'filesStatted'),
  },
  {
    what: 'opening 10,000 clean segments',
    unit: '× listing + stat of all',
    atLeast: null,
    goal: 3,
    lessIsBetter: true,
    format: formatTimes,
    measured: from('open-10000', (line) => line.figure.median / mainFloorOf(line)),
  },
  {
    what: 'event loop’s delay under 256 producers, p99',
    unit: 'ms',
    atLeast: 5,
    goal: null,
    lessIsBetter: true,
    format: formatSmall,
    measured: from('durable-256', (line) => costOf(line, ({ loopDelayP99Ms }) => loopDelayP99Ms)),
  },
  {
    what: 'resident memory, the most of any workload of 100 B records',
    unit: '',
    atLeast: 200 * MIB,
    goal: null,
    lessIsBetter: true,
    format: formatBytes,
    measured: ({ lines }) => Math.max(...lines.filter(isQuickOwn).map((line) => costOf(line, ({ rssPeakBytes }) => rssPeakBytes)).filter(Number.isFinite), -Infinity),
  },
  {
    what: 'heap allocated per durable append, 256 producers',
    unit: 'B',
    atLeast: null,
    goal: null,
    format: formatCount,
    measured: from('durable-256', (line) => costOf(line, ({ heapBytes, appends }) => heapBytes / appends)),
  },
  {
    what: 'heap allocated per durable append, 1 producer',
    unit: 'B',
    atLeast: null,
    goal: null,
    format: formatCount,
    measured: from('durable-1', (line) => costOf(line, ({ heapBytes, appends }) => heapBytes / appends)),
  },
];

function isQuickOwn({ subject, workload }: Line): boolean {
  return subject === BRIMLOG && workload.isQuick;
}

/** The targets of what the run measured, each with a verdict. Without rows where it measured nothing of them. */
export function targetTable(run: RunFile): TableModel {
  const facts = { run, lines: linesOf(run.workloads, run.samples) };
  const rows = TARGETS.map((target) => ({ target, measured: target.measured(facts) })).filter(({ measured }) => Number.isFinite(measured));
  return {
    title: 'What was aimed at',
    note: `raw serial = one durable record after another by synchronous write + fdatasync, growing; the floor over written blocks beside it: ${overwriting(facts.lines)}. A verdict is about this run on this machine.`,
    head: ['workload', 'in', 'at least', 'goal', 'measured', 'verdict'],
    rows: rows.map(({ target, measured }) => {
      const bound = (value: number | null): string => (value === null ? '–' : `${target.lessIsBetter === true ? '≤ ' : ''}${target.format(value)}`);
      return [target.what, target.unit, bound(target.atLeast), bound(target.goal), target.format(measured), verdictOf(target, measured)];
    }),
  };
}

/** Pure: how a measured value stands to its target. */
function verdictOf({ atLeast, goal, lessIsBetter = false }: Target, measured: number): string {
  const reaches = (bound: number): boolean => (lessIsBetter ? measured <= bound : measured >= bound);
  if (goal !== null && reaches(goal)) return 'goal reached';
  if (atLeast !== null) return reaches(atLeast) ? 'reached' : 'MISSED';
  return goal === null ? '' : 'goal missed';
}

function overwriting(lines: readonly Line[]): string {
  const line = own(lines, 'durable-1');
  if (line === undefined) return 'not measured';
  return `${formatTimes(floorOf(line, 'overwriting') / floorOf(line, 'growing'))} of it`;
}
