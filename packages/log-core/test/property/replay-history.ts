/** One history with everything that happened, as lines to read. */
import { printHistory, type History } from './history-text.js';
import { runHistory } from './run-history.js';

export { parseHistory } from './history-text.js';

export interface Replayed {
  readonly lines: readonly string[];
  /** The promise that was broken; null where all were kept. */
  readonly verdict: string | null;
}

/** The same history gives the same lines, byte for byte. */
export async function replayHistory(history: History): Promise<Replayed> {
  const { violation, trace } = await runHistory(history.setup, history.operations, { wholeTrace: true });
  return { lines: [printHistory(history), '', ...trace], verdict: violation === null ? null : `VIOLATION ${violation.message}` };
}
