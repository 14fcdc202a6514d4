/** Closing returns in time, whatever the disk does; what is stuck gives its handle back when it answers. */
import { err, type Result } from 'neverthrow';
import type { Stalled } from '../model/errors.js';
import type { LogContext } from './context.js';

/** Passes `work`'s answer on, or `stalled` after `ioTimeoutMs`: then `onTimeout` is told, and the work goes on. @internal */
export function withinTimeout<E>(ctx: LogContext, work: Promise<Result<void, E>>, onTimeout: () => void): Promise<Result<void, E | Stalled>> {
  const { timeoutMs } = ctx.deadline;
  if (timeoutMs === 0) return work;
  return new Promise((resolve) => {
    const timer = ctx.clock.setTimer(
      timeoutMs,
      () => {
        onTimeout();
        resolve(err({ kind: 'stalled', message: `closing did not come to an end within ${String(timeoutMs)} ms: the disk does not answer` }));
      },
      true,
    );
    ctx.background.later(
      work.then((result) => {
        timer.cancel();
        resolve(result);
      }),
    );
  });
}
