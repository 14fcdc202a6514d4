/**
 * Fills a page of documentation with the figures of a run: between `<!-- figures NAME -->` and `<!-- end -->` stands what the
 * run says under that name, and nothing else of the page is touched. Filling twice is the same as once.
 */
import { BRIMLOG, type RunFile } from '../model/sample.js';
import type { TableName } from '../model/workload.js';
import { linesOf, type Line } from './aggregate.js';
import { formatDuration, formatSmall, formatCount } from './format-number.js';
import { machineLines } from './machine-lines.js';
import { markdownTable } from './markdown.js';
import { costTable, figureTable, killTable, openingTraceTable } from './run-tables.js';
import type { TableModel } from './table-model.js';
import { TABLE_STYLES } from './table-styles.js';
import { targetTable } from './target-table.js';

const PLACE = /(<!-- figures ([a-z-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The page with the figures of `run`; throws where it asks for what there is none of. */
export function fillPage(page: string, run: RunFile): string {
  return page.replace(PLACE, (_, begin: string, name: string, end: string) => `${begin}${figuresOf(name, run)}\n${end}`);
}

function figuresOf(name: string, run: RunFile): string {
  const table = name === 'machine' ? null : tableOf(name, run);
  if (table === null) return machineText(run);
  if (table.rows.length === 0) throw new Error(`the page wants figures of ${name}, and the run has none`);
  return markdownTable(table);
}

function tableOf(name: string, run: RunFile): TableModel {
  const own = linesOf(run.workloads, run.samples).filter(({ subject, workload }) => subject === BRIMLOG && workload.isQuick);
  switch (name) {
    case 'targets':
      return targetTable(run);
    case 'costs':
      return costTable(run, own);
    case 'kills':
      return killTable(run);
    case 'opening-calls':
      return openingTraceTable(run);
    default: {
      const style = Object.entries(TABLE_STYLES).find(([known]) => known === name)?.[1];
      if (style === undefined) throw new Error(`the page wants figures of ${name}; there are ${[...Object.keys(TABLE_STYLES), 'machine', 'targets', 'costs', 'kills', 'opening-calls'].join(', ')}`);
      const lines = own.filter(({ workload }) => workload.table === (name as TableName));
      return besideOthers(figureTable(style, lines, run.strace), lines, run);
    }
  }
}

/** The log's own rows, and the figures of every other store beside them. */
function besideOthers(table: TableModel, own: readonly Line[], run: RunFile): TableModel {
  const all = linesOf(run.workloads, run.samples);
  const others = [...new Set(all.map(({ subject }) => subject))].filter((subject) => subject !== BRIMLOG && own.some(({ workload }) => all.some((line) => line.subject === subject && line.workload === workload)));
  const figure = (subject: string, { workload, unit }: Line): string => {
    const line = all.find((one) => one.subject === subject && one.workload === workload);
    return (unit === 'ms' ? formatSmall : formatCount)(line?.figure.median ?? NaN);
  };
  const unit = own[0]?.unit === 'ms' ? 'p99 ms' : 'records/s';
  return { ...table, head: [...table.head, ...others.map((subject) => `${subject} ${unit}`)], rows: table.rows.map((cells, at) => [...cells, ...others.map((subject) => figure(subject, own[at] as Line))]) };
}

function machineText(run: RunFile): string {
  const rounds = `${run.scale.rounds} ${run.quick ? 'quick ' : ''}rounds in ${formatDuration(run.seconds)}, ${run.startedAt.slice(0, 10)}; medians, ± is half the range.`;
  return [...machineLines(run.machine), rounds].map((line) => `> ${line}  `.trimEnd()).join('  \n');
}
