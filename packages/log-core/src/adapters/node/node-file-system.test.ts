import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootIdOfUptime } from './boot-id.js';
import { fileSystemFamily } from './file-system-family.js';
import { nodeFileSystem } from './node-file-system.js';
import { sharedOperationGate } from './operation-gate.js';

const descriptorCount = (): number => readdirSync('/proc/self/fd').length;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'brimlog-fs-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('nodeFileSystem', () => {
  const fileSystem = nodeFileSystem();

  it('answers a failure, never an exception, for paths and numbers that no file system takes', async () => {
    const bad = `${directory}/a\0b`;
    expect((await fileSystem.open(bad, 'read'))._unsafeUnwrapErr()).toMatchObject({ symbol: 'other', errno: 0, operation: 'open' });
    expect((await fileSystem.open(bad, 'create')).isErr()).toBe(true);
    expect((await fileSystem.readDirectory(bad)).isErr()).toBe(true);
    expect((await fileSystem.stat(bad)).isErr()).toBe(true);
    expect((await fileSystem.statFileSystem(bad)).isErr()).toBe(true);
    expect((await fileSystem.rename(bad, directory)).isErr()).toBe(true);
    expect((await fileSystem.rename(directory, bad)).isErr()).toBe(true);
    expect((await fileSystem.unlink(bad)).isErr()).toBe(true);
    expect((await fileSystem.makeDirectory(bad)).isErr()).toBe(true);
    expect(fileSystem.watch(bad, () => undefined).isErr()).toBe(true);
    expect((await fileSystem.open(7 as never, 'read')).isErr()).toBe(true);
    const handle = (await fileSystem.open(`${directory}/f`, 'create'))._unsafeUnwrap();
    for (const position of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect((await handle.read(new Uint8Array(1), position)).isErr()).toBe(true);
      expect((await handle.write([new Uint8Array(1)], position)).isErr()).toBe(true);
      expect((await handle.truncate(position)).isErr()).toBe(true);
    }
    expect((await handle.write(['text' as never], 0)).isErr()).toBe(true);
    expect((await handle.write([new Uint8Array(1), 'text' as never], 0)).isErr()).toBe(true);
    expect((await handle.close()).isOk()).toBe(true);
    expect(sharedOperationGate().counts()).toEqual({ running: 0, waiting: 0 });
  });

  it('closes a handle once, after the calls in flight, and fails those that still waited', async () => {
    const before = descriptorCount();
    const handle = (await fileSystem.open(`${directory}/f`, 'create'))._unsafeUnwrap();
    const limit = sharedOperationGate().limit;
    const writes = Array.from({ length: limit + 5 }, (_, index) => handle.write([new Uint8Array(10)], index * 10));
    const closed = handle.close();
    const results = await Promise.all(writes);
    expect(results.filter((result) => result.isOk())).toHaveLength(limit);
    expect(results.slice(limit).every((result) => result.isErr() && result.error.code === 'EBADF')).toBe(true);
    expect((await closed).isOk()).toBe(true);
    expect(handle.close()).toBe(closed);
    expect((await handle.stat())._unsafeUnwrapErr().code).toBe('EBADF');
    expect((await handle.tryLock())._unsafeUnwrapErr().code).toBe('EBADF');
    expect(descriptorCount()).toBe(before);
    expect(sharedOperationGate().counts()).toEqual({ running: 0, waiting: 0 });
  });

  it('names the process that holds the lock', async () => {
    if (process.platform !== 'linux') return;
    const [first, second] = [(await fileSystem.open(directory, 'directory'))._unsafeUnwrap(), (await fileSystem.open(directory, 'directory'))._unsafeUnwrap()];
    expect((await first.tryLock())._unsafeUnwrap()).toEqual({ kind: 'acquired' });
    expect((await second.tryLock())._unsafeUnwrap()).toEqual({ kind: 'held', pid: process.pid });
    expect((await first.close()).isOk()).toBe(true);
    expect((await second.tryLock())._unsafeUnwrap()).toEqual({ kind: 'acquired' });
    expect((await second.close()).isOk()).toBe(true);
  });

  it('gets the lock of a process that was killed', async () => {
    const program = `const fs=require('node:fs');require('fs-ext').flockSync(fs.openSync(process.argv[1],'r'),'exnb');console.log('locked');setInterval(()=>{},1e6)`;
    const child = spawn(process.execPath, ['-e', program, directory], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const handle = (await fileSystem.open(directory, 'directory'))._unsafeUnwrap();
    expect((await handle.tryLock())._unsafeUnwrap()).toEqual({ kind: 'held', pid: process.platform === 'linux' ? child.pid : null });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect((await handle.tryLock())._unsafeUnwrap()).toEqual({ kind: 'acquired' });
    expect((await handle.close()).isOk()).toBe(true);
  });

  it('does not wait at a named pipe', async () => {
    execFileSync('mkfifo', [`${directory}/pipe`]);
    const handle = (await fileSystem.open(`${directory}/pipe`, 'read'))._unsafeUnwrap();
    expect((await handle.stat())._unsafeUnwrap().kind).toBe('other');
    expect((await handle.close()).isOk()).toBe(true);
  });

  it('classifies what the system refuses', async () => {
    writeFileSync(`${directory}/file`, 'x');
    expect((await fileSystem.open(`${directory}/none`, 'read'))._unsafeUnwrapErr()).toMatchObject({ symbol: 'not-found', operation: 'open' });
    expect((await fileSystem.open(`${directory}/file`, 'create'))._unsafeUnwrapErr()).toMatchObject({ symbol: 'exists', operation: 'create' });
    expect((await fileSystem.open(`${directory}/file`, 'directory'))._unsafeUnwrapErr().symbol).toBe('not-a-directory');
    expect((await fileSystem.open(directory, 'write'))._unsafeUnwrapErr().symbol).toBe('is-a-directory');
    if (process.getuid?.() !== 0) {
      chmodSync(directory, 0o500);
      expect((await fileSystem.open(`${directory}/new`, 'create'))._unsafeUnwrapErr().symbol).toBe('permission');
      chmodSync(directory, 0o700);
    }
  });

  it('tells the boot id twice the same', async () => {
    const id = await fileSystem.bootId();
    expect(id).toBe(await nodeFileSystem().bootId());
    expect(id).not.toBe('');
  });
});

describe('bootIdOfUptime', () => {
  it('is the same through a boot and another after the next', () => {
    const id = bootIdOfUptime(1_000_000_000, 100);
    expect(bootIdOfUptime(1_000_050_003, 150)).toBe(id);
    expect(bootIdOfUptime(1_000_050_003, 5)).not.toBe(id);
  });
});

describe('fileSystemFamily', () => {
  it.each([
    [0xef53n, 'overwriting', 'ext4'],
    [0x9123683en, 'copy-on-write', 'btrfs'],
    [-0x6edc97c2n, 'copy-on-write', 'btrfs'],
    [0x2fc12fc1n, 'copy-on-write', 'zfs'],
    [0xca451a4en, 'copy-on-write', 'bcachefs'],
    [0x6969n, 'network', 'nfs'],
    [0xff534d42n, 'network', 'cifs'],
    [0xfe534d42n, 'network', 'smb2'],
    [0x01021997n, 'network', '9p'],
    [0x00c36400n, 'network', 'ceph'],
    [0x65735546n, 'overwriting', 'fuse'],
    [0x1234n, 'overwriting', 'unknown (0x1234)'],
  ])('%s is %s: %s', (type, family, name) => {
    expect(fileSystemFamily(type, 'linux')).toEqual({ family, name });
  });
});
