/** The tables of a run: the same cells for the terminal and for the page. */
import { BRIMLOG, timesFloor, type KillCount, type RunFile, type StraceCount } from '../model/sample.js';
import type { TableName, Workload } from '../model/workload.js';
import { bestOther, linesOf, type Line } from './aggregate.js';
import { formatCount, formatSmall, formatTimes } from './format-number.js';
import type { TableModel } from './table-model.js';
import { COST_COLUMNS, TABLE_STYLES, type Column, type TableStyle } from './table-styles.js';
import { targetTable } from './target-table.js';

/** All tables that have a row. */
export function runTables(run: RunFile): TableModel[] {
  const lines = linesOf(run.workloads, run.samples);
  const figures = Object.entries(TABLE_STYLES).map(([name, style]) => figureTable(style, lines.filter(({ workload }) => workload.table === (name as TableName)), run.strace));
  return [...figures, costTable(run, lines), ...straceTables(run), killTable(run), targetTable(run)].filter(({ rows }) => rows.length > 0);
}

/** The table of some lines, with the syncs strace counted and the best other store where there are several. */
export function figureTable(style: TableStyle, lines: readonly Line[], strace: readonly StraceCount[]): TableModel {
  const columns = [...style.columns, ...syncColumn(lines, strace)];
  return tableOf({ ...style, columns: hasPeers(lines) ? [...columns, ['× best other', (line) => timesBestOther(line, lines)]] : columns }, lines);
}

/** What some lines cost their processes. */
export function costTable({ machine }: RunFile, lines: readonly Line[]): TableModel {
  const style = {
    title: 'What it cost the process, the benchmark’s own share included',
    note: `syncs and writes as the log counts them; loop = delay of the event loop, ${formatSmall(machine.idleLoopDelayMs)} ms (p99) while nothing is done; RSS = the most memory the process ever had; heap = JavaScript heap allocated, the caller’s awaiting included.`,
    columns: COST_COLUMNS,
  };
  const costly = lines.filter(({ samples }) => samples.some(({ costs }) => costs !== null));
  return tableOf(style, costly, titleWithTable);
}

function titleWithTable({ table, title }: Workload): string {
  return `${table}: ${title}`;
}

function tableOf({ title, note, columns }: TableStyle, lines: readonly Line[], titleOf = (workload: Workload): string => workload.title): TableModel {
  const stores: readonly Column[] = hasPeers(lines) ? [['store', ({ subject }) => subject]] : [];
  const all: readonly Column[] = [['workload', ({ workload }) => titleOf(workload)], ...stores, ...columns];
  return { title, note, head: all.map(([head]) => head), rows: lines.map((line) => all.map(([, cell]) => cell(line))) };
}

function hasPeers(lines: readonly Line[]): boolean {
  return lines.some(({ subject }) => subject !== BRIMLOG);
}

/** Syncs per acknowledged append as strace counted them: nobody wins by not syncing. */
function syncColumn(lines: readonly Line[], strace: readonly StraceCount[]): readonly Column[] {
  const countOf = ({ workload, subject }: Line): StraceCount | undefined =>
    strace.find((count) => count.workload === workload.name && count.subject === subject);
  if (!lines.some((line) => line.workload.work.kind === 'append' && countOf(line) !== undefined)) return [];
  const cell = (line: Line): string => {
    const count = countOf(line);
    return formatSmall(count === undefined ? NaN : count.syncs / count.times);
  };
  return [['syncs/append', cell]];
}

function timesBestOther(line: Line, lines: readonly Line[]): string {
  const best = bestOther(line, lines);
  return best === null ? formatTimes(NaN) : `${formatTimes(timesFloor(line.unit, line.figure.median, best.figure.median))} ${best.subject}`;
}

const APPEND_CALLS = ['fdatasync', 'fsync', 'msync', 'sync_file_range', 'write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'futex', 'epoll_wait', 'epoll_pwait'];
const OPEN_CALLS = ['openat', 'statx', 'newfstatat', 'getdents64', 'read', 'pread64', 'preadv', 'pwrite64', 'fdatasync', 'fsync', 'futex'];

/** Calls as the kernel counted them, starting and ending of the process included. */
function straceTables({ strace, workloads }: RunFile): TableModel[] {
  return [
    {
      ...straceTable(strace.filter(isOf('append', workloads)), workloads, [['syncs', ({ syncs }) => syncs]], APPEND_CALLS),
      title: 'System calls per append, counted by strace',
      note: `syncs = fdatasync and its like, and writes to files opened with O_DSYNC. ${WHOLE_LIFE}`,
    },
    openingTraceTable({ strace, workloads }),
  ];
}

/** What an opening asks the system for. */
export function openingTraceTable({ strace, workloads }: Pick<RunFile, 'strace' | 'workloads'>): TableModel {
  return {
    ...straceTable(strace.filter(isOf('open-clean', workloads)), workloads, [['files read', ({ filesRead }) => filesRead], ['files asked for by name', ({ filesStatted }) => filesStatted]], OPEN_CALLS),
    title: 'System calls of an opening and closing, counted by strace',
    note: `files: the log’s own, each counted once. Starting the process alone takes some 120 statx, 50 openat and 15 pread64. ${WHOLE_LIFE}`,
  };
}

const WHOLE_LIFE = 'Over the whole life of a process that does nothing else.';

function isOf(kind: 'append' | 'open-clean', workloads: readonly Workload[]): (count: StraceCount) => boolean {
  return ({ workload }) => workloads.some(({ name, work }) => name === workload && work.kind === kind);
}

type CountColumn = readonly [head: string, value: (count: StraceCount) => number];

function straceTable(counts: readonly StraceCount[], workloads: readonly Workload[], own: readonly CountColumn[], calls: readonly string[]): Pick<TableModel, 'head' | 'rows'> {
  const used = calls.filter((name) => counts.some((count) => (count.calls[name] ?? 0) > 0));
  const columns: readonly CountColumn[] = [...own, ...used.map((name): CountColumn => [name, (count) => count.calls[name] ?? 0])];
  return {
    head: ['workload', 'store', 'times', ...columns.map(([head]) => head)],
    rows: counts.map((count) => [nameOf(count, workloads), count.subject, formatCount(count.times), ...columns.map(([, value]) => formatSmall(value(count) / count.times))]),
  };
}

function nameOf({ workload }: StraceCount | KillCount, workloads: readonly Workload[]): string {
  const found = workloads.find(({ name }) => name === workload);
  return found === undefined ? workload : titleWithTable(found);
}

function killVerdict({ acknowledged, found }: KillCount): string {
  if (found === null) return 'NOT TO BE READ';
  return found >= acknowledged ? 'all there' : 'LOST SOME';
}

/** Who kept what after kill -9. */
export function killTable({ kills, workloads }: RunFile): TableModel {
  return {
    title: 'After kill -9 of the producer',
    note: 'acknowledged = what the killed process had told before; found = records another process read, all compared.',
    head: ['workload', 'store', 'acknowledged', 'found', ''],
    rows: kills.map((kill) => [nameOf(kill, workloads), kill.subject, formatCount(kill.acknowledged), formatCount(kill.found ?? NaN), killVerdict(kill)]),
  };
}
