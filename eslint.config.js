// @ts-check
// What the linter guards: the strictest typed rules, that no promise and no Result is dropped, and the borders between layers.
// Formatting is not its business.
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { layerBorders } from './scripts/eslint-rules/layer-borders.js';
import { mustUseResult } from './scripts/eslint-rules/must-use-result.js';

const typescript = ['**/*.ts'];
const tests = ['**/*.test.ts', '**/test/**/*.ts'];

export default defineConfig(
  { ignores: ['**/node_modules/', '**/dist/', '**/dist.building-*/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    name: 'brimlog/scripts',
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: globals.node },
  },
  {
    name: 'brimlog/typescript',
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { brimlog: { rules: { 'must-use-result': mustUseResult } } },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Nothing that may fail is dropped: no promise, no ResultAsync (a thenable), and no `void` to silence either.
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true, ignoreVoid: false }],
      'brimlog/must-use-result': 'error',
      // A union grows by one kind, and every switch over it must answer.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      // Messages are full of offsets and byte counts.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `() => timer.cancel()` is how wiring reads best.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      // `call<void>(…)` says that a success carries nothing.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // A port's method is async by its contract, also where one implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
    },
  },
  {
    // Reading `table[i]` in a loop whose bound is checked once: a second check per byte costs what the loop is written to save.
    name: 'brimlog/hot-codec',
    files: ['packages/log-core/src/codec/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  ...layerBorders,
  {
    // A test says what it expects by `value!` and by reaching for what it knows is there.
    name: 'brimlog/tests',
    files: tests,
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
