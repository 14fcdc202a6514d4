// @ts-check
// Starts the producer and the consumer of examples/ as processes of their own, and listens to what the producer tells.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endsWithUs } from './scratch-directory.mjs';

/** @param {string} name */
const program = (name) => fileURLToPath(new URL(`../../examples/dist/${name}.js`, import.meta.url));

/** @typedef {{ event: string, [fact: string]: any }} ProducerEvent */

/** A producer process, how far it says it has come, and what it said last. */
export class Producer {
  /** Everything below this offset was acknowledged. */
  acknowledged = 0;
  /** @type {ProducerEvent | null} how the log stood when it told of it last */
  status = null;
  /** @type {Set<(event: ProducerEvent) => void>} */
  #listeners = new Set();
  #errors = '';

  /** @param {string[]} args */
  constructor(args) {
    this.child = endsWithUs(spawn(process.execPath, [program('producer'), '--events', ...args], { stdio: ['pipe', 'pipe', 'pipe'] }));
    // A producer that is killed while it is fed breaks the pipe, which is nobody's fault.
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.#errors += text));
    const lines = createInterface({ input: this.child.stdout });
    lines.on('line', (line) => this.#hear(line));
    this.ended = Promise.all([once(this.child, 'exit'), once(lines, 'close')]).then(([[code, signal]]) => ({ code, signal, errors: this.#errors.trim() }));
  }

  /** @param {(event: ProducerEvent) => void} listener */
  onEvent(listener) {
    this.#listeners.add(listener);
  }

  /**
   * Resolves with the first event that is wanted, or with null when the producer has ended before.
   * @param {(event: ProducerEvent) => boolean} isWanted
   * @returns {Promise<ProducerEvent | null>}
   */
  firstEvent(isWanted) {
    return new Promise((resolve) => {
      this.onEvent((event) => {
        if (isWanted(event)) resolve(event);
      });
      this.ended.then(() => resolve(null));
    });
  }

  /** @param {string} line */
  #hear(line) {
    /** @type {ProducerEvent} */
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      return; // It was killed in the middle of the line.
    }
    if (event.event === 'status' || event.event === 'closed') this.status = event;
    if (event.event === 'acknowledged') this.acknowledged = Math.max(this.acknowledged, event['nextOffset']);
    for (const listener of this.#listeners) listener(event);
  }
}

/**
 * A consumer process. Its standard output is there to be read; what it complains of comes with its end.
 * @param {string[]} args
 */
export function startConsumer(args) {
  const child = endsWithUs(spawn(process.execPath, [program('consumer'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, errors: errors.trim() }));
  return { child, ended };
}
