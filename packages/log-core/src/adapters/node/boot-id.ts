/**
 * Names the running kernel, so that a value written to the page cache is believed only while that cache
 * lives. INVARIANT: two boots never share a name; one boot may have two, which costs a scan and no more.
 */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';
const BOOT_TIME_STEP_MS = 10_000;

/**
 * The name of a boot that began `uptimeSeconds` before `nowMs`, in steps of ten seconds: the two clocks
 * jitter, and no machine boots twice within one step. @internal
 */
export function bootIdOfUptime(nowMs: number, uptimeSeconds: number): string {
  return `boot-time-${String(Math.round((nowMs - uptimeSeconds * 1000) / BOOT_TIME_STEP_MS) * (BOOT_TIME_STEP_MS / 1000))}`;
}

function derivedBootId(): string {
  try {
    return bootIdOfUptime(Date.now(), uptime());
  } catch {
    // Nothing is known of the boot: a name no other process ever gives makes the value foreign to all.
    return `process-${String(process.pid)}-${String(performance.timeOrigin)}`;
  }
}

/**
 * Linux's boot id, elsewhere one derived from the time of booting. Never fails. The kernel answers out of memory, so it is
 * asked at once: a thread of the pool might be waiting for some disk that hangs. @internal
 */
export function readBootId(): string {
  if (process.platform !== 'linux') return derivedBootId();
  try {
    return readFileSync(BOOT_ID_PATH, 'latin1').trim() || derivedBootId();
  } catch {
    return derivedBootId();
  }
}
