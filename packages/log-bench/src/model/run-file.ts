/** The file of `run --json`, read back: refused in one sentence where it is something else. */
import { readFileSync } from 'node:fs';
import type { RunFile } from './sample.js';

/** Reads a file that `run --json` wrote; throws what is wrong with it. */
export function readRunFile(path: string): RunFile {
  const parsed = parseJson(path);
  const run = parsed as Partial<RunFile> | null;
  if (run?.format !== 'brimlog-bench-run') throw new Error(`${path} is no file of brimlog-bench run --json`);
  if ((run.formatVersion as number) !== 1) throw new Error(`${path} is of format version ${String(run.formatVersion)}, this reads version 1`);
  return run as RunFile;
}

function parseJson(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON`);
  }
}
