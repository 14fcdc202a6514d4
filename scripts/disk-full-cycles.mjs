// @ts-check
// Fills real file systems and frees them again, many times, and compares all that the log told with all that can be read back.
// Usage: node scripts/disk-full-cycles.mjs [--cycles 100] [--kinds tmpfs,ext4,xfs,btrfs] [--flood 1000000]
// Needs root for the mounts; a kind that cannot be had is skipped with its reason. Ends with 1 if anything was not as promised.
import { parseArgs } from 'node:util';
import { DiskFullCycles, median } from './disk-full/cycles.mjs';
import { measureFlood, measureGuard } from './disk-full/flood.mjs';
import { whyNoVolume } from './disk-full/small-volume.mjs';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '100' },
    kinds: { type: 'string', default: 'tmpfs,ext4,xfs,btrfs' },
    flood: { type: 'string', default: '1000000' },
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

for (const kind of /** @type {import('./disk-full/small-volume.mjs').VolumeKind[]} */ (values.kinds.split(','))) {
  const whyNot = whyNoVolume(kind);
  if (whyNot !== null) {
    say(`${kind}: skipped, ${whyNot}`);
    continue;
  }
  const cycles = new DiskFullCycles(MessageLog, kind);
  await cycles.run(Number(values.cycles));
  for (const reason of cycles.skippedWays) say(`${kind}: no cycle by growing the volume, ${reason}`);
  const { ledger, returnMs, fills, announced, cyclesBy } = cycles;
  const lost = cycles.violations.filter((violation) => violation.includes('lost')).length;
  const appearing = cycles.violations.filter((violation) => violation.includes('not-appended')).length;
  say(`${kind}: ${fills} fills (${Object.entries(cyclesBy).map(([way, count]) => `${way} ${count}`).join(', ')})`);
  say(`${kind}: ${ledger.acknowledged} acknowledged, ${ledger.refused} refused, lost ${lost}, refused and yet appearing ${appearing}, unknown ${ledger.unknown}, of these in the log ${ledger.appeared}`);
  say(`${kind}: from room to the first acknowledged append ${round(median(returnMs))} ms median, ${round(Math.max(...returnMs))} ms at most`);
  say(`${kind}: low-space was announced before the first refusal in ${announced} of ${fills} fills; handles and timers exact after each`);
  if (cycles.commitsRefused > 0) say(`${kind}: a consumer's commit was refused ${cycles.commitsRefused} times with no spare left, given up ${cycles.commitsGivenUp} times`);
  for (const violation of cycles.violations) fail(violation);
}

const flood = Number(values.flood);
if (flood > 0 && whyNoVolume('tmpfs') === null) {
  const { refusalMicroseconds, heapGrowthBytes, stateEvents, warnings, readOnlySpeed, writableSpeed } = await measureFlood(MessageLog, flood);
  const { wall, cpu } = refusalMicroseconds;
  say(`flood: ${flood} appends refused at ${wall.toFixed(2)} µs each (${cpu.toFixed(2)} µs of the process's own time), heap ${round(heapGrowthBytes / 1024)} KiB larger, ${stateEvents} state event, ${warnings} warnings`);
  say(`reading: ${round(readOnlySpeed.wall)} MiB/s while read-only, ${round(writableSpeed.wall)} MiB/s while writable, ratio ${(readOnlySpeed.wall / writableSpeed.wall).toFixed(2)} (${(readOnlySpeed.cpu / writableSpeed.cpu).toFixed(2)} by the process's own time)`);
  if (stateEvents !== 1) fail(`${stateEvents} state events for one full disk`);
  if (heapGrowthBytes > 8 * 1024 * 1024) fail(`the heap grew by ${heapGrowthBytes} bytes under refusals`);
  const { statfsCalls, gibWritten } = await measureGuard(MessageLog);
  say(`guard: ${round(statfsCalls / gibWritten)} statfs calls per GiB written`);
}
if (failed) process.exitCode = 1;
