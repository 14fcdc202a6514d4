/** The contract of the `FileSystem` port, on the host's file system and on the simulated disk in each of its characters. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/node-file-system.js';
import { fileSystemContract } from '../../src/testing/contract/file-system-contract.js';
import { fileSystemCharacters } from '../../src/testing/file-system-character.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { named } from './named.js';

describe('nodeFileSystem', () => {
  it.each(named(fileSystemContract))('%s', async (_name, { run }) => {
    const directory = mkdtempSync(join(tmpdir(), 'brimlog-contract-'));
    try {
      await run({ fileSystem: nodeFileSystem(), directory });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe.each(Object.keys(fileSystemCharacters) as (keyof typeof fileSystemCharacters)[])('SimulatedDisk as %s', (character) => {
  it.each(named(fileSystemContract))('%s', async (_name, { run }) => {
    const fileSystem = new SimulatedDisk({ character });
    (await fileSystem.makeDirectory('/log'))._unsafeUnwrap();
    await run({ fileSystem, directory: '/log' });
  });
});

describe('SimulatedDisk, its calls answered in another order', () => {
  it.each(named(fileSystemContract))('%s', async (_name, { run }) => {
    // Each call is carried out a few turns of the event loop later, no two after the same number.
    let calls = 0;
    const later = (turns: number, work: () => void): void => {
      setImmediate(() => {
        if (turns === 0) work();
        else later(turns - 1, work);
      });
    };
    const fileSystem = new SimulatedDisk({ schedule: (_label, work) => later((calls++ * 7) % 5, work) });
    (await fileSystem.makeDirectory('/log'))._unsafeUnwrap();
    await run({ fileSystem, directory: '/log' });
  });
});
