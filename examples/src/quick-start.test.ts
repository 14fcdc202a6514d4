import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const beside = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const home = process.cwd();
let scratch = '';

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'brimlog-quick-start-'));
  process.chdir(scratch);
});

afterEach(() => {
  process.chdir(home);
  rmSync(scratch, { recursive: true });
});

it('quick start: the program is the one that the README shows', () => {
  const shown = /```ts\n([^]*?)```/.exec(beside('../../README.md'))?.[1];
  expect(beside('quick-start.ts').split('\n').slice(1).join('\n')).toBe(shown);
});

it('quick start: appends, reads from the committed position on, and leaves a closed log', async () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const complained = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await import('./quick-start.js');
  expect(printed.mock.calls).toEqual([['on stable storage: offsets 0 to 1'], [0, 'created'], [1, 'paid']]);
  printed.mockClear();
  vi.resetModules();
  await import('./quick-start.js');
  expect(printed.mock.calls).toEqual([['on stable storage: offsets 2 to 3'], [2, 'created'], [3, 'paid']]);
  expect(complained).not.toHaveBeenCalled();
});
