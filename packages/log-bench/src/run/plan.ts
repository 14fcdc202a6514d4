/**
 * The order of a run. Rounds are outermost, so that a slow minute of the machine costs every workload one round and not one
 * workload all of them; which subject goes first turns, so that none always follows the same other.
 */
import type { Workload } from '../model/workload.js';

/** One process to be started. */
export type PlannedStep =
  | { readonly kind: 'measure'; readonly workload: Workload; readonly subject: string; readonly round: number }
  | { readonly kind: 'profile'; readonly workload: Workload }
  | { readonly kind: 'strace'; readonly workload: Workload };

/** What is looked at besides the measurements, in processes of its own. */
export interface Observations {
  readonly profile: boolean;
  readonly strace: boolean;
}

/** Peers do not have the first subject's ways of opening and verifying: only what every store does is compared. */
function isComparable(workload: Workload): boolean {
  return workload.work.kind === 'append' || workload.work.kind === 'offered' || workload.work.kind === 'read';
}

/** All steps in their order; `subjects[0]` is the log itself. */
export function planRun(workloads: readonly Workload[], subjects: readonly string[], rounds: number, observe: Observations): PlannedStep[] {
  const steps: PlannedStep[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const workload of workloads) {
      const taking = isComparable(workload) ? subjects : subjects.slice(0, 1);
      for (const subject of turned(taking, round)) steps.push({ kind: 'measure', workload, subject, round });
    }
  }
  const appending = workloads.filter(({ work }) => work.kind === 'append');
  const profiles = observe.profile ? workloads.filter(hasStretch).map((workload) => ({ kind: 'profile', workload }) as const) : [];
  const traces = observe.strace ? appending.map((workload) => ({ kind: 'strace', workload }) as const) : [];
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
