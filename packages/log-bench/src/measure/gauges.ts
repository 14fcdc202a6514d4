/** What a stretch of work costs the process it runs in: event loop, memory, processor, garbage. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { allocatedBytes } from './heap-churn.js';

/** Timers fire on whole milliseconds, so this is as fine as it gets. */
const RESOLUTION_MS = 1;

/** What `watch` found. */
export interface GaugeReading {
  readonly seconds: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly cpuMs: number;
  readonly rssPeakBytes: number;
  readonly heapBytes: number;
}

/** Runs `work` and watches the process meanwhile. */
export async function watch(work: () => Promise<void>): Promise<GaugeReading> {
  (globalThis as { readonly gc?: () => void }).gc?.();
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const garbage = new GCProfiler();
  const cpuBefore = process.cpuUsage();
  garbage.start();
  const heapBefore = getHeapStatistics().used_heap_size;
  loop.enable();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  loop.disable();
  const heapAfter = getHeapStatistics().used_heap_size;
  const collections = garbage.stop().statistics;
  const cpu = process.cpuUsage(cpuBefore);
  // The histogram holds the time between two timers, the timer's own included.
  const delay = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    seconds,
    loopDelayP99Ms: loop.count === 0 ? 0 : delay(loop.percentile(99)),
    loopDelayMaxMs: loop.count === 0 ? 0 : delay(loop.max),
    cpuMs: (cpu.user + cpu.system) / 1000,
    rssPeakBytes: process.resourceUsage().maxRSS * 1024,
    heapBytes: allocatedBytes(heapBefore, collections, heapAfter),
  };
}

/** Read calls of this process so far and what they gave; zeros where the system does not tell. */
export function readCalls(): { readonly calls: number; readonly bytes: number } {
  try {
    const text = readFileSync('/proc/self/io', 'latin1');
    const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { calls: field('syscr'), bytes: field('rchar') };
  } catch {
    return { calls: 0, bytes: 0 };
  }
}
