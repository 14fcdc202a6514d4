// @ts-check
// Random histories by seed, shared by several processes. With a number of runs the totals hang on the seed alone.
import { writeFileSync } from 'node:fs';
import { bundle } from './bundle.mjs';
import { DistinctNumbers } from './distinct-numbers.mjs';
import { printGrid } from './fault-grid.mjs';
import { runProcesses } from './processes.mjs';
import { profileText } from './profile.mjs';
import { grouped, ProgressLine } from './progress-line.mjs';

/**
 * @typedef {import('../../packages/log-core/test/property/fault-jobs.js').FaultReport} FaultReport
 * @typedef {import('../../packages/log-core/test/property/fault-jobs.js').FoundViolation} FoundViolation
 * @typedef {{ histories: number, operations: number, calls: number, plans: number, states: number, distinct: number, known: number, insideRecovery: number, rejections: number, faults: Record<string, Record<string, number>>, violations: FoundViolation[] }} Totals
 * @typedef {{ seed: number, runs: number | null, minutes: number | null, length: number, looks: number, processes: number, json: string | undefined, profile: string | undefined }} Request
 */

/** @param {Request} request @returns {Promise<boolean>} whether every promise was kept */
export async function runHistories(request) {
  const path = await bundle('property/fault-worker');
  const startedAt = Date.now();
  const totals = await collect(path, request, startedAt);
  const ms = Date.now() - startedAt;
  console.log(summary(totals, request, ms));
  if (request.profile !== undefined) console.log(`\n${profileText(request.profile, path)}`);
  if (request.json !== undefined) writeFileSync(request.json, `${JSON.stringify({ seed: request.seed, ms, ...totals }, null, 2)}\n`);
  return totals.violations.length === 0 && totals.rejections === 0;
}

/** @param {string} path @param {Request} request @param {number} startedAt @returns {Promise<Totals>} */
async function collect(path, { seed, runs, minutes, length, looks, processes, profile }, startedAt) {
  const untilMs = minutes === null ? Number.MAX_SAFE_INTEGER : startedAt + minutes * 60_000;
  const jobs = Array.from({ length: processes }, (_, i) => ({
    from: seed + i,
    stride: processes,
    runs: runs === null ? Number.MAX_SAFE_INTEGER : Math.ceil((runs - i) / processes),
    untilMs,
    length,
    looks,
  }));
  /** @type {Totals} */
  const totals = { histories: 0, operations: 0, calls: 0, plans: 0, states: 0, distinct: 0, known: 0, insideRecovery: 0, rejections: 0, faults: {}, violations: [] };
  const seen = new DistinctNumbers();
  const line = new ProgressLine();
  await runProcesses(path, jobs, (/** @type {FaultReport} */ report) => {
    add(totals, report);
    for (const hash of report.counts.hashes) seen.add(hash);
    totals.distinct = seen.size;
    for (const violation of report.violations) {
      line.clear();
      console.log(`VIOLATION, seed ${violation.seed}: ${violation.message}\n  npm run faults -- --plan '${violation.plan}'\n`);
    }
    line.show(() => progress(totals, (Date.now() - startedAt) / 1000));
  }, profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]);
  line.clear();
  // Whoever shares the work, the order of what was found is that of the seeds.
  totals.violations.sort((a, b) => a.seed - b.seed);
  return totals;
}

/** @param {Totals} totals @param {FaultReport} report */
function add(totals, { histories, operations, counts, violations, rejections }) {
  totals.histories += histories;
  totals.operations += operations;
  totals.calls += counts.calls;
  totals.plans += counts.plans;
  totals.states += counts.states;
  totals.known += counts.known;
  totals.insideRecovery += counts.insideRecovery;
  totals.rejections += rejections;
  totals.violations.push(...violations);
  for (const [operation, signs] of Object.entries(counts.faults)) {
    const row = (totals.faults[operation] ??= {});
    for (const [sign, count] of Object.entries(signs)) row[sign] = (row[sign] ?? 0) + count;
  }
}

/** @param {Totals} totals @param {number} seconds */
function progress({ distinct, plans, calls, states, violations }, seconds) {
  return `${seconds.toFixed(0)} s: ${grouped(distinct)} distinct states, ${grouped(plans)} plans, ${grouped(calls)} calls, ${grouped(states / seconds)} states/s, ${violations.length} violations`;
}

/** @param {Totals} totals @param {Request} request @param {number} ms */
function summary(totals, { seed, processes }, ms) {
  const share = (/** @type {number} */ part, /** @type {number} */ of) => `${((100 * part) / Math.max(1, of)).toFixed(1)} %`;
  const { histories, operations, calls, plans, states, distinct, known, insideRecovery, rejections, violations, faults } = totals;
  return [
    `histories             ${grouped(histories)}, ${(operations / Math.max(1, histories)).toFixed(1)} operations each`,
    `fault plans           ${grouped(plans)}`,
    `calls of the disk     ${grouped(calls)}`,
    `states after a crash  ${grouped(states)}, ${grouped((1000 * states) / ms)} a second, each opened and held whole against the model`,
    `  distinct            ${grouped(distinct)}; ${share(states - distinct, states)} had been seen before, with other books`,
    `  inside recovery     ${share(insideRecovery, states)}`,
    `  passed by           ${grouped(known)}: the same image and the same books in the same history`,
    `unhandled rejections  ${rejections}`,
    `violations            ${violations.length}`,
    `seed ${seed}, ${processes} processes, ${(ms / 1000).toFixed(0)} s`,
    '',
    'faults met, by call and errno or kind; a dot stands for none:',
    printGrid(faults),
  ].join('\n');
}
