/** Where the processor's time went: self time by function, out of `.cpuprofile` files. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatSmall } from './format-number.js';
import type { TableModel } from './table-model.js';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** V8's profile, of that what is needed. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** One function and its share of the time. */
export interface SelfTime {
  readonly name: string;
  readonly place: string;
  readonly milliseconds: number;
  readonly share: number;
}

/** Waiting is no work. */
const IDLE = '(idle)';

/** The profiler's own share: starting and stopping it. */
function isProfiler({ functionName, url }: CallFrame): boolean {
  return (functionName === 'dispatch' && url === '') || url === 'node:inspector';
}

/** The share of the time in which the thread waited. */
export function idleShare(profiles: readonly CpuProfile[]): number {
  let idle = 0;
  let total = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const idleIds = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === IDLE).map(({ id }) => id));
    for (const [at, id] of samples.entries()) {
      const microseconds = timeDeltas[at] ?? 0;
      total += microseconds;
      if (idleIds.has(id)) idle += microseconds;
    }
  }
  return idle / total;
}

/** Self time by function over some profiles, most first; `locate` names the place of a frame. Waiting, and the profiler itself, are left out. */
export function selfTimes(profiles: readonly CpuProfile[], locate: (frame: CallFrame) => string): SelfTime[] {
  const byFunction = new Map<string, { readonly frame: CallFrame; microseconds: number }>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    for (const [at, id] of samples.entries()) {
      const frame = frames.get(id);
      if (frame === undefined || frame.functionName === IDLE || isProfiler(frame)) continue;
      const key = `${frame.functionName} ${frame.url}:${frame.lineNumber}:${frame.columnNumber}`;
      const entry = byFunction.get(key) ?? { frame, microseconds: 0 };
      entry.microseconds += timeDeltas[at] ?? 0;
      byFunction.set(key, entry);
    }
  }
  const entries = [...byFunction.values()];
  const total = entries.reduce((sum, { microseconds }) => sum + microseconds, 0);
  return entries
    .sort((a, b) => b.microseconds - a.microseconds)
    .map(({ frame, microseconds }) => ({
      name: frame.functionName === '' ? '(anonymous)' : frame.functionName,
      place: locate(frame),
      milliseconds: microseconds / 1000,
      share: microseconds / total,
    }));
}

/** Names places in the sources where a source map lies beside the built file. */
export function sourceLocator(): (frame: CallFrame) => string {
  const maps = new Map<string, SourceMap | null>();
  const mapOf = (url: string): SourceMap | null => {
    const path = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
    const map = existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload) : null;
    maps.set(url, map);
    return map;
  };
  return ({ url, lineNumber, columnNumber }) => {
    if (url === '') return '';
    const known = maps.get(url);
    const entry = (known === undefined ? mapOf(url) : known)?.findEntry(lineNumber, columnNumber);
    if (entry !== undefined && 'originalSource' in entry) return `${entry.originalSource.replace(/^.*src\//, '')}:${entry.originalLine + 1}`;
    return `${basename(url)}:${lineNumber + 1}`;
  };
}

/** A table per workload of the profiles in a directory: the `rows` functions that took most. */
export function profileTables(dir: string, rows: number): TableModel[] {
  const locate = sourceLocator();
  const files = readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'));
  const workloads = [...new Set(files.map((name) => name.replace(/-\d+\.cpuprofile$/, '')))];
  return workloads.map((workload) => {
    const own = files.filter((name) => name.replace(/-\d+\.cpuprofile$/, '') === workload);
    const profiles = own.map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')) as CpuProfile);
    return {
      title: `Processor time of ${workload}, main thread; it waited ${(idleShare(profiles) * 100).toFixed(0)} % of the time`,
      note: 'Self time; (program) is native code: copying, the event loop; a name without a place is a call into the system.',
      head: ['function', '%', 'ms', 'at'],
      rows: selfTimes(profiles, locate)
        .slice(0, rows)
        .map(({ name, share, milliseconds, place }) => [name, (share * 100).toFixed(1), formatSmall(milliseconds), place]),
    };
  });
}
