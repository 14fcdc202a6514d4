// @ts-check
// Random histories on the simulated disk, for as long as it is told to: counts the distinct states that power cuts
// left, each opened by the real engine and checked whole against the model. The same seed and runs give the same totals.
//
//   npm run faults -- [--minutes N | --runs N] [--seed S] [--length N] [--looks SHARE] [--json FILE] [--sweep]
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'tsup';

const PROCESSES = 2;
const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    length: { type: 'string', default: '12' },
    looks: { type: 'string', default: '0.5' },
    json: { type: 'string' },
    sweep: { type: 'boolean', default: false },
  },
});

const core = fileURLToPath(new URL('../packages/log-core/', import.meta.url));
// Inside the package, so that what is not bundled is found.
const outDir = `${core}node_modules/.cache/faults`;

/** Bundles the test's own entries, so that plain Node runs them at full speed. @returns {Promise<void>} */
async function bundle() {
  await build({
    entry: { 'fault-worker': `${core}test/property/fault-worker.ts`, 'full-sweep': `${core}test/sweep/full-sweep.ts` },
    outDir,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    clean: true,
    splitting: false,
    dts: false,
  });
}

/**
 * @typedef {import('../packages/log-core/test/property/fault-worker.js').FaultReport} FaultReport
 * @typedef {{ histories: number, operations: number, states: number, distinct: number, insideRecovery: number, rejections: number, violations: FaultReport['violations'] }} Totals
 */

/** @returns {Promise<Totals>} */
async function runHistories() {
  const seed = Number(values.seed);
  const runs = values.runs === undefined ? Infinity : Number(values.runs);
  const minutes = values.minutes === undefined ? (values.runs === undefined ? 1 : Infinity) : Number(values.minutes);
  const startedAt = Date.now();
  const untilMs = minutes === Infinity ? Number.MAX_SAFE_INTEGER : startedAt + minutes * 60_000;
  /** @type {Totals} */
  const totals = { histories: 0, operations: 0, states: 0, distinct: 0, insideRecovery: 0, rejections: 0, violations: [] };
  /** @type {Set<number>} */
  const seen = new Set();
  await Promise.all(
    Array.from({ length: PROCESSES }, (_, i) => {
      const share = runs === Infinity ? Number.MAX_SAFE_INTEGER : Math.ceil((runs - i) / PROCESSES);
      const job = { from: seed + i, stride: PROCESSES, runs: share, untilMs, length: Number(values.length), lookShare: Number(values.looks) };
      return /** @type {Promise<void>} */ (
        new Promise((resolve, reject) => {
          const child = fork(`${outDir}/fault-worker.js`, { serialization: 'advanced' });
          child.on('message', (message) => {
            add(totals, seen, /** @type {FaultReport} */ (message));
            progress(totals, startedAt);
          });
          child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a process ended with code ${String(code)}`))));
          child.send(job);
        })
      );
    }),
  );
  if (process.stderr.isTTY) process.stderr.write('\n');
  return totals;
}

/** @param {Totals} totals @param {Set<number>} seen @param {FaultReport} report */
function add(totals, seen, report) {
  totals.histories += report.histories;
  totals.operations += report.operations;
  totals.states += report.states;
  totals.insideRecovery += report.insideRecovery;
  totals.rejections += report.rejections;
  for (const hash of report.hashes) seen.add(hash);
  totals.distinct = seen.size;
  for (const violation of report.violations) {
    totals.violations.push(violation);
    console.log(`\nVIOLATION, seed ${violation.seed}\n${violation.text}\n`);
  }
}

/** @param {Totals} totals @param {number} startedAt */
function progress(totals, startedAt) {
  if (!process.stderr.isTTY) return;
  const seconds = (Date.now() - startedAt) / 1000;
  const rate = Math.round(totals.states / seconds);
  process.stderr.write(`\r${seconds.toFixed(0)} s, ${totals.histories} histories, ${totals.distinct} distinct states (${rate} states/s), ${totals.violations.length} violations  `);
}

/** @param {Totals} totals @param {number} startedAt */
function printTotals(totals, startedAt) {
  const seconds = (Date.now() - startedAt) / 1000;
  const share = (/** @type {number} */ part) => `${((100 * part) / Math.max(1, totals.states)).toFixed(1)} %`;
  console.log(
    [
      `histories            ${totals.histories}, ${(totals.operations / Math.max(1, totals.histories)).toFixed(1)} operations each`,
      `states after a crash ${totals.states}, ${Math.round(totals.states / seconds)} a second`,
      `  distinct           ${totals.distinct}; ${share(totals.states - totals.distinct)} were seen before`,
      `  inside recovery    ${share(totals.insideRecovery)}`,
      `unhandled rejections ${totals.rejections}`,
      `violations           ${totals.violations.length}`,
      `seed ${values.seed}, ${seconds.toFixed(0)} s`,
    ].join('\n'),
  );
}

const startedAt = Date.now();
await bundle();
if (values.sweep) {
  const { runFullSweep } = await import(`${outDir}/full-sweep.js`);
  if ((await runFullSweep()) > 0) process.exitCode = 1;
} else {
  const totals = await runHistories();
  printTotals(totals, startedAt);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...totals, seed: Number(values.seed), ms: Date.now() - startedAt }, null, 2)}\n`);
  if (totals.violations.length > 0 || totals.rejections > 0) process.exitCode = 1;
}
