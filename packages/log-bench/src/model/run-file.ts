/** The file of `run --json`: a line per sample, and read back only where it is one. */
import { readFileSync } from 'node:fs';
import type { RunFile } from './sample.js';

/** Digits a figure of a benchmark is kept with: more only make the file longer. */
const DIGITS = 6;

/** The text of the file. What is no number is null in it. */
export function runFileText(run: RunFile): string {
  const fields = Object.entries(run).map(([name, value]) => `${JSON.stringify(name)}: ${fieldText(value)}`);
  return `{\n${fields.join(',\n')}\n}\n`;
}

function fieldText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value, shortened);
  return `[\n${value.map((item) => `  ${JSON.stringify(item, shortened)}`).join(',\n')}\n]`;
}

function shortened(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
}

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
