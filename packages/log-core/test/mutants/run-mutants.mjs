// @ts-check
// Does the suite bite? Every mutant of the engine is run against random histories, and must be killed within its time.
//
//   node packages/log-core/test/mutants/run-mutants.mjs [--seconds N] [--only WORD]
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { build } from 'tsup';
import { mutants } from './mutants.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, only: { type: 'string', default: '' } } });
const core = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** @param {import('./mutants.mjs').Mutant | null} mutant @param {number} number @returns {Promise<string>} the bundle's path */
async function bundle(mutant, number) {
  const outDir = `${core}node_modules/.cache/mutants/${String(number)}`;
  const path = mutant === null ? '' : `${core}src/${mutant.file}`;
  await build({
    entry: { worker: `${core}test/mutants/mutant-worker.ts` },
    outDir,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    clean: true,
    splitting: false,
    dts: false,
    esbuildPlugins: [
      {
        name: 'mutate',
        setup(plugin) {
          plugin.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path: loaded }) => {
            if (mutant === null || loaded !== path) return undefined;
            return { contents: readFileSync(loaded, 'utf8').replace(mutant.from, () => mutant.to), loader: 'ts' };
          });
        },
      },
    ],
  });
  return `${outDir}/worker.js`;
}

let survivors = 0;
const chosen = [null, ...mutants].filter((mutant) => mutant === null || mutant.name.includes(values.only));
const queue = [...chosen.entries()];
async function work() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [number, mutant] = next;
    const name = mutant === null ? 'the engine as it is' : mutant.name;
    if (mutant !== null && readFileSync(`${core}src/${mutant.file}`, 'utf8').split(mutant.from).length !== 2) {
      survivors += 1;
      console.log(`STALE     ${name}: the text it replaces is not there exactly once`);
      continue;
    }
    const startedAt = Date.now();
    const worker = await bundle(mutant, number);
    const { stdout } = await run(process.execPath, [worker, String(Date.now() + Number(values.seconds) * 1000)], { maxBuffer: 2 ** 24 }).catch(() => ({ stdout: '{"property":"process-ended","length":0}' }));
    const killed = JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null');
    const isWrong = (killed === null) === (mutant !== null);
    if (isWrong) survivors += 1;
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`${(mutant === null ? (killed === null ? 'sound' : 'BROKEN') : killed === null ? 'SURVIVED' : 'killed').padEnd(9)} ${name}${killed === null ? '' : `: ${killed.property}, ${String(killed.length)} operations, seed ${String(killed.seed)}`} (${seconds} s)`);
  }
}
await Promise.all([work(), work()]);
console.log(`${String(chosen.length - 1)} mutants, ${String(survivors)} not as they should be`);
process.exitCode = survivors > 0 ? 1 : 0;
