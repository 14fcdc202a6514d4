// @ts-check
// `npm run demo:disk-full`: a producer fills a small disk and goes on when there is space again, by itself. Finds a place that is small: a
// file system of its own where that is allowed, else (or with --quota) a quota of the log, and says which. The story is in demo/disk-full-run.mjs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runDiskFull } from './demo/disk-full-run.mjs';
import { exitWhenAskedTo, scratchDirectory } from './demo/scratch-directory.mjs';
import { findNamespace, runInside } from './demo/small-file-system.mjs';

const SPACE_BYTES = 48 * 1024 * 1024;

const { values } = parseArgs({ options: { quota: { type: 'boolean', default: false }, inside: { type: 'string' } } });

/** @returns {Promise<number>} the exit code */
async function run() {
  if (values.inside !== undefined) {
    exitWhenAskedTo();
    return runDiskFull(values.inside, null);
  }
  const directory = join(scratchDirectory('brimlog-demo-disk-full'), 'disk');
  mkdirSync(directory);
  const namespace = values.quota ? null : findNamespace(directory);
  if (namespace !== null) {
    console.log(`demo:disk-full: a file system of its own: ${namespace.name}, ${SPACE_BYTES} bytes`);
    return runInside(namespace, directory, SPACE_BYTES, [fileURLToPath(import.meta.url), '--inside', directory]);
  }
  const why = values.quota ? '' : ', as no file system may be mounted here';
  console.log(`demo:disk-full: quotaBytesMax keeps the log small${why}: ${SPACE_BYTES} bytes`);
  exitWhenAskedTo();
  return runDiskFull(directory, SPACE_BYTES);
}

process.exit(await run());
