/** Samples where the processor's time goes while a stretch of work runs, into a file that Chrome's DevTools open. */
import { Session } from 'node:inspector/promises';
import { writeFileSync } from 'node:fs';

const SAMPLE_EVERY_MICROSECONDS = 200;

/** Runs `work` under V8's sampling profiler and writes the profile to `path`. */
export async function profiled(path: string, work: () => Promise<void>): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROSECONDS });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  writeFileSync(path, JSON.stringify(profile));
}
