// Shows that each guard of eslint.config.js goes red: the borders between layers, and the two rules against dropped Results.
import { resolve } from 'node:path';
import { ESLint, type Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const source = 'packages/log-core/src';

/** The project's own config without what needs types, so that a snippet can pretend to be any file. */
const borders = new ESLint({
  cwd: root,
  overrideConfig: [
    {
      files: ['**/*.ts'],
      ...(tseslint.configs.disableTypeChecked as Linter.Config),
      languageOptions: { parserOptions: { projectService: false } },
    },
    { files: ['**/*.ts'], rules: { 'brimlog/must-use-result': 'off', '@typescript-eslint/no-unused-vars': 'off', 'no-unused-vars': 'off' } },
  ],
});

const typed = new ESLint({ cwd: root });

async function rulesBrokenBy(eslint: ESLint, path: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: resolve(root, source, path) });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const imports = 'no-restricted-imports';
const global = 'no-restricted-globals';
const property = 'no-restricted-properties';
const syntax = 'no-restricted-syntax';

const pure = ['model/x.ts', 'codec/x.ts', 'decide/deep/x.ts'];
const withoutNode = [...pure, 'ports/x.ts', 'shell/x.ts', 'shell/lock-scope.ts', 'testing/x.ts', 'index.ts'];

/** Which folder may import which: everything that is not here is refused. */
const mayImport: Record<string, string[]> = {
  model: ['model'],
  codec: ['model', 'codec'],
  decide: ['model', 'codec', 'decide'],
  ports: ['model', 'ports'],
  shell: ['model', 'codec', 'decide', 'ports', 'shell'],
  adapters: ['model', 'ports', 'adapters'],
  testing: ['model', 'codec', 'ports', 'testing'],
};
const folders = Object.keys(mayImport);
const pairs = folders.flatMap((from) => folders.map((to) => ({ from, to, allowed: mayImport[from]?.includes(to) === true })));

describe('layer borders', () => {
  it.each(pairs)('$from importing $to: allowed is $allowed', async ({ from, to, allowed }) => {
    const expected = allowed ? [] : [imports];
    expect(await rulesBrokenBy(borders, `${from}/x.ts`, `export * from '../${to}/y.js';`)).toEqual(expected);
    expect(await rulesBrokenBy(borders, `${from}/deep/x.ts`, `export type { Y } from '../../${to}/deep/y.js';`)).toEqual(expected);
  });

  it.each(['model', 'ports', 'shell', 'adapters'])('index.ts may import %s', async (to) => {
    expect(await rulesBrokenBy(borders, 'index.ts', `export * from './${to}/y.js';`)).toEqual([]);
  });

  it.each(['codec', 'decide', 'testing'])('index.ts may not import %s', async (to) => {
    expect(await rulesBrokenBy(borders, 'index.ts', `export * from './${to}/y.js';`)).toEqual([imports]);
  });

  it.each(folders)('%s may import neverthrow, but no package nobody knows and not the public surface', async (from) => {
    expect(await rulesBrokenBy(borders, `${from}/x.ts`, `export { ok } from 'neverthrow';`)).toEqual([]);
    expect(await rulesBrokenBy(borders, `${from}/x.ts`, `export * from 'left-pad';`)).toEqual([imports]);
    expect(await rulesBrokenBy(borders, `${from}/x.ts`, `export * from '../index.js';`)).toEqual([imports]);
  });

  it.each(withoutNode)('%s may not use Node, its addons, a clock or chance', async (path) => {
    const refused = [
      [`import 'node:fs';`, imports],
      [`import 'fs';`, imports],
      [`import 'fs-ext';`, imports],
      [`import '@node-rs/crc32';`, imports],
      [`void import('node:fs');`, syntax],
      ['export const at = Date.now();', global],
      ['export const at = new Date();', global],
      ['export const at = performance.now();', global],
      ['setTimeout(() => 1, 1);', global],
      ['setInterval(() => 1, 1);', global],
      ['export const { env } = process;', global],
      ['export const { Date: D } = globalThis;', global],
      ['export const id = crypto.randomUUID();', global],
      ['export const chance = Math.random();', property],
      ['console.log(1);', 'no-console'],
    ] as const;
    for (const [code, rule] of refused) expect(await rulesBrokenBy(borders, path, code), code).toEqual([rule]);
  });

  it.each(pure)('%s may not wait, touch Buffer or the task queue', async (path) => {
    const refused = [
      ['export async function wait() {}', syntax],
      ['export const wait = async () => 1;', syntax],
      ['export const one = await other;', syntax],
      ['export const none = Buffer.alloc(0);', global],
      ['queueMicrotask(() => 1);', global],
      ['setImmediate(() => 1);', global],
      ['export const done = Promise.resolve();', global],
      ['export const done = new Promise<void>((resolve) => resolve());', global],
    ] as const;
    for (const [code, rule] of refused) expect(await rulesBrokenBy(borders, path, code), code).toEqual([rule]);
  });

  it('shell may wait, and takes no turn of the event loop but by the clock port', async () => {
    expect(await rulesBrokenBy(borders, 'shell/x.ts', 'export async function wait() { await Promise.resolve(); }')).toEqual([]);
    expect(await rulesBrokenBy(borders, 'shell/x.ts', 'setImmediate(() => 1);')).toEqual([global]);
  });

  it('async-mutex is for shell/lock-scope.ts alone', async () => {
    const code = `export { Mutex } from 'async-mutex';`;
    expect(await rulesBrokenBy(borders, 'shell/lock-scope.ts', code)).toEqual([]);
    for (const path of [...pure, 'ports/x.ts', 'shell/x.ts', 'shell/deep/lock-scope.ts', 'testing/x.ts', 'adapters/x.ts', 'index.ts']) {
      expect(await rulesBrokenBy(borders, path, code), path).toEqual([imports]);
    }
  });

  it('adapters may use Node, its addons and its clock', async () => {
    const code = `import 'node:fs'; import 'fs-ext'; import '@node-rs/crc32'; export const at = Date.now(); export const { pid } = process;`;
    expect(await rulesBrokenBy(borders, 'adapters/node/x.ts', code)).toEqual([]);
  });

  it.each(['vitest', 'fast-check', 'node:fs', 'node:test'])('testing, which is shipped, may not import %s', async (name) => {
    expect(await rulesBrokenBy(borders, 'testing/x.ts', `import '${name}';`)).toEqual([imports]);
  });

  it('testing may use node:assert and yield to the event loop', async () => {
    const code = `import 'node:assert/strict'; export const turn = () => new Promise((resolve) => setImmediate(resolve));`;
    expect(await rulesBrokenBy(borders, 'testing/x.ts', code)).toEqual([]);
  });

  it('tests may reach across', async () => {
    const code = `import '../adapters/y.js'; import 'node:fs'; import 'vitest'; import 'async-mutex'; export const at = Date.now();`;
    for (const folder of folders) expect(await rulesBrokenBy(borders, `${folder}/x.test.ts`, code), folder).toEqual([]);
    expect(await rulesBrokenBy(borders, '../test/property/x.ts', code)).toEqual([]);
  });
});

describe('dropped promises and Results', () => {
  const given = `import { ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
export const now = (): Result<number, string> => ok(1);
export const later = (): ResultAsync<number, string> => okAsync(1);
export const plain = (): Promise<number> => Promise.resolve(1);
`;
  const floating = '@typescript-eslint/no-floating-promises';
  const dropped = 'brimlog/must-use-result';

  it.each([
    ['plain();', [floating]],
    ['void plain();', [floating]],
    ['later();', [floating, dropped]],
    ['void later();', [floating, dropped]],
    ['await later();', [dropped]],
    ['now();', [dropped]],
    ['await plain();', []],
    ['export const kept = await later();', []],
  ])('%s breaks %j', async (code, rules) => {
    const broken = await rulesBrokenBy(typed, 'model/errors.ts', given + code);
    expect(broken.filter((rule) => rule === floating || rule === dropped).sort()).toEqual(rules);
  });

  it.each([...withoutNode, 'adapters/x.ts', 'adapters/x.test.ts', '../test/property/x.test.ts'])('are errors in %s', async (path) => {
    const config = (await typed.calculateConfigForFile(resolve(root, source, path))) as Linter.Config;
    expect(config.rules?.[dropped]).toEqual([2]);
    expect(config.rules?.[floating]).toEqual([2, expect.objectContaining({ checkThenables: true, ignoreVoid: false })]);
  });
});
