/** `brimlog-bench workloads`: the names that `run --only` takes. */
import { WORKLOADS } from '../model/catalogue.js';
import type { Screen } from '../report/terminal.js';

/** Lists them. */
export function workloadsCommand(screen: Screen): void {
  screen.table({
    title: 'Workloads',
    note: 'Records of 100 B unless said. run --only takes names and patterns, by commas: durable-*, *-1k, written-16x1000-64b.',
    head: ['name', 'what is done', 'table', '--quick'],
    rows: WORKLOADS.map(({ name, title, table, isQuick }) => [name, title, table, isQuick ? 'yes' : '']),
  });
}
