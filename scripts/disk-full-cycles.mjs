// @ts-check
// Fills real file systems and frees them again, many times, and compares all that the log told with all that can be read back; then floods
// a full log with appends, and measures reading and the space guard.
// Usage: node scripts/disk-full-cycles.mjs [--cycles 100] [--kinds tmpfs,ext4,xfs,btrfs] [--flood 10000000]; 0 leaves a part out.
// Needs root for the mounts; a kind that cannot be had is skipped with its reason. Ends with 1 if anything was not as promised.
import { parseArgs } from 'node:util';
import { DiskFullCycles } from './disk-full/cycles.mjs';
import { measureFlood } from './disk-full/flood.mjs';
import { median } from './disk-full/full-log.mjs';
import { measureGuard } from './disk-full/guard-cost.mjs';
import { measureReading } from './disk-full/reading-speed.mjs';
import { whyNoVolume } from './disk-full/small-volume.mjs';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '100' },
    kinds: { type: 'string', default: 'tmpfs,ext4,xfs,btrfs' },
    flood: { type: 'string', default: '10000000' },
  },
});

// Ended from outside, it still takes its mounts down: that happens on exit.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => process.exit(1));

/** The last build, which `npm run` brings up to date first. @type {typeof import('@brimlog/log-core')} */
const { MessageLog } = await import(new URL('../packages/log-core/dist/index.js', import.meta.url).href);

/** @param {string} text */
const say = (text) => console.log(`disk-full: ${text}`);

/** @param {number} value */
const round = (value) => value.toFixed(value < 10 ? 1 : 0);

let failed = false;
/** @param {string} what */
const fail = (what) => {
  failed = true;
  say(`FAILED: ${what}`);
};

/** @param {import('./disk-full/small-volume.mjs').VolumeKind} kind @param {number} count */
async function cycle(kind, count) {
  const whyNot = whyNoVolume(kind);
  if (whyNot !== null) return say(`${kind}: skipped, ${whyNot}`);
  const startedAt = performance.now();
  const cycles = new DiskFullCycles(MessageLog, kind);
  await cycles.run(count);
  for (const reason of cycles.skippedWays) say(`${kind}: no cycle by growing the volume, ${reason}`);
  const { ledger, fills, announced, violations } = cycles;
  const lost = violations.filter((violation) => violation.includes('lost')).length;
  const appearing = violations.filter((violation) => violation.includes('not-appended')).length;
  say(`${kind}: ${fills} fills in ${round((performance.now() - startedAt) / 1_000)} s, ${cycles.fullEvents} events of a full disk`);
  say(`${kind}: ${ledger.acknowledged} acknowledged, ${ledger.refused} refused, lost ${lost}, refused as not-appended and yet appearing ${appearing}, unknown ${ledger.unknown} (of these in the log ${ledger.appeared})`);
  const times = Object.values(cycles.returnMs).flat();
  const byWay = Object.entries(cycles.returnMs).map(([way, each]) => `${way} ${each.length} × ${round(median(each))} / ${round(Math.max(...each))}`);
  say(`${kind}: from room to the first acknowledged append ${round(median(times))} ms median, ${round(Math.max(...times))} ms at most (${byWay.join(', ')})`);
  const exact = violations.some((violation) => violation.includes('not settled')) ? 'NOT exact' : 'exact';
  say(`${kind}: low-space was announced before the first refusal in ${announced} of ${fills} fills; handles and timers ${exact} after each`);
  if (cycles.commitsRefused > 0) say(`${kind}: a consumer's commit was refused ${cycles.commitsRefused} times with no spare left, given up ${cycles.commitsGivenUp} times`);
  for (const violation of violations) fail(violation);
}

/** @param {number} refusals */
async function flood(refusals) {
  const { refusalMicroseconds, heapGrowthBytes, stateEvents, warnings } = await measureFlood(MessageLog, refusals);
  const { wall, cpu } = refusalMicroseconds;
  say(`flood: ${refusals} appends refused at ${wall.toFixed(2)} µs each (${cpu.toFixed(2)} µs of the process's own time), heap ${round(heapGrowthBytes / 1024)} KiB larger, ${stateEvents} state event, ${warnings} warnings`);
  if (stateEvents !== 1) fail(`${stateEvents} state events for one full disk`);
  if (heapGrowthBytes > 8 * 1024 * 1024) fail(`the heap grew by ${heapGrowthBytes} bytes under refusals`);
}

async function costs() {
  const { readOnly, writable, ratio } = await measureReading(MessageLog);
  say(`reading: ${round(readOnly.wall)} MiB/s while read-only, ${round(writable.wall)} MiB/s while writable, ratio ${ratio.wall.toFixed(2)} (${ratio.cpu.toFixed(2)} by the process's own time)`);
  const { statfsCalls, gibWritten, share } = await measureGuard(MessageLog);
  say(`guard: ${round(statfsCalls / gibWritten)} statfs calls per GiB written, ${(share * 100).toFixed(2)} % of the CPU profile`);
}

const count = Number(values.cycles);
if (count > 0) for (const kind of values.kinds.split(',')) await cycle(/** @type {import('./disk-full/small-volume.mjs').VolumeKind} */ (kind), count);
const refusals = Number(values.flood);
if (refusals > 0) {
  const whyNot = whyNoVolume('tmpfs');
  if (whyNot === null) {
    await flood(refusals);
    await costs();
  } else say(`flood, reading, guard: skipped, ${whyNot}`);
}
if (failed) process.exitCode = 1;
