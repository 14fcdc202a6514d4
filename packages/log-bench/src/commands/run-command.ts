/** `brimlog-bench run`: measures the workloads, prints the tables, writes the files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chooseWorkloads } from '../model/catalogue.js';
import { runFileText } from '../model/run-file.js';
import { QUICK, WHOLE, type RunScale } from '../model/run-scale.js';
import { BRIMLOG, type Machine, type RunFile } from '../model/sample.js';
import { appendBytes, producersAtOnce, type Workload } from '../model/workload.js';
import { checkedOf, linesOf } from '../report/aggregate.js';
import { formatCount, formatDuration } from '../report/format-number.js';
import { machineLines } from '../report/machine-lines.js';
import { profileTables } from '../report/profile-summary.js';
import { runTables } from '../report/run-tables.js';
import { progressBar, type Screen } from '../report/terminal.js';
import { describeMachine } from '../run/machine.js';
import { estimateSeconds, planRun } from '../run/plan.js';
import { runWorkloads } from '../run/run-workloads.js';
import { straceWorks } from '../run/strace-summary.js';
import { defaultParent, withWorkDirectory } from '../run/work-directory.js';
import { findPeers } from '../stores/installed-peers.js';
import { supports } from '../stores/open-store.js';

/** What the command line says. */
export interface RunOptions {
  readonly quick?: boolean;
  readonly rounds?: number;
  readonly dir?: string;
  readonly json?: string;
  readonly html?: string;
  readonly only?: readonly string[];
  /** False where it was switched off. */
  readonly strace: boolean;
  readonly peers?: boolean;
  readonly peersFrom?: string;
  readonly profile?: string;
}

/** Functions in the table of a profile. */
const PROFILE_ROWS = 14;

/** A slice writes at most so much a second on the disks of today. */
const BYTES_PER_MS = 1_000_000;
const MIB = 1024 * 1024;

/** Runs it; answers the exit code: 1 where a step of the log failed. What fails in other stores is told, and is theirs. */
export async function runCommand(options: RunOptions, screen: Screen): Promise<number> {
  const quick = options.quick === true;
  const usual = quick ? QUICK : WHOLE;
  const scale = { ...usual, rounds: options.rounds ?? usual.rounds };
  const workloads = chooseWorkloads({ patterns: options.only ?? null, quick });
  const parent = options.dir ?? defaultParent();
  const peersFrom = resolve(options.peersFrom ?? '.');
  const peers = options.peers === true ? findPeers(peersFrom) : { names: [], versions: {}, complaints: [] };
  const machine = await describeMachine(parent, peers.versions);
  const traces = options.strace && straceWorks();
  const profileDir = newDirectory(options.profile);
  const subjects = { names: [BRIMLOG, ...peers.names], supports };
  const steps = planRun(workloads, subjects, scale.rounds, { profile: profileDir !== null, strace: traces, kill: true });

  head(machine, screen);
  for (const complaint of peers.complaints) screen.line(screen.red(complaint));
  if (options.strace && !traces) screen.line('strace is not there, or may not trace: syncs are counted by the log alone');
  screen.line(`${steps.length} steps, about ${formatDuration(estimateSeconds(steps, scale))}`);

  const startedAt = new Date();
  const bar = progressBar();
  const request = { steps, scale, peersFrom, profileDir };
  const outcome = await withWorkDirectory(parent, roomNeeded(scale, workloads), (directory) => runWorkloads(request, directory, bar.step)).finally(bar.stop);
  const run: RunFile = {
    format: 'brimlog-bench-run',
    formatVersion: 1,
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    quick,
    scale,
    machine,
    workloads,
    ...outcome,
  };
  if (options.json !== undefined) writeFileSync(options.json, runFileText(run));
  if (options.html !== undefined) await writePage(run, options.html);
  report(run, screen);
  if (profileDir !== null) for (const table of profileTables(profileDir, PROFILE_ROWS)) screen.table(table);
  return outcome.problems.some(({ subject }) => subject === BRIMLOG) ? 1 : 0;
}

/** Charts are drawn by a large library: loaded only where there are some. */
async function writePage(run: RunFile, path: string): Promise<void> {
  const { runPage } = await import('../report/html/run-page.js');
  writeFileSync(path, await runPage(run));
}

function head(machine: Machine, screen: Screen): void {
  for (const line of machineLines(machine)) screen.line(line);
  if ((machine.loadAverage[0] ?? 0) > machine.cores / 2) screen.line(screen.red('other work is running on this machine: only ratios mean something, and they vary'));
}

function newDirectory(path: string | undefined): string | null {
  if (path === undefined) return null;
  mkdirSync(path, { recursive: true });
  return resolve(path);
}

function report(run: RunFile, screen: Screen): void {
  for (const table of runTables(run)) screen.table(table);
  const checked = checkedOf(linesOf(run.workloads, run.samples));
  screen.line();
  screen.line(`${run.scale.rounds} rounds in ${formatDuration(run.seconds)}; medians, ± is half the range. ${formatCount(checked)} records read back, all equal.`);
  for (const left of run.leftOut) screen.line(`left out: ${left}`);
  for (const { step, words } of run.problems) screen.line(screen.red(`failed: ${step}: ${words}`));
}

/** The prepared logs, which stay, and the largest of what is made for a round: a log, and its floors. */
function roomNeeded(scale: RunScale, workloads: readonly Workload[]): number {
  const prepared = new Map<string, number>();
  let largest = 0;
  for (const { work } of workloads) {
    if (work.kind === 'open-unclean') {
      prepared.set(`killed ${work.bytes}`, work.bytes * 1.2);
      largest = Math.max(largest, work.bytes * 1.2);
    } else if (work.kind === 'open-clean') prepared.set(`segments ${work.segments}`, work.segments * 16 * 1024);
    else if (work.kind === 'read' || work.kind === 'verify' || work.kind === 'read-random') prepared.set(`filled`, scale.readBytes * 2);
    else if (work.kind === 'append') {
      const atOnce = appendBytes(work.size, work.batchRecords) * producersAtOnce(work);
      largest = Math.max(largest, (scale.warmMs + scale.sliceMs) * Math.min(BYTES_PER_MS, atOnce * 10) + atOnce * 4);
    }
  }
  return [...prepared.values()].reduce((sum, bytes) => sum + bytes, largest) + 512 * MIB;
}
