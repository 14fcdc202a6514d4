/** What a run counts, so that "no violation" can be weighed: how much was tried, and which faults were met. */
import type { FaultCounts } from '../../src/testing/index.js';

/** Counted over one history. */
export interface RunCounts {
  /** Calls of the disk, by every process. */
  calls: number;
  /** Fault plans that came into force. */
  plans: number;
  /** States that a power cut left, each opened and held whole against the model. */
  states: number;
  /** Of these, states of a cut inside an opening. */
  insideRecovery: number;
  /** States that were passed by: the same image had been checked against the same books in this history. */
  known: number;
  /** Hashes of the durable images of the states. */
  readonly hashes: number[];
  /** Faults by operation and sign. */
  readonly faults: Record<string, Record<string, number>>;
}

export function noCounts(): RunCounts {
  return { calls: 0, plans: 0, states: 0, insideRecovery: 0, known: 0, hashes: [], faults: {} };
}

/** Adds what one disk met. */
export function addFaults(to: RunCounts['faults'], from: FaultCounts | RunCounts['faults']): void {
  for (const [operation, signs] of Object.entries(from)) {
    const row = (to[operation] ??= {});
    for (const [sign, count] of Object.entries(signs)) row[sign] = (row[sign] ?? 0) + count;
  }
}
