/** Runs made of figures a test chooses: everything a report needs, and nothing measured. */
import { chooseWorkloads } from '../src/model/catalogue.js';
import { QUICK } from '../src/model/run-scale.js';
import { BRIMLOG, type Costs, type RunFile, type Sample, type Timeline } from '../src/model/sample.js';
import type { Latencies } from '../src/stats/statistics.js';

export const COSTS: Costs = {
  seconds: 1,
  appends: 100,
  records: 100,
  bytes: 10_000,
  syncs: 50,
  writes: 50,
  loopDelayP99Ms: 0.4,
  loopDelayMaxMs: 2,
  cpuMs: 10,
  rssPeakBytes: 64 * 1024 * 1024,
  heapBytes: 200_000,
};

export const LATENCIES: Latencies = {
  count: 1000,
  p50: 200,
  p90: 300,
  p99: 900,
  p999: 2000,
  max: 3000,
  curve: [
    [0, 100],
    [0.5, 200],
    [0.9, 300],
    [0.99, 900],
    [0.999, 2000],
  ],
};

export const TIMELINE: Timeline = { stepMs: 50, acknowledged: [100, 900, 0, 0, 500], refused: [0, 0, 4000, 5000, 0], fullAtMs: 100, freedAtMs: 180, backAtMs: 210 };

/** One round of `workload`. */
export function madeSample(workload: string, figure: number, more: Partial<Sample> = {}): Sample {
  return {
    workload,
    subject: BRIMLOG,
    round: 0,
    unit: 'records/s',
    figure,
    floors: {},
    turns: [],
    costs: null,
    latency: null,
    timeline: null,
    checkedRecords: 1,
    facts: {},
    ...more,
  };
}

/** A run of these samples. */
export function madeRun(samples: readonly Sample[], more: Partial<RunFile> = {}): RunFile {
  const names = [...new Set(samples.map(({ workload }) => workload))];
  return {
    format: 'brimlog-bench-run',
    formatVersion: 1,
    startedAt: '2026-11-21T05:00:00.000Z',
    seconds: 100,
    quick: true,
    scale: QUICK,
    machine: {
      cpu: 'a processor',
      cores: 2,
      memoryBytes: 2 ** 34,
      kernel: 'a kernel',
      loadAverage: [1],
      idleLoopDelayMs: 0.1,
      directory: '/somewhere',
      fileSystem: { type: 'ext4', device: 'a device', options: 'rw', freeBytes: 2 ** 34 },
      versions: { node: '20' },
      environment: {},
    },
    workloads: names.length === 0 ? [] : chooseWorkloads({ patterns: names, quick: true }),
    samples,
    strace: [],
    kills: [],
    leftOut: [],
    problems: [],
    ...more,
  };
}

/** One of everything a report shows. */
export function wholeRun(): RunFile {
  const rounds = [0, 1, 2];
  const each = (make: (round: number, drift: number) => Sample[]): Sample[] => rounds.flatMap((round) => make(round, 1 + round / 20));
  const withCosts = { costs: COSTS };
  return madeRun(
    each((round, drift) => [
      ...[1, 16, 256, 4096].flatMap((producers) => [
        madeSample(`durable-${producers}`, 4000 * producers ** 0.9 * drift, { ...withCosts, round, floors: { growing: 5000 * drift, overwriting: 7000, 'group-growing': 5000 * producers ** 0.8 } }),
        madeSample(`durable-${producers}`, 2000 * producers ** 0.5 * drift, { ...withCosts, round, subject: 'better-sqlite3' }),
        madeSample(`written-${producers}`, 90_000 * producers ** 0.3 * drift, { ...withCosts, round, floors: { unsynced: 500_000 } }),
        madeSample(`durable-${producers}-1k`, 3000 * producers ** 0.9 * drift, { ...withCosts, round, floors: { growing: 5000 } }),
        madeSample(`durable-${producers}x1000-1k`, 90_000 * producers ** 0.1 * drift, { ...withCosts, round, floors: { growing: 5000 } }),
      ]),
      madeSample('durable-batches', 1e6 * drift, { ...withCosts, round, floors: { growing: 2e6 } }),
      madeSample('offered-1000', 0.9, { round, unit: 'ms', floors: { growing: 0.9 }, latency: { ...LATENCIES, sustained: true, raw: LATENCIES } }),
      madeSample('follow-other', 0.2, { round, unit: 'ms', floors: { message: 0.05 }, latency: { ...LATENCIES, curve: [[0, -20], ...LATENCIES.curve.slice(1)], sustained: true, raw: null } }),
      madeSample('read', 3e6 * drift, { ...withCosts, round, floors: { 'read-crc': 9e6 } }),
      madeSample('recover-1gib', 50 * drift, { round, unit: 'ms', floors: { 'read-crc': 200 }, facts: { 'bytes of the log': 2 ** 30, 'bytes read': 2 ** 24, segments: 9 } }),
      madeSample('open-10000', 90 * drift, { round, unit: 'ms', floors: { 'list-stat': 40 }, facts: { segments: 10_000, 'bytes read': 500_000 } }),
      madeSample('disk-full', 60 * drift, { round, unit: 'ms', timeline: TIMELINE, facts: { 'records/s before': 20_000, 'raw records/s': 2000, 'records/s after': 18_000 } }),
    ]),
    {
      strace: [{ workload: 'durable-1', subject: BRIMLOG, times: 100, syncs: 104, filesRead: 2, filesStatted: 3, calls: { fdatasync: 4, pwrite64: 100 } }],
      kills: [{ workload: 'written-1', subject: BRIMLOG, acknowledged: 1000, found: 1001 }],
      leftOut: ['disk-full: a reason'],
    },
  );
}
