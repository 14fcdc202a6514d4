// @ts-check
// A directory for one run of a demo, and the promise that neither it nor a child process is left behind: not after a
// failure, and not after Ctrl-C.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/**
 * Every child started from now on must be given to this, so that it ends with the demo.
 * @template {import('node:child_process').ChildProcess} Child
 * @param {Child} child
 * @returns {Child}
 */
export function endsWithUs(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Makes Ctrl-C an ordinary exit, so that everything is tidied up. */
export function exitWhenAskedTo() {
  for (const [signal, code] of /** @type {const} */ ([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]])) {
    process.once(signal, () => process.exit(code));
  }
}

/**
 * A new directory that goes when the process ends.
 * @param {string} name
 */
export function scratchDirectory(name) {
  const path = mkdtempSync(join(tmpdir(), `${name}-`));
  // A child that was killed this moment may still be writing a file.
  process.once('exit', () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  return path;
}
