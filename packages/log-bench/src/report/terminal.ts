/** Drawing on a terminal: tables, a progress bar, a little colour. Piped, there is no colour and no bar. */
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import type { TableModel } from './table-model.js';

/** Where lines go, and whether they may be coloured. */
export interface Screen {
  readonly line: (text?: string) => void;
  readonly table: (table: TableModel) => void;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
}

function mayColour(): boolean {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
}

/** The terminal, or the pipe, behind standard output. */
export function standardScreen(): Screen {
  const colours = mayColour();
  const style =
    (code: number) =>
    (text: string): string =>
      colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  const line = (text = ''): void => {
    process.stdout.write(`${text}\n`);
  };
  const bold = style(1);
  const dim = style(2);
  return { line, bold, dim, red: style(31), table: (table) => line(drawTable(table, bold, dim)) };
}

function drawTable({ title, note, head, rows }: TableModel, bold: (text: string) => string, dim: (text: string) => string): string {
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' };
  const table = new Table({
    head: head.map(bold),
    colAligns: head.map((_, at) => (at === 0 ? 'left' : 'right')),
    chars: { ...none, left: '', right: '', 'left-mid': '', mid: '', 'mid-mid': '', 'right-mid': '', middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push([...row]);
  return `\n${bold(title)}\n${table.toString()}\n${dim(note)}`;
}

/** How far a long command has come. */
export interface ProgressBar {
  readonly step: (what: string, done: number, of: number) => void;
  readonly stop: () => void;
}

/** A bar on standard error where that is a terminal; nothing otherwise. */
export function progressBar(): ProgressBar {
  if (!process.stderr.isTTY || !process.stdout.isTTY) return { step: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: '{bar} {value}/{total}  {what}', stream: process.stderr, hideCursor: true, clearOnComplete: true, barsize: 24 });
  let started = false;
  return {
    step(what, done, of) {
      if (!started) bar.start(of, done, { what });
      else bar.update(done, { what });
      started = true;
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
