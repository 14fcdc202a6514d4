// @ts-check
// A file system of its own for a script, small enough to be filled in seconds: the script is run again inside a mount namespace with
// a tmpfs that nobody else sees and that is gone when the script ends. Root needs nothing else; others need user namespaces.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const NAMESPACES = [
  { command: ['unshare', '-m'], name: 'tmpfs in a mount namespace' },
  { command: ['unshare', '-Urm'], name: 'tmpfs in a user namespace, without root' },
];

const MOUNT = 'mount -t tmpfs -o "size=$1" brimlog-demo "$2"';

/**
 * The first way that works here; null where none is allowed.
 * @param {string} mountPoint
 */
export function findNamespace(mountPoint) {
  return NAMESPACES.find(({ command: [unshare = '', ...flags] }) => {
    return spawnSync(unshare, [...flags, 'sh', '-c', MOUNT, 'sh', '1m', mountPoint], { stdio: 'ignore' }).status === 0;
  }) ?? null;
}

/**
 * Runs `script` with `args` inside, with the file system mounted at `mountPoint`, and waits for its end. Signals are passed on.
 * @param {{ command: string[] }} way
 * @param {string} mountPoint
 * @param {number} bytes the file system's size
 * @param {string[]} script the script's path and its arguments
 * @returns {Promise<number>} its exit code
 */
export async function runInside(way, mountPoint, bytes, script) {
  const [unshare = '', ...flags] = way.command;
  const run = `${MOUNT} && shift 2 && exec "$@"`;
  const child = spawn(unshare, [...flags, 'sh', '-c', run, 'sh', String(bytes), mountPoint, process.execPath, ...script], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
