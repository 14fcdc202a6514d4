/** One process of the whole sweep: takes its part, tells its parent about each case, and ends with what it counted. */
import { runSweep, type FailedCase, type SweepResult } from './run-sweep.js';

export { addResult, noResult, printTable } from './run-sweep.js';

/** Every `every`-th case from number `part` on. */
export interface SweepJob {
  readonly every: number;
  readonly part: number;
}

/** What is told while a part runs, and when it is through. */
export type SweepMessage = { readonly kind: 'case'; readonly failed: FailedCase | null } | { readonly kind: 'result'; readonly result: SweepResult };

if (process.send !== undefined) process.once('message', ({ every, part }: SweepJob) => {
  const tell = (message: SweepMessage): void => {
    process.send?.(message);
  };
  runSweep({ every, part, onCase: (failed) => tell({ kind: 'case', failed }) }).then(
    (result) => {
      tell({ kind: 'result', result });
      process.disconnect();
    },
    (bug: unknown) => {
      console.error(bug);
      process.exit(1);
    },
  );
});
