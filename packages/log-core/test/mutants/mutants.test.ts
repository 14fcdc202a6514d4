/** The list of mutants is not stale: each edit has its place, and the tests it names are there. The hunt itself is `npm run mutants`. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { mutants } from './mutants.mjs';

const PACKAGE = resolve(import.meta.dirname, '../..');

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', (_name, { file, from, tests = [] }) => {
  expect(readFileSync(resolve(PACKAGE, 'src', file), 'utf8').split(from)).toHaveLength(2);
  for (const each of tests) expect(existsSync(resolve(PACKAGE, each)), each).toBe(true);
});

test('no name is given twice', () => {
  const names = mutants.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
