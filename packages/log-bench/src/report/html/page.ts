/** The page around charts and tables: one file that loads nothing, light or dark as its reader's system is. */
import type { TableModel } from '../table-model.js';
import { element, escapeMarkup } from './markup.js';

const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1d2126;--faint:#5a6472;--rule:#e1e5ea;--s1:#0b62c4;--s2:#c2470a;--s3:#0f7b55;--s4:#7a3fb0;--s5:#8a6a00;--s6:#b3155f;--floor1:#667080;--floor2:#9aa3ae}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6e9ed;--faint:#98a2b0;--rule:#2c323a;--s1:#6db3ff;--s2:#ff9a5c;--s3:#4fd1a0;--s4:#c79bf2;--s5:#e0bd4a;--s6:#ff7eb6;--floor1:#98a2b0;--floor2:#66707d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1120px;padding:16px;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,sans-serif}
h1{font-size:1.5rem;margin:.2em 0}h2{font-size:1.1rem;margin:0 0 .3em}
p{margin:.3em 0}.faint{color:var(--faint);font-size:.85rem;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(320px,100%),1fr));gap:28px;margin:24px 0}
section{min-width:0}svg{display:block;width:100%;max-width:540px;height:auto}
svg text{paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.scroll{overflow-x:auto;margin:0 0 4px}table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:4px 14px 4px 0;text-align:right;border-bottom:1px solid var(--rule)}th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:var(--paper)}
@media (max-width:600px){th:first-child,td:first-child{white-space:normal;min-width:30vw;max-width:38vw}}
.tables section{margin:26px 0}`;

/** A chart with its heading; `chart` is markup already. */
export interface Figure {
  readonly title: string;
  readonly note: string;
  readonly chart: string;
}

/** A whole document. */
export function page(title: string, lines: readonly string[], figures: readonly Figure[], tables: readonly TableModel[]): string {
  const head = element('h1', {}, escapeMarkup(title)) + lines.map((line) => element('p', { class: 'faint' }, escapeMarkup(line))).join('');
  const charts = figures.map((figure) => element('section', {}, heading(figure.title) + element('div', { role: 'img', 'aria-label': figure.title }, figure.chart) + note(figure.note)));
  const drawn = tables.map((table) => element('section', {}, heading(table.title) + element('div', { class: 'scroll' }, tableMarkup(table)) + note(table.note)));
  const body = head + element('div', { class: 'charts' }, charts.join('\n')) + element('div', { class: 'tables' }, drawn.join('\n'));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeMarkup(title)}</title><style>${STYLE}</style></head>
<body>${body}</body></html>
`;
}

function heading(text: string): string {
  return element('h2', {}, escapeMarkup(text));
}

function note(text: string): string {
  return text === '' ? '' : element('p', { class: 'faint' }, escapeMarkup(text));
}

function tableMarkup({ head, rows }: TableModel): string {
  const row = (cells: readonly string[], name: 'th' | 'td'): string => element('tr', {}, cells.map((cell) => element(name, {}, escapeMarkup(cell))).join(''));
  return element('table', {}, element('thead', {}, row(head, 'th')) + element('tbody', {}, rows.map((cells) => row(cells, 'td')).join('')));
}
