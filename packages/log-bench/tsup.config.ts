// Builds the command line `brimlog-bench` and the child process it measures in; there is no library surface and therefore no declarations.
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { cli: 'src/cli.ts', worker: 'src/worker.ts' },
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
});
