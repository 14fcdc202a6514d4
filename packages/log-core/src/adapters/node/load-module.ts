/**
 * Loads a native module at the moment it is first needed, so that a host without it still imports the
 * library. INVARIANT: nothing is loaded at import time, and a failure is the caller's to turn into a value.
 */
import { createRequire } from 'node:module';

/**
 * The exports of the installed module `name`; throws what the loader throws. Works from both builds: the
 * CommonJS one has `__filename` and no `import.meta.url`. @internal
 */
export function loadModule(name: string): unknown {
  const here = typeof __filename === 'string' ? __filename : import.meta.url;
  return createRequire(here)(name) as unknown;
}
