// @ts-check
// A log on a small disk for what is measured: opened, filled until nothing goes in any more, waited for; and how time is taken.

/** @typedef {import('@brimlog/log-core').MessageLog} Log */

const VALUE = new Uint8Array(16 * 1024);

/**
 * @param {import('./cycles.mjs').Opener} MessageLog
 * @param {string} dir
 * @param {import('@brimlog/log-core').LogOptions} options
 */
export async function openedLog(MessageLog, dir, options) {
  const log = await MessageLog.open(dir, options);
  if (log.isErr()) throw new Error(log.error.message);
  return log.value;
}

/** Appends until the log is read-only. @param {Log} log */
export async function fill(log) {
  while (log.status().state !== 'read-only') await log.append(VALUE);
}

/** @param {Log} log */
export async function untilWritable(log) {
  const waited = await log.waitUntilWritable({ signal: AbortSignal.timeout(20_000) });
  if (waited.isErr()) throw new Error(`the log does not return: ${waited.error.message}`);
}

/** Measures from now on: the time that went by, and that of this process, which a busy machine does not lengthen. */
export function measured() {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
  };
}

/** @param {readonly number[]} numbers */
export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
