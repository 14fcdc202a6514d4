// The tests that `npm test` runs: those beside the sources, and those under test/ that span modules.
// Long randomised runs live in test/soak and have their own command, `npm run soak`.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests see the sources of the library, not its last build.
    alias: [
      { find: /^@brimlog\/log-core$/, replacement: fromRoot('packages/log-core/src/index.ts') },
      { find: /^@brimlog\/log-core\/testing$/, replacement: fromRoot('packages/log-core/src/testing/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/dist.building-*/**', '**/test/soak/**'],
    // Processes, not threads: tests kill children, count file handles and load a native module.
    pool: 'forks',
    // The default leaves one core idle, which on a machine with two is half of it.
    maxWorkers: availableParallelism(),
    // A sync may take long on a busy disk; a test that hangs is still found.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    slowTestThreshold: 2_000,
    // A narrowed run must not pass for a whole one.
    allowOnly: false,
    restoreMocks: true,
    unstubEnvs: true,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary', 'html'],
    },
  },
});
