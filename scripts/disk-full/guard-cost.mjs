// @ts-check
// What the space guard costs while a log is written at full speed: how often it asks the system, and its share of a CPU profile.
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { openedLog } from './full-log.mjs';
import { MIB, SmallVolume } from './small-volume.mjs';

const WRITTEN_BYTES = 1_024 * MIB;
const PRODUCERS = 4;
const VALUE_BYTES = 256 * 1024;

/** The guard's functions, by the names they have in the build; what they call counts as theirs. */
const GUARD = ['#look', '#lookOnce', '#lookSoon', '#onCommitted', '#judgeMark', '#take', '#schedule', '#trySpare', '#keepSpare', 'statFileSystem'];

/** @param {import('./cycles.mjs').Opener} MessageLog */
export async function measureGuard(MessageLog) {
  const volume = new SmallVolume('tmpfs', { bytes: 256 * MIB });
  const log = await openedLog(MessageLog, join(volume.path, 'log'), { retention: { bytes: 64 * MIB } });
  try {
    const before = log.metrics();
    const share = await profiled(() => write(log));
    const { statfsCalls, appendedBytes } = log.metrics();
    return { statfsCalls: statfsCalls - before.statfsCalls, gibWritten: (appendedBytes - before.appendedBytes) / (1024 * MIB), share };
  } finally {
    await log.close();
    volume.remove();
  }
}

/** @param {import('@brimlog/log-core').MessageLog} log */
async function write(log) {
  const value = new Uint8Array(VALUE_BYTES);
  for (let written = 0; written < WRITTEN_BYTES; written += PRODUCERS * VALUE_BYTES) {
    await Promise.all(Array.from({ length: PRODUCERS }, () => log.append(value)));
  }
}

/**
 * @param {() => Promise<void>} work
 * @returns {Promise<number>} the guard's share of the time in which the main thread was busy
 */
async function profiled(work) {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    return guardShare(profile);
  } finally {
    session.disconnect();
  }
}

/** @param {import('node:inspector').Profiler.Profile} profile */
function guardShare({ nodes, samples = [] }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Map<number, boolean>} */
  const isGuards = new Map();
  /** @param {number} id @param {boolean} inside */
  const mark = (id, inside) => {
    const node = byId.get(id);
    const counts = inside || GUARD.includes(node?.callFrame.functionName ?? '');
    isGuards.set(id, counts);
    for (const child of node?.children ?? []) mark(child, counts);
  };
  const root = nodes[0];
  if (root !== undefined) mark(root.id, false);
  const busy = samples.filter((id) => !['(idle)', '(program)'].includes(byId.get(id)?.callFrame.functionName ?? ''));
  return busy.length === 0 ? 0 : busy.filter((id) => isGuards.get(id)).length / busy.length;
}
