// @ts-check
// Puts a mutant in the place of the source it edits, for the bundler and for vitest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the engine's sources lie. */
export const sources = fileURLToPath(new URL('../../src/', import.meta.url));

/** How often the text that a mutant replaces is there; it must be once.
 * @param {import('./mutants.mjs').Mutant} mutant */
export function timesFound({ file, from }) {
  return readFileSync(join(sources, file), 'utf8').split(from).length - 1;
}

/**
 * @param {import('./mutants.mjs').Mutant} mutant
 * @param {string} path of the file that is loaded
 * @param {string} code what is in it
 */
export function mutated({ file, from, to }, path, code) {
  return path === join(sources, file) ? code.replace(from, () => to) : code;
}

/** The same as a plugin of the bundler.
 * @param {import('./mutants.mjs').Mutant} mutant
 * @returns {NonNullable<import('tsup').Options['esbuildPlugins']>[number]} */
export function mutating(mutant) {
  return {
    name: 'mutate',
    setup(plugin) {
      plugin.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, ({ path }) => ({ contents: mutated(mutant, path, readFileSync(path, 'utf8')), loader: 'ts' }));
    },
  };
}
