/**
 * Loads a package that is compared with, if it is installed: where the command is run, or beside this package. None of
 * them is a dependency, so that nobody who does not compare has to compile them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** A package that was found. */
export interface LoadedPeer {
  readonly exports: unknown;
  readonly version: string;
}

/** Loads it, or answers null where it is not installed; throws where it is, but does not load. */
export function loadPeer(packageName: string, from: string): LoadedPeer | null {
  for (const base of [join(resolve(from), 'package.json'), import.meta.url]) {
    const find = createRequire(base);
    const path = resolved(find, packageName);
    if (path !== null) return { exports: find(packageName) as unknown, version: versionAbove(path, packageName) };
  }
  return null;
}

function resolved(find: NodeJS.Require, packageName: string): string | null {
  try {
    return find.resolve(packageName);
  } catch {
    return null;
  }
}

/** Not every package lets its package.json be required, so it is looked for. */
function versionAbove(path: string, packageName: string): string {
  for (let dir = dirname(path); dir !== dirname(dir); dir = dirname(dir)) {
    const manifest = join(dir, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: string; readonly version?: string };
    if (name === packageName && version !== undefined) return version;
  }
  return 'unknown';
}
