// @ts-check
// Runs one bundle in several processes, each with a job of its own, and hands on what they tell.
import { fork } from 'node:child_process';

/**
 * @template Message
 * @param {string} path the bundle
 * @param {readonly object[]} jobs one a process
 * @param {(message: Message) => void} onMessage
 * @param {readonly string[]} [execArgv] Node's own options
 * @returns {Promise<void>} when all have ended; rejects where one ended otherwise than well
 */
export async function runProcesses(path, jobs, onMessage, execArgv = []) {
  const children = jobs.map((job) => {
    const child = fork(path, { serialization: 'advanced', execArgv: [...execArgv] });
    child.on('message', (message) => onMessage(/** @type {Message} */ (message)));
    child.send(job);
    return child;
  });
  await Promise.all(
    children.map(
      (child) =>
        /** @type {Promise<void>} */ (
          new Promise((resolve, reject) => {
            child.on('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`a process ended with ${signal ?? `code ${code}`}`))));
          })
        ),
    ),
  );
}
