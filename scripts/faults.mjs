// @ts-check
// Tries to break the engine on the simulated disk, for as long as it is told to; exit code 1 where a promise was broken.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runHistories } from './faults/histories.mjs';
import { replay } from './faults/replay.mjs';
import { runWholeSweep } from './faults/sweep.mjs';

const HELP = `npm run faults -- [options]

Random histories of one log: appends, crashes, full and failing disks, by seed. States that power cuts leave are opened by the
real engine and held whole against the model; distinct ones are counted by a hash of what is on the platter.

  --minutes N    how long (default 1)
  --runs N       how many histories instead; the same seed then gives the same totals, however many processes share them
  --seed S       where the seeds begin (default 1)
  --plan P       replays one history from its printed form, with every call of the disk
  --json FILE    writes the totals there as well
  --profile DIR  writes processor profiles there, and prints where the time went
  --sweep        instead: every call of every scenario × every fault
  --every N      of the sweep only every N-th case
  --length N     mean number of operations of a history (default 12)
  --looks SHARE  at which share of the calls a power cut is tried (default 0.5)
  --processes N  default: one for each core`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    plan: { type: 'string' },
    json: { type: 'string' },
    profile: { type: 'string' },
    sweep: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    length: { type: 'string', default: '12' },
    looks: { type: 'string', default: '0.5' },
    processes: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
});

/** @param {string} name @param {string} text */
function number(name, text) {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`--${name} is to be a number, not '${text}'`);
  process.exit(2);
}

/** @returns {Promise<boolean>} whether every promise was kept */
async function run() {
  const processes = Math.max(1, number('processes', values.processes));
  if (values.plan !== undefined) return replay(values.plan);
  if (values.sweep) return runWholeSweep({ every: Math.max(1, number('every', values.every)), processes, json: values.json });
  return runHistories({
    seed: number('seed', values.seed),
    runs: values.runs === undefined ? null : number('runs', values.runs),
    minutes: values.minutes === undefined ? (values.runs === undefined ? 1 : null) : number('minutes', values.minutes),
    length: number('length', values.length),
    looks: number('looks', values.looks),
    processes,
    json: values.json,
    profile: values.profile,
  });
}

if (values.help) console.log(HELP);
else if (!(await run())) process.exitCode = 1;
