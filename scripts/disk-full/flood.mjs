// @ts-check
// A flood of appends that a full disk refuses: what each costs, what the heap becomes, how many events they make.
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CYCLE_OPTIONS } from './cycles.mjs';
import { fill, measured, openedLog } from './full-log.mjs';
import { MIB, SmallVolume } from './small-volume.mjs';

/** @typedef {import('@brimlog/log-core').MessageLog} Log */

const WARM_UP = 10_000;

/**
 * @param {import('./cycles.mjs').Opener} MessageLog
 * @param {number} refusals how many appends are offered to the full log
 */
export async function measureFlood(MessageLog, refusals) {
  const volume = new SmallVolume('tmpfs', { bytes: 32 * MIB });
  const log = await openedLog(MessageLog, join(volume.path, 'log'), { ...CYCLE_OPTIONS, retention: {} });
  try {
    /** @type {string[]} */
    const states = [];
    let warnings = 0;
    log.on('stateChange', ({ to }) => states.push(to));
    log.on('warning', () => (warnings += 1));
    await fill(log);
    const announced = states.indexOf('read-only');
    await refuse(log, WARM_UP);
    const heapBefore = heapBytes();
    const refusing = measured();
    await refuse(log, refusals);
    const { wallMs, cpuMs } = refusing();
    return {
      refusalMicroseconds: { wall: (wallMs * 1_000) / refusals, cpu: (cpuMs * 1_000) / refusals },
      heapGrowthBytes: heapBytes() - heapBefore,
      /** From the full disk on. */
      stateEvents: states.length - announced,
      warnings,
    };
  } finally {
    await log.close();
    volume.remove();
  }
}

/** @param {Log} log @param {number} count */
async function refuse(log, count) {
  for (let i = 0; i < count; i += 1) {
    const refused = await log.append('refused');
    if (refused.isOk()) throw new Error('an append went through on a full disk');
  }
}

/** The heap after everything that can be collected was. */
function heapBytes() {
  setFlagsFromString('--expose-gc');
  const collect = /** @type {() => void} */ (runInNewContext('gc'));
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
