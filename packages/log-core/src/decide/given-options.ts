/** Options as callers hand them in, made into what can be checked and then used: the same both times. */

/** Stands for an object that throws when it is read. */
const UNREADABLE = Symbol('unreadable');

/**
 * A copy without getters, inherited options included: each is read once. What is no object comes back as it is, and so does,
 * as something that is none, what cannot be read. @internal
 */
export function plainOptions<T>(options: T): T {
  if (typeof options !== 'object' || options === null) return options;
  try {
    if (Array.isArray(options)) return options;
    const plain = Object.create(null) as Record<string, unknown>;
    for (const name in options) plain[name] = options[name];
    return plain as T;
  } catch {
    return UNREADABLE as T;
  }
}

/** Whether it can be listened to for being aborted, of whichever realm. @internal */
export function isSignal(value: unknown): boolean {
  return typeof value === 'object' && hasTypes(value, { aborted: 'boolean', addEventListener: 'function', removeEventListener: 'function' });
}

/** The first of these methods that is missing; null where all are there. @internal */
export function missingMethod(value: object, methods: readonly string[]): string | null {
  return methods.find((method) => !hasTypes(value, { [method]: 'function' })) ?? null;
}

function hasTypes(value: object | null, types: Readonly<Record<string, string>>): boolean {
  try {
    return value !== null && Object.entries(types).every(([name, type]) => typeof (value as Readonly<Record<string, unknown>>)[name] === type);
  } catch {
    return false;
  }
}
