// The decisions of the bootstrap that can be tested without installing anything.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingBuildTools } from './install.mjs';
import { nodeVersionProblem } from './node-version.mjs';
import { runQuietly } from './run-quietly.mjs';
import { filesBelow, fingerprint, readStamp, writeStamp } from './stamp.mjs';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'brimlog-bootstrap-'));
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe('nodeVersionProblem', () => {
  it.each(['20.19.0', '20.20.1', '22.0.0', '26.1.0'])('has nothing against Node %s', (version) => {
    expect(nodeVersionProblem(version, '>=20.19')).toBeUndefined();
  });

  it.each(['20.18.3', '18.20.0', '6.0.0'])('says in one sentence what to do on Node %s', (version) => {
    const problem = nodeVersionProblem(version, '>=20.19');
    expect(problem).toContain(`this is Node ${version}`);
    expect(problem).toContain('needs Node 20.19 or newer');
    expect(problem).not.toContain('\n');
  });
});

describe('missingBuildTools', () => {
  const install = (...names: string[]): void => {
    for (const name of names) symlinkSync(process.execPath, join(scratch, name));
  };

  it('names all three where nothing is installed', () => {
    expect(missingBuildTools({ PATH: scratch })).toEqual(['Python 3', 'make', 'C++ compiler']);
  });

  it('names only what is missing', () => {
    install('python3', 'make');
    expect(missingBuildTools({ PATH: scratch })).toEqual(['C++ compiler']);
  });

  it('accepts other names and an absolute path from the environment', () => {
    install('python', 'gmake', 'my-compiler');
    expect(missingBuildTools({ PATH: scratch, CXX: join(scratch, 'my-compiler') })).toEqual([]);
  });
});

describe('stamp', () => {
  it('reads back what was written, and nothing where none or a torn one is', () => {
    expect(readStamp(scratch)).toEqual({});
    writeStamp(scratch, { install: 'a', builds: { b: 'c' } });
    expect(readStamp(scratch)).toEqual({ install: 'a', builds: { b: 'c' } });
    writeFileSync(join(scratch, 'node_modules', '.brimlog-bootstrap'), '{"inst');
    expect(readStamp(scratch)).toEqual({});
  });

  it('changes its fingerprint with a content, a name, a fact, and with nothing else', () => {
    const path = join(scratch, 'a');
    const other = join(scratch, 'b');
    writeFileSync(path, 'x');
    const before = fingerprint([path, other], ['115']);
    expect(fingerprint([other, path], ['115'])).toBe(before);
    expect(fingerprint([path, other], ['127'])).not.toBe(before);
    writeFileSync(other, '');
    expect(fingerprint([path], ['115'])).not.toBe(before);
    writeFileSync(path, 'y');
    expect(fingerprint([path, other], ['115'])).not.toBe(before);
  });

  it('finds files at every depth, and none in a directory that does not exist', () => {
    mkdirSync(join(scratch, 'deep'));
    writeFileSync(join(scratch, 'deep', 'a'), '');
    expect(filesBelow(scratch)).toEqual([join(scratch, 'deep', 'a')]);
    expect(filesBelow(join(scratch, 'none'))).toEqual([]);
  });
});

describe('runQuietly', () => {
  it('keeps what both streams said', async () => {
    const outcome = await runQuietly(process.execPath, ['-e', 'console.log(1); console.error(2); process.exit(3)'], { cwd: scratch });
    expect(outcome.succeeded).toBe(false);
    expect(outcome.output.split('\n').sort()).toEqual(['', '1', '2']);
  });

  it('answers failed for a command that does not exist', async () => {
    const outcome = await runQuietly('no-such-command-here', [], { cwd: scratch });
    expect(outcome.succeeded).toBe(false);
    expect(outcome.output).toContain('ENOENT');
  });
});
