// @ts-check
// The whole sweep, shared by several processes: prints each case that broke a promise, and the table of all.
import { writeFileSync } from 'node:fs';
import { bundle } from './bundle.mjs';
import { runProcesses } from './processes.mjs';
import { grouped, ProgressLine } from './progress-line.mjs';

/**
 * @typedef {import('../../packages/log-core/test/sweep/sweep-worker.js').SweepMessage} SweepMessage
 * @param {{ every: number, processes: number, json: string | undefined }} request
 * @returns {Promise<boolean>} whether every promise was kept
 */
export async function runWholeSweep({ every, processes, json }) {
  const path = await bundle('sweep/sweep-worker');
  /** @type {typeof import('../../packages/log-core/test/sweep/sweep-worker.js')} */
  const { addResult, noResult, printTable } = await import(path);
  const result = noResult();
  const startedAt = Date.now();
  const line = new ProgressLine();
  let done = 0;
  let failed = 0;
  const jobs = Array.from({ length: processes }, (_, part) => ({ every: every * processes, part: (part * every) % (every * processes) }));
  await runProcesses(path, jobs, (/** @type {SweepMessage} */ message) => {
    if (message.kind === 'result') {
      addResult(result, message.result);
      return;
    }
    done += 1;
    if (message.failed !== null) {
      failed += 1;
      line.clear();
      console.log(`VIOLATION, ${message.failed.name}: ${message.failed.message}\n  npm run faults -- --plan '${message.failed.plan}'\n`);
    }
    line.show(() => `${((Date.now() - startedAt) / 1000).toFixed(0)} s: ${grouped(done)} cases, ${failed} violations`);
  });
  line.clear();
  console.log(printTable(result));
  console.log(`\n${grouped(result.cases)} cases, ${result.failed.length} violations, ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ms: Date.now() - startedAt, ...result }, null, 2)}\n`);
  return result.failed.length === 0;
}
