/** The library as JavaScript, built from the sources as they are now, or as a mutant has them, for tests that run it in processes of their own. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'tsup';
import { mutating } from '../mutants/mutate-source.mjs';
import { mutants } from '../mutants/mutants.mjs';

const PACKAGE = resolve(import.meta.dirname, '../..');
// Inside the package, so that its dependencies are found; and where neither git nor the linter looks.
const BUILDS = join(PACKAGE, 'node_modules', '.cache', 'brimlog-tests');

/** The one that `npm run mutants` is about. */
const mutant = mutants.find(({ name }) => name === process.env['BRIMLOG_MUTANT']);

let building: Promise<string> | null = null;

/** The path of the built `index.js`. It is built once for each state of the sources. */
export function builtLibrary(): Promise<string> {
  building ??= buildOnce();
  return building;
}

async function buildOnce(): Promise<string> {
  const outDir = join(BUILDS, fingerprint());
  const entry = join(outDir, 'index.js');
  if (existsSync(entry)) return entry;
  const unfinished = `${outDir}.${process.pid}`;
  mkdirSync(BUILDS, { recursive: true });
  await build({ entry: { index: join(PACKAGE, 'src/index.ts') }, outDir: unfinished, format: ['esm'], target: 'node20', dts: false, splitting: false, config: false, silent: true, clean: false, esbuildPlugins: mutant === undefined ? [] : [mutating(mutant)] });
  // Another test file may have been quicker.
  if (existsSync(outDir)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, outDir);
  return entry;
}

function fingerprint(): string {
  const hash = createHash('sha256').update(mutant?.name ?? '');
  const sources = readdirSync(join(PACKAGE, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  for (const path of sources.sort()) hash.update(path).update(readFileSync(join(PACKAGE, 'src', path)));
  return hash.digest('hex').slice(0, 16);
}
