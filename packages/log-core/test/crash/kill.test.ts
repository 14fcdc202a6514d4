/**
 * A writer at full speed, killed with SIGKILL at random moments, opening included: no acknowledged record is missing,
 * none is changed, none invented, the order is kept. 20 kills; `KILLS=200` for more, `SEED=…` to repeat a run.
 */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { MessageLog } from '../../src/index.js';
import { builtLibrary } from '../support/built-library.js';
import { text } from '../support/log-content.js';
import { must, SMALL } from '../support/open-log.js';
import { scratchDirectory } from '../support/scratch-directory.js';
import { valueOf } from '../support/told-values.mjs';

const KILLS = Number(process.env['KILLS'] ?? 20);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const CHILD = resolve(import.meta.dirname, '../support/appending-child.mjs');

/** What one run of the child was told. */
interface Run {
  readonly run: number;
  /** Offsets of acknowledged records, by their number. */
  readonly acknowledged: ReadonlyMap<number, number>;
  readonly failure: string | null;
}

/** Starts the child and kills it after `liveMs`, counted from its start, or from its opening where `opened`. */
function runAndKill(library: string, dir: string, run: number, opened: boolean, liveMs: number): Promise<Run> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [CHILD, library, dir, String(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    let timer: NodeJS.Timeout | null = null;
    const killSoon = (): void => {
      timer ??= setTimeout(() => child.kill('SIGKILL'), liveMs);
    };
    if (!opened) killSoon();
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      killSoon();
    });
    child.once('error', reject);
    child.once('close', () => {
      if (timer !== null) clearTimeout(timer);
      settle(parse(run, Buffer.concat(chunks).toString()));
    });
  });
}

function parse(run: number, output: string): Run {
  const acknowledged = new Map<number, number>();
  // The last line may have been cut by the kill: then nobody was told.
  const lines = output.split('\n').slice(0, -1);
  for (const line of lines.filter((each) => each.startsWith('ack '))) {
    const [first, count, base] = line.slice(4).split(' ').map(Number) as [number, number, number];
    for (let i = 0; i < count; i += 1) acknowledged.set(first + i, base + i);
  }
  return { run, acknowledged, failure: lines.find((line) => line.startsWith('failed')) ?? null };
}

/** What the log holds must be, run after run, the first so many of what each appended, the acknowledged ones among them. */
class Ledger {
  readonly runs: Run[] = [];
  /** By run: how many of its records the log holds. */
  readonly kept = new Map<number, number>();
  #checkedTo = 0;
  #lastRun = -1;

  async check(log: MessageLog): Promise<void> {
    const { highWatermark } = log.status();
    for await (const result of log.records({ from: this.#checkedTo })) {
      const { offset, value } = must(result);
      const found = String(text(value));
      const [run, number] = found.split('/').map(Number) as [number, number];
      expect(offset).toBe(this.#checkedTo);
      expect(run).toBeGreaterThanOrEqual(this.#lastRun);
      expect(number, `run ${run} goes on without a hole`).toBe(this.kept.get(run) ?? 0);
      if (found !== valueOf(run, number)) throw new Error(`offset ${offset} was changed: ${found.slice(0, 100)}`);
      const told = this.runs[run]!.acknowledged.get(number);
      if (told !== undefined) expect(offset).toBe(told);
      this.kept.set(run, number + 1);
      this.#lastRun = run;
      this.#checkedTo = offset + 1;
    }
    expect(this.#checkedTo).toBe(highWatermark);
    for (const { run, acknowledged } of this.runs) {
      const last = Math.max(-1, ...acknowledged.keys());
      expect(this.kept.get(run) ?? 0, `run ${run} was told of ${last + 1}`).toBeGreaterThanOrEqual(last + 1);
    }
  }

  get acknowledged(): number {
    return this.runs.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  }
}

test(`a writer at full speed, killed ${KILLS} times: nothing acknowledged is lost or changed, nothing invented`, async () => {
  const library = await builtLibrary();
  const dir = scratchDirectory();
  const ledger = new Ledger();
  let state = SEED;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const counts = { torn: 0, rehomed: 0, clean: 0, unopened: 0 };
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      // One in four dies while it starts or opens the log.
      const opened = random() > 0.25;
      const run = await runAndKill(library, dir, kill, opened, opened ? random() * 150 : 40 + random() * 120);
      ledger.runs.push(run);
      expect(run.failure).toBeNull();
      if (run.acknowledged.size === 0) counts.unopened += 1;
      // One time in three the next writer finds the log as it is, and may be killed while it recovers.
      if (kill < KILLS - 1 && random() < 0.33) continue;
      const log = must(await MessageLog.open(dir, SMALL));
      const { recovery } = log;
      expect(recovery.quarantined).toEqual([]);
      if (recovery.clean) counts.clean += 1;
      if (recovery.cut !== null) counts.torn += 1;
      if (recovery.rehomed !== null) counts.rehomed += 1;
      await ledger.check(log);
      must(await log.close());
    }
    const log = must(await MessageLog.open(dir, SMALL));
    expect(must(await log.verify()).problems).toEqual([]);
    expect(log.recovery.clean).toBe(true);
    must(await log.close());
  } catch (thrown) {
    throw new Error(`SEED=${SEED} KILLS=${KILLS}, after ${ledger.runs.length} kills`, { cause: thrown });
  }
  expect(ledger.acknowledged).toBeGreaterThan(KILLS * 10);
  const unacknowledged = [...ledger.kept.values()].reduce((sum, kept) => sum + kept, 0) - ledger.acknowledged;
  console.log(
    `killed ${KILLS} times (seed ${SEED}): ${ledger.acknowledged} records acknowledged, lost 0, changed 0, invented 0, ` +
      `${unacknowledged} kept that nobody was told of; openings: ${counts.rehomed} re-homed, ${counts.torn} cut, ${counts.clean} clean; ${counts.unopened} runs died before the first acknowledgement`,
  );
}, 600_000);
