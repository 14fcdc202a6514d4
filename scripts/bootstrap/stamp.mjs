// @ts-check
// Remembers, in one small file under node_modules, from which inputs the last installation and the last builds were made.
// A stamp is written only after the step succeeded; when the file is missing or unreadable, everything is simply done again.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @typedef {{ install?: string | undefined, builds?: Record<string, string> }} Stamp */

/** @param {string} root */
const stampPath = (root) => join(root, 'node_modules', '.brimlog-bootstrap');

/**
 * @param {string} root
 * @returns {Stamp}
 */
export function readStamp(root) {
  try {
    return JSON.parse(readFileSync(stampPath(root), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Replaces the stamp file as a whole: another command may be reading it.
 * @param {string} root
 * @param {Stamp} stamp
 */
export function writeStamp(root, stamp) {
  const path = stampPath(root);
  const temporary = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, JSON.stringify(stamp));
  renameSync(temporary, path);
}

/**
 * @param {string[]} paths files, in any order; one that does not exist counts as empty
 * @param {string[]} facts what else the result depends on
 */
export function fingerprint(paths, facts) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const path of [...paths].sort()) hash.update(`${path}\0`).update(contentOf(path)).update('\0');
  return hash.digest('hex');
}

/** @param {string} path */
function contentOf(path) {
  try {
    return readFileSync(path);
  } catch {
    return '';
  }
}

/**
 * @param {string} directory
 * @returns {string[]} every file below it; none when it does not exist
 */
export function filesBelow(directory) {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
  } catch {
    return [];
  }
}
