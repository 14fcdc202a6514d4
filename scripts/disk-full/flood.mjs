// @ts-check
// What a full disk costs: a flood of refused appends, reading while nothing can be appended, and what the space guard asks of the system.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CYCLE_OPTIONS, median } from './cycles.mjs';
import { allocate, MIB, SmallVolume } from './small-volume.mjs';

/** @typedef {import('@brimlog/log-core').MessageLog} Log */

const VALUE = new Uint8Array(16 * 1024);
const READ_ROUNDS = 3;
const READ_PASSES = 12;
/** What another program holds: enough to give something back in every round. */
const FILLER_BYTES = 24 * MIB;

/**
 * @param {import('./cycles.mjs').Opener} MessageLog
 * @param {number} refusals how many appends are offered to the full log
 */
export async function measureFlood(MessageLog, refusals) {
  const volume = new SmallVolume('tmpfs', { bytes: 64 * MIB });
  const filler = join(volume.path, 'of-another-program');
  allocate(filler, FILLER_BYTES);
  const log = await opened(MessageLog, join(volume.path, 'log'), { ...CYCLE_OPTIONS, retention: {} });
  try {
    let stateEvents = 0;
    let warnings = 0;
    log.on('stateChange', (change) => (stateEvents += change.to === 'read-only' ? 1 : 0));
    log.on('warning', () => (warnings += 1));
    await fill(log);
    await refuse(log, 10_000);
    const heapBefore = heapBytes();
    const refusing = measured();
    await refuse(log, refusals);
    const { wallMs, cpuMs } = refusing();
    const heapGrowthBytes = heapBytes() - heapBefore;
    const states = stateEvents;
    /** @type {Speed[]} */
    const whileReadOnly = [];
    /** @type {Speed[]} */
    const whileWritable = [];
    for (let pass = 0; pass < READ_PASSES; pass += 1) await readSpeed(log);
    // In turn, so that what else the machine does weighs on both.
    for (let round = 0; round < READ_ROUNDS; round += 1) {
      for (let pass = 0; pass < READ_PASSES; pass += 1) whileReadOnly.push(await readSpeed(log));
      rmSync(filler);
      await returned(log);
      for (let pass = 0; pass < READ_PASSES; pass += 1) whileWritable.push(await readSpeed(log));
      allocate(filler, Math.max(4_096, volume.freeBytes - 64 * 1_024));
      await fill(log);
    }
    return {
      refusalMicroseconds: { wall: (wallMs * 1_000) / refusals, cpu: (cpuMs * 1_000) / refusals },
      heapGrowthBytes,
      stateEvents: states,
      warnings,
      readOnlySpeed: medianSpeed(whileReadOnly),
      writableSpeed: medianSpeed(whileWritable),
    };
  } finally {
    await log.close();
    volume.remove();
  }
}

/**
 * How often the guard asks the system while half a GiB is written.
 * @param {import('./cycles.mjs').Opener} MessageLog
 */
export async function measureGuard(MessageLog) {
  const volume = new SmallVolume('tmpfs', { bytes: 256 * MIB });
  const log = await opened(MessageLog, join(volume.path, 'log'), { retention: { bytes: 64 * MIB } });
  try {
    const before = log.metrics();
    const value = new Uint8Array(256 * 1024);
    for (let written = 0; written < 512 * MIB; written += 4 * value.byteLength) {
      await Promise.all(Array.from({ length: 4 }, () => log.append(value)));
    }
    const { statfsCalls, appendedBytes } = log.metrics();
    return { statfsCalls: statfsCalls - before.statfsCalls, gibWritten: (appendedBytes - before.appendedBytes) / (1024 * MIB) };
  } finally {
    await log.close();
    volume.remove();
  }
}

/**
 * @param {import('./cycles.mjs').Opener} MessageLog
 * @param {string} dir
 * @param {import('@brimlog/log-core').LogOptions} options
 */
async function opened(MessageLog, dir, options) {
  const log = await MessageLog.open(dir, options);
  if (log.isErr()) throw new Error(log.error.message);
  return log.value;
}

/** @param {Log} log */
async function fill(log) {
  while (log.status().state !== 'read-only') await log.append(VALUE);
}

/** @param {Log} log */
async function returned(log) {
  const waited = await log.waitUntilWritable({ signal: AbortSignal.timeout(20_000) });
  if (waited.isErr()) throw new Error(`the log does not return: ${waited.error.message}`);
}

/** @param {Log} log @param {number} count */
async function refuse(log, count) {
  for (let i = 0; i < count; i += 1) {
    const refused = await log.append('refused');
    if (refused.isOk()) throw new Error('an append went through on a full disk');
  }
}

/** @typedef {{ wall: number, cpu: number }} Speed MiB per second of wall time, and of the process's own time */

/**
 * Reading everything once, batch by batch.
 * @param {Log} log
 * @returns {Promise<Speed>}
 */
async function readSpeed(log) {
  const { logStartOffset, bytes } = log.status();
  const reading = measured();
  for await (const batch of log.batches({ from: logStartOffset })) {
    if (batch.isErr()) throw new Error(batch.error.message);
  }
  const { wallMs, cpuMs } = reading();
  return { wall: (bytes / MIB / wallMs) * 1_000, cpu: (bytes / MIB / cpuMs) * 1_000 };
}

/** @param {Speed[]} speeds @returns {Speed} */
function medianSpeed(speeds) {
  return { wall: median(speeds.map(({ wall }) => wall)), cpu: median(speeds.map(({ cpu }) => cpu)) };
}

/** Measures from now on: the time that went by, and that of this process, which a busy machine does not lengthen. */
function measured() {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
  };
}

/** The heap after everything that can be collected was. */
function heapBytes() {
  setFlagsFromString('--expose-gc');
  const collect = /** @type {() => void} */ (runInNewContext('gc'));
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
