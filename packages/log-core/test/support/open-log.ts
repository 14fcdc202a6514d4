/** Opening logs in tests: what is forgotten open is closed, and a Result that is not as expected shows its error. */
import type { Result } from 'neverthrow';
import { onTestFinished } from 'vitest';
import { MessageLog, type LogOptions, type OpenError } from '../../src/index.js';

/** Small everything: segments of 64 KiB, a spare to match, so that a test writes kilobytes and not megabytes. */
export const SMALL = {
  segmentBytesMax: 65_536,
  batchBytesMax: 65_536,
  queueBytesMax: 262_144,
  space: { reserveBytes: 0 },
} as const satisfies LogOptions;

/** Opens a log that must open, and closes it after the test. */
export async function openLog(dir: string, options: LogOptions = SMALL): Promise<MessageLog> {
  const log = must(await MessageLog.open(dir, options));
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]();
  });
  return log;
}

/** The error of an opening that must fail in this way. */
export async function openFails<Kind extends OpenError['kind']>(dir: string, kind: Kind, options: LogOptions = SMALL): Promise<Extract<OpenError, { kind: Kind }>> {
  return mustFail(await MessageLog.open(dir, options), kind);
}

/** The value of what must have succeeded. */
export function must<T>(result: Result<T, unknown>): T {
  if (result.isOk()) return result.value;
  throw new Error(`expected a value, got the error ${JSON.stringify(result.error)}`);
}

/** The error of what must have failed, of the kind that is expected. */
export function mustFail<E extends { readonly kind: string }, Kind extends E['kind']>(result: Result<unknown, E>, kind: Kind): Extract<E, { kind: Kind }> {
  if (result.isOk()) throw new Error(`expected the error ${kind}, got the value ${JSON.stringify(result.value)}`);
  if (result.error.kind !== kind) throw new Error(`expected the error ${kind}, got ${JSON.stringify(result.error)}`);
  return result.error as Extract<E, { kind: Kind }>;
}
