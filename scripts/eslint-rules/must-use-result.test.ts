// The rule on its own, case by case. That it is switched on everywhere is shown in lint-guards.test.ts.
import { resolve } from 'node:path';
import { RuleTester } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, it } from 'vitest';
import { mustUseResult } from './must-use-result.js';

RuleTester.describe = describe;
RuleTester.it = it;

const root = resolve(import.meta.dirname, '../..');
const tester = new RuleTester({
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { projectService: true, tsconfigRootDir: root },
  },
});

// Snippets take the place of a file that can import neverthrow.
const filename = resolve(root, 'packages/log-core/src/model/errors.ts');
const given = `
  import { ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
  declare function now(): Result<number, string>;
  declare function later(): ResultAsync<number, string>;
  declare function inTime(): Promise<Result<number, string>>;
  declare function maybe(): Result<number, string> | undefined;
  declare function plain(): Promise<number>;
  let last: Result<number, string>;
`;
const errors = [{ messageId: 'dropped' }];

tester.run('must-use-result', mustUseResult, {
  valid: [
    'if (now().isErr()) plain;',
    'last = now();',
    'last = await later();',
    'export const kept = await inTime();',
    'now().match(() => 1, () => 2);',
    'await inTime().then((result) => result.isOk());',
    'await plain();',
    'await Promise.all([plain(), plain()]);',
    'export function passOn() { return later(); }',
    'class Ok {} declare function ours(): Ok; ours();',
  ].map((code) => ({ name: code, filename, code: given + code })),
  invalid: [
    'now();',
    'later();',
    'await later();',
    'inTime();',
    'await inTime();',
    'void now();',
    'void (await later());',
    'maybe();',
    'now().map((value) => value + 1);',
    'await later().andThen(() => okAsync(1));',
    'ok(1);',
    'export const wrapped = async () => { await inTime(); };',
    'Math.abs(1) > 0 && now();',
    'await Promise.all([inTime(), plain()]);',
    'await Promise.all([1, 2].map(inTime));',
  ].map((code) => ({ name: code, filename, code: given + code, errors })),
});
