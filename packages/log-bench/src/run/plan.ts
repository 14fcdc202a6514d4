/**
 * The order of a run, and about how long it takes. Rounds are outermost, so that a slow minute of the machine costs every
 * workload one round and not one workload all of them; which subject goes first turns, so that none always follows the same other.
 */
import type { RunScale } from '../model/run-scale.js';
import type { Work, Workload } from '../model/workload.js';

/** One process to be started. */
export type PlannedStep =
  | { readonly kind: 'measure'; readonly workload: Workload; readonly subject: string; readonly round: number }
  | { readonly kind: 'profile'; readonly workload: Workload }
  | { readonly kind: 'strace'; readonly workload: Workload; readonly subject: string }
  | { readonly kind: 'kill'; readonly workload: Workload; readonly subject: string };

/** What is looked at besides the measurements, in processes of its own. */
export interface Observations {
  readonly profile: boolean;
  readonly strace: boolean;
  readonly kill: boolean;
}

/** Stores under test, and what each can be asked. */
export interface Subjects {
  readonly names: readonly string[];
  readonly supports: (subject: string, work: Work) => boolean;
}

/** All steps in their order. */
export function planRun(workloads: readonly Workload[], subjects: Subjects, rounds: number, observe: Observations): PlannedStep[] {
  const takersOf = ({ work }: Workload): string[] => subjects.names.filter((subject) => subjects.supports(subject, work));
  const steps: PlannedStep[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const workload of workloads) {
      for (const subject of turned(takersOf(workload), round)) steps.push({ kind: 'measure', workload, subject, round });
    }
  }
  const byTakers = (kind: 'strace' | 'kill', chosen: readonly Workload[]): PlannedStep[] =>
    chosen.flatMap((workload) => takersOf(workload).map((subject) => ({ kind, workload, subject })));
  const profiles = observe.profile ? workloads.filter(hasStretch).map((workload) => ({ kind: 'profile', workload }) as const) : [];
  const traces = observe.strace ? byTakers('strace', workloads.filter(isCounted)) : [];
  const kills = observe.kill ? byTakers('kill', workloads.filter(isKilled)) : [];
  return [...steps, ...profiles, ...traces, ...kills];
}

/** An opening is over before a profile of it would say anything. */
function hasStretch({ work }: Workload): boolean {
  return work.kind !== 'open-clean' && work.kind !== 'open-unclean';
}

function isCounted({ work }: Workload): boolean {
  return (work.kind === 'append' && !work.followed) || work.kind === 'open-clean';
}

/** One producer, so that what was acknowledged is the first of what is found. */
function isKilled({ work }: Workload): boolean {
  return work.kind === 'append' && work.ack === 'written' && work.producers === 1;
}

function turned<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** What a process takes to start, to open and close, and to read back what it appended, on a machine of today. */
const OVERHEAD_MS = 600;
/** Reading a GiB three times and comparing it once, verifying it twice, recovering and checking it; all of small records. */
const READ_MS_PER_BYTE = 14_000 / 2 ** 30;
const VERIFY_MS_PER_BYTE = 7000 / 2 ** 30;
const RECOVER_MS_PER_BYTE = 4000 / 2 ** 30;
/** Making a GiB once. */
const MAKE_MS_PER_BYTE = 9000 / 2 ** 30;
/** Filling a volume and freeing it. */
const FULL_DISK_MS = 3000;
/** Making one of many segments. */
const SEGMENT_MS = 1.5;

/** About how many seconds these steps take, what they need made first included. */
export function estimateSeconds(steps: readonly PlannedStep[], scale: RunScale): number {
  const made = new Map(steps.map(({ workload }) => [workload.name, makeMs(workload.work)]));
  const makingMs = [...made.values()].reduce((sum, ms) => sum + ms, 0);
  return (steps.reduce((sum, step) => sum + OVERHEAD_MS + stepMs(step, scale), 0) + makingMs) / 1000;
}

function makeMs(work: Work): number {
  if (work.kind === 'open-clean') return work.segments * SEGMENT_MS;
  return work.kind === 'open-unclean' ? work.bytes * MAKE_MS_PER_BYTE : 0;
}

function stepMs({ kind, workload: { work } }: PlannedStep, scale: RunScale): number {
  if (kind === 'strace') return scale.straceMs;
  if (kind === 'kill') return scale.sliceMs;
  switch (work.kind) {
    case 'append':
      return scale.warmMs + scale.sliceMs * 1.4 + scale.floorMs * (work.producers > 1 && work.batchRecords === 1 ? 4 : 2);
    case 'offered':
    case 'follow':
      return scale.warmMs + scale.offeredMs + scale.floorMs;
    case 'read':
      return scale.readBytes * READ_MS_PER_BYTE;
    case 'read-random':
      return scale.sliceMs + scale.floorMs;
    case 'verify':
      return scale.readBytes * VERIFY_MS_PER_BYTE;
    case 'open-unclean':
      return work.bytes * RECOVER_MS_PER_BYTE;
    case 'open-clean':
      return 0;
    case 'disk-full':
      return FULL_DISK_MS + scale.fullMs;
  }
}
