// @ts-check
// The same full disk for the log and for what it is set beside, one after the other, each in a process of its own: filled to the last byte,
// offered more, freed by another program, offered more, ended, opened again; and what was acknowledged is compared with what is there.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endsWithUs } from './scratch-directory.mjs';

const MIB = 1024 * 1024;
/** What another program holds, and gives back when the disk was full for a while. */
const FILLER_BYTES = 16 * MIB;
const FILL_MS = 20_000;
const FULL_MS = 2_000;
const RETURN_MS = 5_000;
const AFTER_MS = 1_000;
const END_MS = 5_000;

const CHILD = fileURLToPath(new URL('peer-child.mjs', import.meta.url));

/** @param {string} text */
const say = (text) => console.log(`demo:disk-full: ${text}`);

/**
 * @param {string} directory a small file system of its own
 * @param {string} name
 * @param {string} peersFrom
 * @returns {Promise<Verdict>}
 */
export async function runSubject(directory, name, peersFrom) {
  const home = join(directory, 'store');
  const filler = join(directory, 'of-another-program');
  mkdirSync(home);
  writeFileSync(filler, Buffer.alloc(FILLER_BYTES));
  const producer = new ChildProducer('append', name, home, peersFrom);
  const stopPrinting = printLines(name, producer, directory);
  try {
    await producer.until(() => producer.refused.size > 0, FILL_MS);
    await producer.until(() => false, FULL_MS);
    const isStuck = producer.isRunning && producer.refused.size === 0;
    rmSync(filler);
    const freedAt = performance.now();
    const before = producer.acknowledged.size;
    const isBack = await producer.until(() => producer.acknowledged.size > before, RETURN_MS);
    const returnMs = performance.now() - freedAt;
    await producer.until(() => false, AFTER_MS);
    await producer.end();
    stopPrinting();
    const reader = new ChildProducer('read', name, home, peersFrom);
    await reader.until(() => false, FILL_MS);
    return { name, producer, reader, isStuck, returnMs: isBack ? returnMs : null };
  } finally {
    stopPrinting();
    producer.kill();
    rmSync(home, { recursive: true, force: true });
    rmSync(filler, { force: true });
  }
}

/** @typedef {{ name: string, producer: ChildProducer, reader: ChildProducer, isStuck: boolean, returnMs: number | null }} Verdict */

/**
 * What became of it, in a sentence or two.
 * @param {Verdict} verdict
 * @returns {{ lost: number, text: string }}
 */
export function describe({ name, producer, reader, isStuck, returnMs }) {
  const { acknowledged, refused } = producer;
  const lost = [...acknowledged].filter((number) => !reader.records.has(number)).length;
  const appeared = [...refused].filter((number) => reader.records.has(number)).length;
  const parts = [`${acknowledged.size} acknowledged`];
  if (refused.size > 0) parts.push(`${refused.size} refused (${producer.lastRefusal})`);
  if (isStuck) parts.push('on the full disk it neither acknowledged nor refused');
  if (producer.died !== null) parts.push(`its process ended: ${producer.died}`);
  else parts.push(returnMs === null ? `it did not go on within ${RETURN_MS / 1_000} s of there being space` : `it went on by itself ${Math.round(returnMs)} ms after there was space`);
  const reopened = reader.isOpen ? '' : `it could not be opened again: ${reader.died ?? 'no answer'}; `;
  return { lost, text: `${name}: ${parts.join(', ')}; ${reopened}after opening again ${lost} acknowledged are missing, ${appeared} refused are there` };
}

/** One child, and what it has told so far. */
class ChildProducer {
  acknowledged = /** @type {Set<number>} */ (new Set());
  refused = /** @type {Set<number>} */ (new Set());
  records = /** @type {Set<number>} */ (new Set());
  lastRefusal = '';
  isOpen = false;
  /** How its process ended, where nobody asked it to. @type {string | null} */
  died = null;
  #child;
  #ended;
  #errors = '';
  #stopping = false;

  /** @param {string[]} args */
  constructor(...args) {
    this.#child = endsWithUs(fork(CHILD, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }));
    this.#child.stderr?.on('data', (chunk) => (this.#errors += chunk));
    const lines = createInterface({ input: /** @type {import('node:stream').Readable} */ (this.#child.stdout) });
    lines.on('line', (line) => this.#hear(line));
    this.#ended = Promise.all([once(this.#child, 'close'), once(lines, 'close')]).then(([[code, signal]]) => {
      if (code !== 0 && !this.#stopping) this.died = `${signal ?? `exit code ${code}`}${this.#firstError()}`;
    });
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * @param {() => boolean} isSo
   * @param {number} patienceMs
   * @returns {Promise<boolean>} false where it was not so in time, or the process ended before
   */
  async until(isSo, patienceMs) {
    const deadline = performance.now() + patienceMs;
    while (this.isRunning && performance.now() < deadline) {
      if (isSo()) return true;
      await sleep(10);
    }
    if (!this.isRunning) await this.#ended;
    return isSo();
  }

  /** Asks it to close its store and end; a process that does not is killed. */
  async end() {
    if (this.isRunning) this.#child.send('stop');
    const late = setTimeout(() => this.kill(), END_MS);
    await this.#ended;
    clearTimeout(late);
  }

  kill() {
    this.#stopping = true;
    this.#child.kill('SIGKILL');
  }

  /** @param {string} line */
  #hear(line) {
    const [, what, number, rest = ''] = /^(\w+) ?(\d*) ?(.*)$/.exec(line) ?? [];
    if (what === 'open') this.isOpen = true;
    if (what === 'acknowledged') this.acknowledged.add(Number(number));
    if (what === 'record') this.records.add(Number(number));
    if (what !== 'refused') return;
    this.refused.add(Number(number));
    this.lastRefusal = rest;
  }

  #firstError() {
    const line = this.#errors.split('\n').find((text) => /error|abort|assert|exception|space/i.test(text));
    return line === undefined ? '' : `, ${line.trim()}`;
  }
}

/** @param {string} name @param {ChildProducer} producer @param {string} directory */
function printLines(name, producer, directory) {
  const startedAt = performance.now();
  let before = { acknowledged: 0, refused: 0 };
  const timer = setInterval(() => {
    const { bavail, bsize } = statfsSync(directory);
    const now = { acknowledged: producer.acknowledged.size, refused: producer.refused.size };
    const facts = [
      `${Math.round((performance.now() - startedAt) / 1_000).toString().padStart(3)} s`,
      name.padEnd(22),
      `free ${((bavail * bsize) / MIB).toFixed(1).padStart(5)} MiB`,
      `acknowledged ${String(now.acknowledged - before.acknowledged).padStart(6)}/s`,
      `refused ${String(now.refused - before.refused).padStart(4)}/s`,
      producer.isRunning ? '' : 'its process has ended',
    ];
    console.log(facts.join(' | '));
    before = now;
  }, 1_000);
  return () => clearInterval(timer);
}

/**
 * The log and each peer in turn.
 * @param {string} directory
 * @param {readonly string[]} names
 * @param {string} peersFrom
 * @returns {Promise<number>} the exit code: 1 where the log itself lost anything or did not go on
 */
export async function runPeers(directory, names, peersFrom) {
  const texts = [];
  let failed = false;
  for (const [i, name] of names.entries()) {
    const verdict = await runSubject(directory, name, peersFrom);
    const { lost, text } = describe(verdict);
    texts.push(text);
    if (i === 0) failed = lost > 0 || verdict.returnMs === null;
  }
  for (const text of texts) say(text);
  return failed ? 1 : 0;
}
