/** One process of `npm run faults`: takes a job, tells its parent what it counted, and ends. */
import { runFaults, type FaultJob } from './fault-jobs.js';

export { historyOfSeed } from './fault-jobs.js';

if (process.send !== undefined) process.once('message', (job: FaultJob) => {
  runFaults(job, (report) => process.send?.(report)).then(
    () => process.disconnect(),
    (bug: unknown) => {
      console.error(bug);
      process.exit(1);
    },
  );
});
