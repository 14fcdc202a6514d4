// @ts-check
// `npm run demo:disk-full`: a producer fills a small disk and goes on when there is space again, by itself. Finds a place that is small: a
// file system of its own where that is allowed, else a quota of the log; says which; the story is in demo/disk-full-run.mjs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runDiskFull } from './demo/disk-full-run.mjs';
import { exitWhenAskedTo, scratchDirectory } from './demo/scratch-directory.mjs';
import { findNamespace, runInside } from './demo/small-file-system.mjs';

const SPACE_BYTES = 48 * 1024 * 1024;

const [inside] = process.argv.slice(2);
if (inside !== undefined) {
  exitWhenAskedTo();
  process.exit(await runDiskFull(inside, null));
}

const mountPoint = join(scratchDirectory('brimlog-demo-disk-full'), 'disk');
mkdirSync(mountPoint);
const namespace = findNamespace(mountPoint);
if (namespace === null) {
  console.log(`demo:disk-full: no file system can be mounted here, so quotaBytesMax makes the space small: ${SPACE_BYTES} bytes`);
  exitWhenAskedTo();
  process.exit(await runDiskFull(mountPoint, SPACE_BYTES));
}
console.log(`demo:disk-full: a file system of its own: ${namespace.name}, ${SPACE_BYTES} bytes`);
process.exit(await runInside(namespace, mountPoint, SPACE_BYTES, [fileURLToPath(import.meta.url), mountPoint]));
