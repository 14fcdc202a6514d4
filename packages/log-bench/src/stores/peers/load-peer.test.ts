import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPeer } from './load-peer.js';

describe('loadPeer', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'brimlog-bench-test-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  function install(name: string, code: string): void {
    const home = join(dir, 'node_modules', name);
    mkdirSync(join(home, 'lib'), { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version: '1.2.3', exports: './lib/main.cjs' }));
    writeFileSync(join(home, 'lib', 'main.cjs'), code);
  }

  it('answers null where a package is not installed', () => {
    expect(loadPeer('brimlog-no-such-store', dir)).toBeNull();
  });

  it('finds a package where the command is run, and its version though it exports no package.json', () => {
    install('some-store', 'module.exports = { open: 1 }');
    expect(loadPeer('some-store', dir)).toEqual({ exports: { open: 1 }, version: '1.2.3' });
  });

  it('throws what a package that is there throws', () => {
    install('broken-store', 'throw new Error("compiled for another Node")');
    expect(() => loadPeer('broken-store', dir)).toThrow('compiled for another Node');
  });
});
