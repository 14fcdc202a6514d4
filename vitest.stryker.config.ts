// The tests that Stryker runs against each mutant of the pure core: those beside its sources.
import { defineConfig } from 'vitest/config';
import fastTests from './vitest.config.js';

const { test, ...shared } = fastTests;

export default defineConfig({
  ...shared,
  test: { ...test, include: ['packages/log-core/src/{codec,decide}/**/*.test.ts'] },
});
