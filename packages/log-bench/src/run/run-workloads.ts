/**
 * Carries out a run: prepares the logs that are read and opened, then round by round every workload by every subject,
 * each in a fresh process and a fresh directory. The order of subjects turns from round to round.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MeasureJob, StraceJob } from '../jobs/job.js';
import type { RunScale } from '../model/run-scale.js';
import type { Sample, StraceCount } from '../model/sample.js';
import type { Workload } from '../model/workload.js';
import { runAndKill, runJob } from './child.js';
import { planRun, type PlannedStep } from './plan.js';
import { parseStrace, straceCommand } from './strace-summary.js';
import { supports } from '../stores/open-store.js';
import type { WorkDirectory } from './work-directory.js';

/** What is to be run. */
export interface RunRequest {
  readonly workloads: readonly Workload[];
  readonly subjects: readonly string[];
  readonly scale: RunScale;
  readonly peersFrom: string;
  readonly strace: boolean;
  /** Where CPU profiles go; null for none. */
  readonly profileDir: string | null;
}

/** What came out. */
export interface RunOutcome {
  readonly samples: readonly Sample[];
  readonly strace: readonly StraceCount[];
  /** Steps that failed, in words; the others stand. */
  readonly problems: readonly string[];
}

/** Killed at some moment of so many milliseconds after its first durable append. */
const KILL_AFTER_MS = { min: 50, range: 250 };

interface Prepared {
  readonly dir: string;
  readonly records: number;
}

/** Runs everything; `onStep` is told before each step. */
export async function runWorkloads(request: RunRequest, directory: WorkDirectory, onStep: (what: string, done: number, of: number) => void): Promise<RunOutcome> {
  const steps = planRun(request.workloads, { names: request.subjects, supports }, request.scale.rounds, {
    profile: request.profileDir !== null,
    strace: request.strace,
  });
  const prepared = new Map<string, Prepared>();
  const samples: Sample[] = [];
  const strace: StraceCount[] = [];
  const problems: string[] = [];
  for (const [done, step] of steps.entries()) {
    onStep(nameOf(step), done, steps.length);
    try {
      if (step.kind === 'measure') samples.push(await measureStep(request, directory, prepared, step, null));
      else if (step.kind === 'strace') strace.push(await straceStep(request, directory, prepared, step));
      else await profileStep(request, directory, prepared, step.workload);
    } catch (thrown) {
      problems.push(`${nameOf(step)}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  onStep('', steps.length, steps.length);
  return { samples, strace, problems };
}

function nameOf(step: PlannedStep): string {
  return step.kind === 'measure' ? `${step.subject} ${step.workload.name}, round ${step.round + 1}` : `${step.workload.name}, ${step.kind}`;
}

type MeasureStep = Extract<PlannedStep, { readonly kind: 'measure' }>;

async function measureStep(request: RunRequest, directory: WorkDirectory, prepared: Map<string, Prepared>, step: MeasureStep, profileTo: string | null): Promise<Sample> {
  const { workload, subject, round } = step;
  const input = await inputOf(request, directory, prepared, step);
  const dir = input?.dir ?? directory.fresh(workload.name);
  const job: MeasureJob = { kind: 'measure', workload, subject, round, dir, scale: request.scale, peersFrom: request.peersFrom, records: input?.records ?? null, profileTo };
  try {
    return await runJob(job);
  } finally {
    // What was prepared for one round only, or made by it, is not needed any more.
    if (![...prepared.values()].some((other) => other.dir === dir)) directory.discard(dir);
  }
}

/** The prepared log a workload needs; null where it begins with nothing. */
async function inputOf(request: RunRequest, directory: WorkDirectory, prepared: Map<string, Prepared>, step: { readonly workload: Workload; readonly subject: string }): Promise<Prepared | null> {
  const { scale, peersFrom } = request;
  const { subject } = step;
  switch (step.workload.work.kind) {
    case 'append':
    case 'offered':
      return null;
    case 'read':
    case 'verify':
      return keep(prepared, `filled ${subject}`, async () => {
        const dir = directory.fresh('filled');
        return { dir, ...(await runJob({ kind: 'fill', subject, dir, bytes: scale.readBytes, peersFrom })) };
      });
    case 'open-clean':
      return keep(prepared, 'segments', async () => {
        const dir = directory.fresh('segments');
        return { dir, ...(await runJob({ kind: 'segments', dir, segments: scale.segments })) };
      });
    case 'open-unclean': {
      const dir = directory.fresh('killed');
      const killAfterMs = KILL_AFTER_MS.min + Math.random() * KILL_AFTER_MS.range;
      return { dir, records: await runAndKill({ kind: 'killed-writer', dir, bytes: scale.uncleanBytes }, killAfterMs) };
    }
  }
}

async function keep(prepared: Map<string, Prepared>, name: string, make: () => Promise<Prepared>): Promise<Prepared> {
  const known = prepared.get(name);
  if (known !== undefined) return known;
  const made = await make();
  prepared.set(name, made);
  return made;
}

/** A round like any other, whose figures are thrown away. */
async function profileStep(request: RunRequest, directory: WorkDirectory, prepared: Map<string, Prepared>, workload: Workload): Promise<void> {
  const [subject = ''] = request.subjects;
  const profileTo = join(request.profileDir ?? '', workload.name);
  await measureStep(request, directory, prepared, { kind: 'measure', workload, subject, round: 0 }, profileTo);
}

async function straceStep(
  request: RunRequest,
  directory: WorkDirectory,
  prepared: Map<string, Prepared>,
  step: { readonly workload: Workload; readonly subject: string },
): Promise<StraceCount> {
  const { workload, subject } = step;
  const input = await inputOf(request, directory, prepared, step);
  const dir = input?.dir ?? directory.fresh('strace');
  const file = join(directory.path, 'strace.txt');
  const job: StraceJob = { kind: 'strace', workload, subject, dir, scale: request.scale, peersFrom: request.peersFrom };
  const counted = await runJob(job, { under: straceCommand(file) });
  if (input === null) directory.discard(dir);
  return { ...counted, calls: parseStrace(readFileSync(file, 'utf8')) };
}
