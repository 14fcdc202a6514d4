// Long randomised runs (crash points, fault plans, interleavings): `npm run soak`. A failing run prints its seed and plan.
import { defineConfig } from 'vitest/config';
import fastTests from './vitest.config.js';

const { test, ...shared } = fastTests;

export default defineConfig({
  ...shared,
  test: {
    ...test,
    include: ['packages/*/test/soak/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    passWithNoTests: true,
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
  },
});
