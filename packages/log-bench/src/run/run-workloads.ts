/**
 * Carries out a run, step by step, each in a fresh process and a fresh directory. A step that fails becomes a problem in
 * words, and the others stand.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MeasureJob, StraceJob } from '../jobs/job.js';
import type { RunScale } from '../model/run-scale.js';
import { BRIMLOG, type KillCount, type Problem, type RunFile, type Sample, type StraceCount } from '../model/sample.js';
import type { Workload } from '../model/workload.js';
import { runAndKill, runJob } from './child.js';
import type { PlannedStep } from './plan.js';
import { PreparedLogs } from './prepared-logs.js';
import { smallVolumeIn, type SmallVolume } from './small-volume.js';
import { countTrace, straceCommand } from './strace-summary.js';
import type { WorkDirectory } from './work-directory.js';

/** How it is to be run. */
export interface RunRequest {
  readonly steps: readonly PlannedStep[];
  readonly scale: RunScale;
  readonly peersFrom: string;
  /** Where CPU profiles go; null for none. */
  readonly profileDir: string | null;
}

/** What came out. */
export type RunOutcome = Pick<RunFile, 'samples' | 'strace' | 'kills' | 'leftOut' | 'problems'>;

/** A producer is killed so long after its first acknowledgement. */
const KILL_PRODUCER_AFTER_MS = 200;

/** Runs everything; `onStep` is told before each step. */
export async function runWorkloads(request: RunRequest, directory: WorkDirectory, onStep: (what: string, done: number, of: number) => void): Promise<RunOutcome> {
  const run = new Run(request, directory);
  for (const [done, step] of request.steps.entries()) {
    onStep(nameOf(step), done, request.steps.length);
    await run.take(step);
  }
  onStep('', request.steps.length, request.steps.length);
  return run.outcome;
}

function nameOf(step: PlannedStep): string {
  return `${subjectOf(step)} ${step.workload.name}, ${step.kind === 'measure' ? `round ${step.round + 1}` : step.kind}`;
}

function subjectOf(step: PlannedStep): string {
  return step.kind === 'profile' ? BRIMLOG : step.subject;
}

/** What is left out is said once, however many steps it were. */
class LeftOut extends Error {}

class Run {
  readonly #request: RunRequest;
  readonly #directory: WorkDirectory;
  readonly #prepared: PreparedLogs;
  readonly #samples: Sample[] = [];
  readonly #strace: StraceCount[] = [];
  readonly #kills: KillCount[] = [];
  readonly #leftOut = new Set<string>();
  readonly #problems: Problem[] = [];

  constructor(request: RunRequest, directory: WorkDirectory) {
    this.#request = request;
    this.#directory = directory;
    this.#prepared = new PreparedLogs(directory, request.scale, request.peersFrom);
  }

  get outcome(): RunOutcome {
    return { samples: this.#samples, strace: this.#strace, kills: this.#kills, leftOut: [...this.#leftOut], problems: this.#problems };
  }

  async take(step: PlannedStep): Promise<void> {
    try {
      switch (step.kind) {
        case 'measure':
          this.#samples.push(await this.#measure(step.workload, step.subject, step.round, null));
          return;
        case 'profile':
          await this.#measure(step.workload, BRIMLOG, 0, join(this.#request.profileDir ?? '', step.workload.name));
          return;
        case 'strace':
          this.#strace.push(await this.#trace(step.workload, step.subject));
          return;
        case 'kill':
          this.#kills.push(await this.#kill(step.workload, step.subject));
      }
    } catch (thrown) {
      const words = thrown instanceof Error ? thrown.message : String(thrown);
      if (thrown instanceof LeftOut) this.#leftOut.add(`${step.workload.name}: ${words}`);
      else this.#problems.push({ subject: subjectOf(step), step: nameOf(step), words });
    }
  }

  async #measure(workload: Workload, subject: string, round: number, profileTo: string | null): Promise<Sample> {
    const { scale, peersFrom } = this.#request;
    const input = await this.#prepared.for(workload.work, subject);
    const home = input?.dir ?? this.#directory.fresh(workload.name);
    const volume = workload.work.kind === 'disk-full' ? volumeIn(home) : null;
    const dir = volume?.mountPoint ?? home;
    const job: MeasureJob = { kind: 'measure', workload, subject, round, dir, scale, peersFrom, records: input?.records ?? null, profileTo };
    try {
      return await runJob(job, { under: volume?.command ?? [] });
    } finally {
      if (input?.isForOnce !== false) this.#directory.discard(home);
    }
  }

  async #trace(workload: Workload, subject: string): Promise<StraceCount> {
    const { scale, peersFrom } = this.#request;
    const input = await this.#prepared.for(workload.work, subject);
    const dir = input?.dir ?? this.#directory.fresh('strace');
    const file = join(this.#directory.path, 'strace.txt');
    const job: StraceJob = { kind: 'strace', workload, subject, dir, scale, peersFrom };
    const counted = await runJob(job, { under: straceCommand(file) });
    if (input === null) this.#directory.discard(dir);
    return { ...counted, ...countTrace(readFileSync(file, 'latin1'), dir) };
  }

  async #kill(workload: Workload, subject: string): Promise<KillCount> {
    const { peersFrom } = this.#request;
    const dir = this.#directory.fresh('kill');
    const acknowledged = await runAndKill({ kind: 'killed-producer', workload, subject, dir, peersFrom }, KILL_PRODUCER_AFTER_MS);
    try {
      const { found } = await runJob({ kind: 'recount', workload, subject, dir, peersFrom });
      if (subject === BRIMLOG && found < acknowledged) throw new Error(`${acknowledged} records were acknowledged before kill -9, ${found} are there`);
      return { workload: workload.name, subject, acknowledged, found };
    } catch (thrown) {
      // What another store cannot read after a kill is a finding about it, not a failure of the run.
      if (subject === BRIMLOG) throw thrown;
      return { workload: workload.name, subject, acknowledged, found: null };
    } finally {
      this.#directory.discard(dir);
    }
  }
}

function volumeIn(home: string): SmallVolume {
  const volume = smallVolumeIn(home);
  if ('problem' in volume) throw new LeftOut(volume.problem);
  return volume;
}
