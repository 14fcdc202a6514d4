/** Paths that mean the same wherever the process goes later. */
import { resolve } from 'node:path';

/**
 * The path as it is from the root on. What is no path, or has no working directory to begin at, comes back as it was given: opening
 * says what is wrong with it. Never throws. @internal
 */
export function absolutePath(path: string): string {
  if (typeof path !== 'string' || path.length === 0) return path;
  try {
    return resolve(path);
  } catch {
    return path;
  }
}
