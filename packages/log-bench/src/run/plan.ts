/**
 * The order of a run. Rounds are outermost, so that a slow minute of the machine costs every workload one round and not one
 * workload all of them; which subject goes first turns, so that none always follows the same other.
 */
import type { Work, Workload } from '../model/workload.js';

/** One process to be started. */
export type PlannedStep =
  | { readonly kind: 'measure'; readonly workload: Workload; readonly subject: string; readonly round: number }
  | { readonly kind: 'profile'; readonly workload: Workload }
  | { readonly kind: 'strace'; readonly workload: Workload; readonly subject: string };

/** What is looked at besides the measurements, in processes of its own. */
export interface Observations {
  readonly profile: boolean;
  readonly strace: boolean;
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
  const counted = workloads.filter(({ work }) => work.kind === 'append' || work.kind === 'open-clean');
  const profiles = observe.profile ? workloads.filter(hasStretch).map((workload) => ({ kind: 'profile', workload }) as const) : [];
  const traces = observe.strace ? counted.flatMap((workload) => takersOf(workload).map((subject) => ({ kind: 'strace', workload, subject }) as const)) : [];
  return [...steps, ...profiles, ...traces];
}

/** An opening is over before a profile of it would say anything. */
function hasStretch({ work }: Workload): boolean {
  return work.kind !== 'open-clean' && work.kind !== 'open-unclean';
}

function turned<T>(items: readonly T[], by: number): T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
