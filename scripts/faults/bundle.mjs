// @ts-check
// Bundles entries of the engine's tests, so that plain Node runs them at full speed.
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

const core = fileURLToPath(new URL('../../packages/log-core/', import.meta.url));
// Inside the package, so that what is not bundled is found; a directory for each process, so that two runs do not meet.
const outDir = `${core}node_modules/.cache/faults-${process.pid}`;

/**
 * Bundles one file of `packages/log-core/test`; answers where the bundle is.
 * @param {string} entry its path below `test/`, without the ending
 * @returns {Promise<string>}
 */
export async function bundle(entry) {
  await build({
    entry: { entry: `${core}test/${entry}.ts` },
    outDir,
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20',
    config: false,
    silent: true,
    clean: true,
    splitting: false,
    dts: false,
    sourcemap: 'inline',
  });
  return `${outDir}/entry.mjs`;
}
