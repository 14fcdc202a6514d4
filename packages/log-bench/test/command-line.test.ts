/** The built command line, as its users run it: in processes of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFileText } from '../src/model/run-file.js';
import { madeRun, madeSample, wholeRun } from './made-runs.js';

const CLI = join(import.meta.dirname, '..', 'dist', 'cli.js');

describe('brimlog-bench', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'brimlog-bench-test-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  const bench = (...args: readonly string[]) => spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: dir });

  function write(name: string, run: Parameters<typeof runFileText>[0]): string {
    const path = join(dir, name);
    writeFileSync(path, runFileText(run));
    return path;
  }

  it('run: measures, reads back, writes JSON that report and compare take, prints no colour into a pipe, and leaves nothing behind', () => {
    const parent = mkdtempSync(join(dir, 'measured-'));
    const json = join(dir, 'run.json');
    const run = bench('run', '--quick', '--only', 'durable-1', '--dir', parent, '--json', json);
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('all equal');
    expect(run.stdout).not.toContain('\u001b');
    expect(readdirSync(parent)).toEqual([]);

    const parsed = JSON.parse(readFileSync(json, 'utf8')) as { samples: { floors: Record<string, number>; turns: unknown[] }[] };
    expect(parsed.samples).toHaveLength(3);
    for (const { floors, turns } of parsed.samples) {
      expect(Object.keys(floors).sort()).toEqual(['growing', 'overwriting', 'thread-hop']);
      expect(turns).toHaveLength(3);
    }
    expect(bench('report', json, join(dir, 'run.html')).status).toBe(0);
    expect(bench('compare', json, json).stdout).toContain('0 regressions of 1 workloads');
  }, 120_000);

  it('run: measures a follower in another process', () => {
    const run = bench('run', '--quick', '--no-strace', '--only', 'follow-other', '--dir', dir);
    expect(run.stdout).toContain('a follower in another process');
    expect(run.status).toBe(0);
  }, 120_000);

  it('run: refuses a workload it does not know before it measures anything', () => {
    const run = bench('run', '--only', 'durable-2');
    expect(run.status).toBe(1);
    expect(run.stderr).toBe('brimlog-bench: no workload is called durable-2; brimlog-bench workloads lists them\n');
  });

  it('compare: ends with 1 on a regression, and with 0 where the threshold allows it', () => {
    const runOf = (figure: number) => madeRun([0, 1, 2].map((round) => madeSample('durable-1', figure, { round, floors: { growing: 100 } })));
    const [before, after] = [write('before.json', runOf(100)), write('after.json', runOf(80))];
    expect(bench('compare', before, after).status).toBe(1);
    expect(bench('compare', before, after, '--threshold', '0.7').status).toBe(0);
    expect(bench('compare', before, before).status).toBe(0);
  });

  it('compare: refuses a file that is none of its own', () => {
    const other = join(dir, 'other.json');
    writeFileSync(other, '{}');
    const compared = bench('compare', other, other);
    expect(compared.status).toBe(1);
    expect(compared.stderr).toContain('is no file of brimlog-bench run --json');
  });

  it('report: keeps what was measured through the file', () => {
    const html = join(dir, 'whole.html');
    expect(bench('report', write('whole.json', wholeRun()), html).status).toBe(0);
    expect(readFileSync(html, 'utf8').match(/<svg /g)).toHaveLength(8);
  });

  it('removes what it wrote, and ends its processes, when it is interrupted', async () => {
    const parent = mkdtempSync(join(dir, 'interrupted-'));
    const child = spawn(process.execPath, [CLI, 'run', '--quick', '--only', 'durable-1,recover-1gib', '--dir', parent], { stdio: 'ignore' });
    const ended = once(child, 'close');
    while (!readdirSync(parent, { recursive: true }).some((name) => String(name).endsWith('.log'))) await sleep(20);
    child.kill('SIGINT');
    await ended;
    expect(child.exitCode).toBe(130);
    expect(readdirSync(parent)).toEqual([]);
    expect(commandLines().filter((line) => line.includes(parent))).toEqual([]);
  }, 60_000);
});

/** What every process was started with, as far as the system tells. */
function commandLines(): string[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [commandLine(name)] : []));
  } catch {
    return [];
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
