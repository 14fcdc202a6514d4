/**
 * Loads a native module at the moment it is first needed, so that a host without it still imports the
 * library. INVARIANT: nothing is loaded at import time, and a failure is the caller's to turn into a value.
 */
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';

/** The exports of the installed module `name`, or of the file of that absolute path; throws what the loader throws. @internal */
export function loadModule(name: string): unknown {
  return createRequire(import.meta.url)(name) as unknown;
}

/** The absolute path of the installed module `name`; throws what the loader throws. @internal */
export function resolveModule(name: string): string {
  return createRequire(import.meta.url).resolve(name);
}

/**
 * Throws EMFILE or ENFILE where no descriptor is free. Asked before a module is loaded: met while loading, Node would
 * remember the module as missing for the life of the process. @internal
 */
export function assertDescriptorIsFree(): void {
  closeSync(openSync(devNull, 'r'));
}
