/** The report of a run as one HTML file: the charts it has something for, then all its tables. */
import type { RunFile } from '../../model/sample.js';
import { formatDuration } from '../format-number.js';
import { machineLines } from '../machine-lines.js';
import { runTables } from '../run-tables.js';
import { page } from './page.js';
import { runFigures } from './run-charts.js';
import { chartSvg } from './vega-svg.js';

/** Draws it. */
export async function runPage(run: RunFile): Promise<string> {
  const figures = await Promise.all(runFigures(run).map(async ({ title, note, chart }) => ({ title, note, chart: await chartSvg(chart) })));
  const left = run.leftOut.map((what) => `left out: ${what}`);
  const failed = run.problems.map(({ step, words }) => `failed: ${step}: ${words}`);
  const head = [
    `${run.startedAt}, ${run.scale.rounds} ${run.quick ? 'quick ' : ''}rounds in ${formatDuration(run.seconds)}; medians, lines are the extremes.`,
    ...machineLines(run.machine),
    ...left,
    ...failed,
  ];
  return page('brimlog-bench', head, figures, runTables(run));
}
