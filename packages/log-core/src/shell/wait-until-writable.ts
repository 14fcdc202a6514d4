/** Waiting for a log to take appends (again): resolves, or says that it never will by itself. */
import { err, ok, type Result } from 'neverthrow';
import { abortedError, closedError, type WaitError } from '../model/errors.js';
import type { Clock } from '../ports/clock.js';
import type { StateCell } from './state-cell.js';

/** A timer that is only there to keep the process alive: longer than anybody waits. */
const KEEP_ALIVE_MS = 2 ** 31 - 1;

/** @internal */
export async function waitUntilWritable(clock: Clock, state: StateCell, signal: AbortSignal | undefined): Promise<Result<void, WaitError>> {
  // Somebody waits: the process must not end only because nothing but timers is left.
  const alive = clock.setTimer(KEEP_ALIVE_MS, () => undefined, true);
  const ended = await untilSettled(state, signal);
  alive.cancel();
  return ended;
}

async function untilSettled(state: StateCell, signal: AbortSignal | undefined): Promise<Result<void, WaitError>> {
  for (;;) {
    if (signal?.aborted === true) return err(abortedError());
    if (state.accepts) return ok(undefined);
    if (state.state === 'closing' || state.state === 'closed') return err(closedError());
    if (state.state === 'failed') return err(state.refusal as WaitError);
    await nextChange(state, signal);
  }
}

function nextChange(state: StateCell, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      unwatch();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const unwatch = state.watch(wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
