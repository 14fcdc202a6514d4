/** `brimlog-bench compare`: two files of `run --json` against each other. */
import { readRunFile } from '../model/run-file.js';
import type { RunFile } from '../model/sample.js';
import { compareRuns, comparisonTable, type Verdict } from '../report/compare-runs.js';
import type { Screen } from '../report/terminal.js';

/** What the command line says. */
export interface CompareOptions {
  readonly threshold: number;
  readonly absolute?: boolean;
}

/** Runs it; answers the exit code: 1 where something regressed past the threshold. */
export function compareCommand(beforePath: string, afterPath: string, { threshold, absolute = false }: CompareOptions, screen: Screen): number {
  const before = readRunFile(beforePath);
  const after = readRunFile(afterPath);
  const comparisons = compareRuns(before, after, { threshold, absolute });
  if (comparisons.length === 0) throw new Error('the two runs have no workload in common');
  screen.table(comparisonTable(comparisons, threshold));
  for (const warning of differences(before, after)) screen.line(screen.red(warning));
  const count = (wanted: Verdict): number => comparisons.filter(({ verdict }) => verdict === wanted).length;
  const [regressions, unclear] = [count('regression'), count('unclear')];
  screen.line(`${regressions} regressions of ${comparisons.length} workloads${unclear === 0 ? '' : `; ${unclear} unclear: the machine moved as much by itself, measure again`}`);
  return regressions === 0 ? 0 : 1;
}

/** What makes two runs hard to compare. */
function differences(before: RunFile, after: RunFile): string[] {
  const facts: readonly (readonly [string, string, string])[] = [
    ['processor', before.machine.cpu, after.machine.cpu],
    ['file system', before.machine.fileSystem.type, after.machine.fileSystem.type],
    ['Node', before.machine.versions['node'] ?? '', after.machine.versions['node'] ?? ''],
    ['length', before.quick ? 'quick' : 'whole', after.quick ? 'quick' : 'whole'],
  ];
  return facts.filter(([, a, b]) => a !== b).map(([what, a, b]) => `the runs differ in their ${what}: ${a}, then ${b}`);
}
