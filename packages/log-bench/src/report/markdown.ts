/** Tables as Markdown. */
import type { TableModel } from './table-model.js';

/** First column to the left, figures to the right; the note below. */
export function markdownTable({ head, rows, note }: TableModel): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = line(head.map((_, at) => (at === 0 ? '---' : '---:')));
  return [line(head), rule, ...rows.map(line), ...(note === '' ? [] : ['', note])].join('\n');
}
