// Builds the library twice, for `import` and for `require`, each with its own declarations.
// Both entries share their modules as chunks, so that a value made by one is known to the other.
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' },
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: true,
  splitting: true,
  // `import.meta.url` in the CommonJS build.
  shims: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
});
