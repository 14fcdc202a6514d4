// What a reviewer would otherwise have to say about every change: file names, lengths, head comments, places.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const linesMax = 400;

// An unpacked archive has no list of its files; whoever changes them works in a checkout.
const isCheckout = existsSync(resolve(root, '.git'));

// A checkout may belong to another user, as in a container: reading its file list is harmless.
const listFiles = ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard'];

/** Tracked files and new ones that are not ignored, as paths from the root. */
const files = (isCheckout ? execFileSync('git', listFiles, { cwd: root, encoding: 'utf8' }) : '')
  .split('\n')
  .filter((path) => path !== '' && existsSync(resolve(root, path)));
const code = files.filter((path) => /\.(?:ts|js|mjs)$/.test(path));
const isTest = (path: string): boolean => /\.test\.ts$|\/test\//.test(path);
const contentOf = (path: string): string => readFileSync(resolve(root, path), 'utf8');

describe.skipIf(!isCheckout)('tidy', () => {
  it('finds the files it is to check', () => {
    expect(code).toContain('scripts/tidy.test.ts');
  });

  it(`no source file is longer than ${linesMax} lines`, () => {
    const long = code.filter((path) => path.endsWith('.ts') && !isTest(path) && contentOf(path).split('\n').length - 1 > linesMax);
    expect(long).toEqual([]);
  });

  it('file names are kebab-case', () => {
    expect(code.filter((path) => !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(basename(path)))).toEqual([]);
  });

  it('no file is named for a place to put things: util, helper, manager', () => {
    expect(code.filter((path) => /(?:^|[-./])(?:utils?|helpers?|managers?)(?:[-./]|$)/.test(path))).toEqual([]);
  });

  it('every source file and script starts with a comment that says what it is for', () => {
    const bare = code.filter((path) => !isTest(path) && !/^(?:#!.*\n)?\s*(?:\/\*|\/\/)/.test(contentOf(path)));
    expect(bare).toEqual([]);
  });

  it('every source file of the library lies in a layer, or is its public surface', () => {
    const source = code.filter((path) => path.startsWith('packages/log-core/src/'));
    const inLayer = /^packages\/log-core\/src\/(?:(?:model|codec|decide|ports|shell|adapters|testing)\/.+|index(?:\.test)?\.ts)$/;
    expect(source.filter((path) => !inLayer.test(path))).toEqual([]);
  });

  it('every link from a page to a file of the repository leads somewhere', () => {
    const dead = files
      .filter((path) => path.endsWith('.md'))
      .flatMap((page) => [...contentOf(page).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, to = '']) => ({ page, to })))
      .filter(({ page, to }) => !existsSync(resolve(root, dirname(page), to)));
    expect(dead).toEqual([]);
  });

  it('the lockfile names no host to download from', () => {
    expect(contentOf('pnpm-lock.yaml')).not.toMatch(/tarball:|https?:\/\//);
  });
});
