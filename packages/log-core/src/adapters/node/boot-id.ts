/**
 * Names the running kernel, so that a value written to the page cache is believed only while that cache
 * lives. INVARIANT: two boots never share a name; one boot may have two, which costs a scan and no more.
 */
import { readFile } from 'node:fs';
import { uptime } from 'node:os';
import type { OperationGate } from './operation-gate.js';
import { gatedCall } from './gated-call.js';

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

/** Linux's boot id, elsewhere one derived from the time of booting. Never fails. @internal */
export async function readBootId(gate: OperationGate): Promise<string> {
  if (process.platform !== 'linux') return derivedBootId();
  const read = await gatedCall<string>(gate, 'read', { operation: 'read', path: BOOT_ID_PATH, position: null }, (done) => {
    readFile(BOOT_ID_PATH, 'latin1', done);
  });
  const id = read.isOk() ? read.value.trim() : '';
  return id === '' ? derivedBootId() : id;
}
