// Mutation testing of the pure core: run by scripts/stryker.mjs, which says what is mutated and where the report goes.
export default {
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.stryker.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // What is tested is copied; the directory must not lie below one that vitest leaves out.
  tempDirName: 'coverage/stryker',
  ignorePatterns: ['**', '!packages/log-core/src/**', '!packages/log-core/*.json', '!*.config.ts', '!tsconfig*.json', '!package.json', '**/node_modules', '**/dist'],
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: process.env.BRIMLOG_MUTATION_REPORT ?? 'coverage/mutation.json' },
  allowConsoleColors: false,
};
