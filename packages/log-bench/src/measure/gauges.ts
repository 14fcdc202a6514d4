/** What stretches of work cost the process they run in: time, event loop, memory, processor, garbage. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { median } from '../stats/statistics.js';
import { profiled } from './cpu-profile.js';
import { allocatedBytes } from './heap-churn.js';

/** Timers fire on whole milliseconds, so this is as fine as it gets. */
const RESOLUTION_MS = 1;

/** What was found in all stretches together. */
export interface GaugeReading {
  readonly seconds: number;
  /** The median of the stretches' 99th percentiles. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly cpuMs: number;
  readonly rssPeakBytes: number;
  readonly heapBytes: number;
}

/** Watches the process during several stretches of work and adds up what it finds. */
export class Gauges {
  #milliseconds = 0;
  #cpuMicroseconds = 0;
  #heapBytes = 0;
  readonly #profileTo: string | null;
  #stretches = 0;
  readonly #delaysP99Ms: number[] = [];
  readonly #delaysMaxMs: number[] = [0];

  /** With `profileTo`, each stretch is profiled too, into that path and a number: its figures are then worth nothing. */
  constructor(profileTo: string | null = null) {
    this.#profileTo = profileTo;
  }

  /** Runs one stretch and watches it; answers its seconds. */
  async during(work: () => Promise<void>): Promise<number> {
    this.#stretches += 1;
    const before = this.#milliseconds;
    if (this.#profileTo === null) await this.#watch(work);
    else await profiled(`${this.#profileTo}-${this.#stretches}.cpuprofile`, () => this.#watch(work));
    return (this.#milliseconds - before) / 1000;
  }

  /** Everything so far. */
  get reading(): GaugeReading {
    return {
      seconds: this.#milliseconds / 1000,
      loopDelayP99Ms: this.#delaysP99Ms.length === 0 ? 0 : median(this.#delaysP99Ms),
      loopDelayMaxMs: Math.max(...this.#delaysMaxMs),
      cpuMs: this.#cpuMicroseconds / 1000,
      rssPeakBytes: peakMemoryBytes(),
      heapBytes: this.#heapBytes,
    };
  }

  async #watch(work: () => Promise<void>): Promise<void> {
    const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    const garbage = new GCProfiler();
    garbage.start();
    const heapBefore = getHeapStatistics().used_heap_size;
    const cpuBefore = process.cpuUsage();
    loop.enable();
    const startedAt = performance.now();
    await work();
    const milliseconds = performance.now() - startedAt;
    this.#milliseconds += milliseconds;
    loop.disable();
    const cpu = process.cpuUsage(cpuBefore);
    const heapAfter = getHeapStatistics().used_heap_size;
    this.#cpuMicroseconds += cpu.user + cpu.system;
    this.#heapBytes += allocatedBytes(heapBefore, garbage.stop().statistics, heapAfter);
    // A loop that never turned was blocked all the time.
    const blocked = loop.count === 0;
    this.#delaysP99Ms.push(blocked ? milliseconds : delayMs(loop.percentile(99)));
    this.#delaysMaxMs.push(blocked ? milliseconds : delayMs(loop.max));
  }
}

/** The histogram holds the time between two timers, the timer's own included. */
function delayMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
}

/** The 99th percentile of the event loop's delay while nothing is done: what this machine adds by itself. */
export async function idleLoopDelayMs(milliseconds: number): Promise<number> {
  const gauges = new Gauges();
  await gauges.during(() => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  return gauges.reading.loopDelayP99Ms;
}

/**
 * The most memory this process had resident. `getrusage` would tell the parent's too, which the kernel counts until the
 * new program begins; so its own mark is read where the system shows it.
 */
function peakMemoryBytes(): number {
  try {
    const own = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    if (own !== undefined) return Number(own) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Bytes this process has read so far, from whatever; 0 where the system does not tell. */
export function bytesRead(): number {
  try {
    return Number(/^rchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
