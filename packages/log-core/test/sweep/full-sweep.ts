/** The whole sweep, for `npm run faults -- --sweep`: prints its table and whatever it found. */
import { printCase, printTable, runSweep } from './run-sweep.js';

/** Answers how many violations there were. */
export async function runFullSweep(): Promise<number> {
  const every = Number(process.env['SWEEP_EVERY'] ?? 1);
  const startedAt = Date.now();
  const { counts, cases, violations } = await runSweep({ every });
  console.log(printTable(counts));
  for (const { at, violation } of violations.slice(0, 40)) console.log(`\n${printCase(at)}\n  ${violation.message}`);
  console.log(`\n${String(cases)} cases, ${String(violations.length)} violations, ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
  return violations.length;
}
