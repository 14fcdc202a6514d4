/** `brimlog-bench run`: measures the workloads, prints the tables, writes the file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chooseWorkloads, type Workload } from '../model/workload.js';
import { QUICK, WHOLE, type RunScale } from '../model/run-scale.js';
import type { RunFile } from '../model/sample.js';
import { checkedOf, linesOf } from '../report/aggregate.js';
import { formatCount } from '../report/format-number.js';
import { runPage } from '../report/html/run-page.js';
import { machineLines } from '../report/machine-lines.js';
import { profileTables } from '../report/profile-summary.js';
import { runTables } from '../report/run-tables.js';
import { progressBar, type Screen } from '../report/terminal.js';
import { describeMachine } from '../run/machine.js';
import { runWorkloads } from '../run/run-workloads.js';
import { straceWorks } from '../run/strace-summary.js';
import { defaultParent, withWorkDirectory } from '../run/work-directory.js';
import { findPeers } from '../stores/installed-peers.js';
import { BRIMLOG } from '../stores/open-store.js';

/** What the command line says. */
export interface RunOptions {
  readonly quick?: boolean;
  readonly dir?: string;
  readonly json?: string;
  readonly html?: string;
  readonly only?: readonly string[];
  readonly strace?: boolean;
  readonly peers?: boolean;
  readonly peersFrom?: string;
  readonly profile?: string;
}

/** Functions in the table of a profile. */
const PROFILE_ROWS = 14;

/** A durable slice writes at most so much a second on the disks of today, a written one too. */
const BYTES_PER_MS = 1_000_000;

/** Runs it; answers the exit code. */
export async function runCommand(options: RunOptions, screen: Screen): Promise<number> {
  const scale = options.quick === true ? QUICK : WHOLE;
  const workloads = chooseWorkloads(options.only ?? null);
  const parent = options.dir ?? defaultParent();
  const peersFrom = resolve(options.peersFrom ?? '.');
  const peers = options.peers === true ? findPeers(peersFrom) : { names: [], versions: {}, complaints: [] };
  const machine = await describeMachine(parent, peers.versions);
  for (const line of machineLines(machine)) screen.line(line);
  if ((machine.loadAverage[0] ?? 0) > machine.cores / 2) screen.line(screen.red('other work is running on this machine: only ratios mean something, and they vary'));
  for (const complaint of peers.complaints) screen.line(screen.red(complaint));
  const traces = options.strace === true && straceWorks();
  if (options.strace === true && !traces) screen.line('strace: not there, or not allowed to trace; its table is left out');

  const startedAt = new Date();
  const bar = progressBar();
  const request = { workloads, subjects: [BRIMLOG, ...peers.names], scale, peersFrom, strace: traces, profileDir: newDirectory(options.profile) };
  const outcome = await withWorkDirectory(parent, roomNeeded(scale, workloads), (directory) => runWorkloads(request, directory, bar.step)).finally(bar.stop);
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  const run: RunFile = {
    format: 'brimlog-bench-run',
    formatVersion: 1,
    startedAt: startedAt.toISOString(),
    seconds,
    quick: options.quick === true,
    scale,
    machine,
    workloads,
    samples: outcome.samples,
    strace: outcome.strace,
  };
  report(run, outcome.problems, screen);
  if (request.profileDir !== null) for (const table of profileTables(request.profileDir, PROFILE_ROWS)) screen.table(table);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(run, null, 1)}\n`);
  if (options.html !== undefined) writeFileSync(options.html, runPage(run));
  return outcome.problems.length === 0 ? 0 : 1;
}

function newDirectory(path: string | undefined): string | null {
  if (path === undefined) return null;
  mkdirSync(path, { recursive: true });
  return resolve(path);
}

function report(run: RunFile, problems: readonly string[], screen: Screen): void {
  for (const table of runTables(run)) screen.table(table);
  const checked = checkedOf(linesOf(run.workloads, run.samples));
  screen.line();
  screen.line(`${run.scale.rounds} rounds in ${run.seconds.toFixed(0)} s; medians, ± is half the range. ${formatCount(checked)} records read back, all equal.`);
  for (const problem of problems) screen.line(screen.red(`failed: ${problem}`));
}

/** One append workload at a time, and the prepared logs. */
function roomNeeded(scale: RunScale, workloads: readonly Workload[]): number {
  const prepared = workloads.some(({ table }) => table === 'reading' || table === 'opening') ? scale.readBytes + scale.uncleanBytes * 2 : 0;
  return prepared + (scale.warmMs + scale.sliceMs) * BYTES_PER_MS + 512 * 2 ** 20;
}
