// @ts-check
// How fast a log is read while it is read-only, and while it is writable: the same records, in turn, in one run.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CYCLE_OPTIONS } from './cycles.mjs';
import { fill, measured, median, openedLog, untilWritable } from './full-log.mjs';
import { allocate, MIB, SmallVolume } from './small-volume.mjs';

/** @typedef {import('@brimlog/log-core').MessageLog} Log */
/** @typedef {{ wall: number, cpu: number }} Speed MiB per second of wall time, and of the process's own time */

const ROUNDS = 9;
const PASSES = 8;
/** What goes before, filling above all, leaves garbage and cold caches: its passes are not counted. */
const PASSES_NOT_COUNTED = 4;
/** What another program holds: enough to give something back in every round. */
const FILLER_BYTES = 28 * MIB;

/**
 * @param {import('./cycles.mjs').Opener} MessageLog
 * @returns {Promise<{ readOnly: Speed, writable: Speed, ratio: Speed }>} medians; the ratio is that of the rounds
 */
export async function measureReading(MessageLog) {
  const volume = new SmallVolume('tmpfs', { bytes: 64 * MIB });
  const filler = join(volume.path, 'of-another-program');
  allocate(filler, FILLER_BYTES);
  const log = await openedLog(MessageLog, join(volume.path, 'log'), { ...CYCLE_OPTIONS, retention: {} });
  try {
    await fill(log);
    await passes(log);
    /** @type {{ readOnly: Speed, writable: Speed }[]} */
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const readOnly = await passes(log);
      rmSync(filler);
      await untilWritable(log);
      rounds.push({ readOnly, writable: await passes(log) });
      allocate(filler, Math.max(4_096, volume.freeBytes - 64 * 1_024));
      await fill(log);
    }
    return {
      readOnly: medians(rounds.map(({ readOnly }) => readOnly)),
      writable: medians(rounds.map(({ writable }) => writable)),
      ratio: medians(rounds.map(({ readOnly, writable }) => ({ wall: readOnly.wall / writable.wall, cpu: readOnly.cpu / writable.cpu }))),
    };
  } finally {
    await log.close();
    volume.remove();
  }
}

/** @param {Log} log */
async function passes(log) {
  /** @type {Speed[]} */
  const speeds = [];
  for (let pass = 0; pass < PASSES_NOT_COUNTED; pass += 1) await readAll(log);
  for (let pass = 0; pass < PASSES; pass += 1) speeds.push(await readAll(log));
  return medians(speeds);
}

/**
 * Reading everything once, batch by batch.
 * @param {Log} log
 * @returns {Promise<Speed>}
 */
async function readAll(log) {
  const { logStartOffset, bytes } = log.status();
  const reading = measured();
  for await (const batch of log.batches({ from: logStartOffset })) {
    if (batch.isErr()) throw new Error(batch.error.message);
  }
  const { wallMs, cpuMs } = reading();
  return { wall: (bytes / MIB / wallMs) * 1_000, cpu: (bytes / MIB / cpuMs) * 1_000 };
}

/** @param {Speed[]} speeds @returns {Speed} */
function medians(speeds) {
  return { wall: median(speeds.map(({ wall }) => wall)), cpu: median(speeds.map(({ cpu }) => cpu)) };
}
