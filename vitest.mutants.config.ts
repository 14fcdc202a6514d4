// Tests with one mutant of the engine in the place of what it edits: run by `npm run mutants`, which names it in BRIMLOG_MUTANT.
import { defineConfig } from 'vitest/config';
import { mutated } from './packages/log-core/test/mutants/mutate-source.mjs';
import { mutants } from './packages/log-core/test/mutants/mutants.mjs';
import fastTests from './vitest.config.js';

const mutant = mutants.find(({ name }) => name === process.env['BRIMLOG_MUTANT']);
if (mutant === undefined) throw new Error(`no mutant is called ${process.env['BRIMLOG_MUTANT'] ?? ''}`);

export default defineConfig({
  ...fastTests,
  plugins: [{ name: 'mutate', enforce: 'pre', transform: (code, id) => mutated(mutant, id, code) }],
});
