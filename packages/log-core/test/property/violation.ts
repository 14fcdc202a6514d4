/** A promise that was broken. */

/**
 * The promises, by the names that violations carry; `docs/testing.md` has a sentence for each.
 * `process-ended` and the like, where a run itself broke down, are no promises and not listed.
 */
export type PropertyName =
  | 'never-loses'
  | 'never-serves'
  | 'not-appended'
  | 'no-hole'
  | 'all-or-nothing'
  | 'order'
  | 'never-throws'
  | 'settles'
  | 'leaks'
  | 'gets-back'
  | 'no-cause'
  | 'never-deletes'
  | 'log-start'
  | 'opens'
  | 'opens-twice'
  | 'writes-nothing'
  | 'excludes'
  | 'consumers'
  | 'reads'
  | 'status';

export class Violation extends Error {
  readonly property: PropertyName;

  constructor(property: PropertyName, message: string) {
    super(`${property}: ${message}`);
    this.property = property;
  }
}

/** What was thrown, as a violation. */
export function violationOf(thrown: unknown): Violation {
  if (thrown instanceof Violation) return thrown;
  return new Violation('never-throws', thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
}

/** What an error tells, as far as it matters here. */
interface Told {
  readonly kind: string;
  readonly message: string;
  readonly reason?: unknown;
}

/** Whatever the world does, the engine's own bug is no answer to it. */
export function refuseOwnBug(what: string, { kind, message, reason }: Told): void {
  const isOwn = kind === 'assertion' || reason === 'assertion' || message.startsWith('internal error');
  if (isOwn) throw new Violation('never-throws', `${what}: ${message}`);
}
