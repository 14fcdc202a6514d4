/** `brimlog-bench disk`: what this disk can do, the floor for everything else. */
import { writeFileSync } from 'node:fs';
import { diskTables } from '../report/disk-tables.js';
import { machineLines } from '../report/machine-lines.js';
import { progressBar, type Screen } from '../report/terminal.js';
import { runJob } from '../run/child.js';
import { describeMachine } from '../run/machine.js';
import { defaultParent, withWorkDirectory } from '../run/work-directory.js';

/** What the command line says. */
export interface DiskOptions {
  readonly quick?: boolean;
  readonly dir?: string;
  readonly json?: string;
}

const QUICK = { rounds: 1, sliceMs: 100 };
const WHOLE = { rounds: 3, sliceMs: 300 };
const BYTES_NEEDED = 2 ** 30;

/** Runs it; answers the exit code. */
export async function diskCommand(options: DiskOptions, screen: Screen): Promise<number> {
  const parent = options.dir ?? defaultParent();
  const machine = await describeMachine(parent);
  for (const line of machineLines(machine)) screen.line(line);
  const bar = progressBar();
  const rows = await withWorkDirectory(parent, BYTES_NEEDED, (directory) =>
    runJob(
      { kind: 'disk', dir: directory.path, ...(options.quick === true ? QUICK : WHOLE) },
      {
        onMessage(message) {
          if (message.type === 'step') bar.step('', message.done, message.of);
        },
      },
    ),
  ).finally(bar.stop);
  for (const table of diskTables(rows)) screen.table(table);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ format: 'brimlog-bench-disk', formatVersion: 1, machine, rows }, null, 1)}\n`);
  return 0;
}
