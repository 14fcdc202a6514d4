/**
 * A bug of ours (something thrown where nothing can be) comes back as an error value and never as a rejection: the
 * host process lives. What it means for the log is the caller's to say.
 */
import { err, ResultAsync, type Result } from 'neverthrow';
import type { Io } from '../model/errors.js';

/** Wraps work that never rejects; if it does all the same, `toError` says what the caller is told. @internal */
export function contained<T, E>(work: Promise<Result<T, E>>, toError: (message: string) => E): ResultAsync<T, E> {
  return new ResultAsync(work.catch((bug: unknown) => err(toError(messageOf(bug)))));
}

/** An internal error where no log is there that could be failed. @internal */
export function internalError(message: string): Io {
  return { kind: 'io', message: `internal error: ${message}` };
}

/** What was thrown, as text; it may be nothing that can be printed. @internal */
export function messageOf(bug: unknown): string {
  try {
    return String(bug instanceof Error ? bug.message : bug);
  } catch {
    return 'something that cannot be printed was thrown';
  }
}
