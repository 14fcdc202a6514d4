// @ts-check
// Who takes part in the disk-full demo: a producer that is fed numbered lines, a consumer that follows, consumers that read everything
// there is; and what is known of the log's state, from what the producer tells.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { declarationLines } from './declaration-lines.mjs';
import { Producer, startConsumer } from './example-programs.mjs';
import { Feeder } from './feeder.mjs';
import { LineCheck, NumberedText } from './numbered-lines.mjs';
import { printStateLines } from './state-line.mjs';

/** How long is waited for anything that should happen. */
const PATIENCE_MS = 30_000;

/** @typedef {ReturnType<typeof startConsumer> & { check: LineCheck }} Reader */

export class DiskFullStage {
  state = 'opening';
  /** How often the log became read-only, and how often appends worked again afterwards. */
  full = 0;
  returned = 0;
  /** How often it became read-only without having said before that space is low. */
  unannounced = 0;
  /** @type {Reader[]} the follower first */
  readers = [];
  #text = new NumberedText(declarationLines().lines);
  #logDirectory;
  #announced = false;

  /**
   * @param {string} directory where the log is to be
   * @param {{ quotaBytes: number | null, retentionMs: number, bytesPerSecond: number }} settings
   */
  constructor(directory, { quotaBytes, retentionMs, bytesPerSecond }) {
    this.#logDirectory = join(directory, 'log');
    const quota = quotaBytes === null ? [] : ['--quota-bytes', String(quotaBytes)];
    this.producer = new Producer(['--dir', this.#logDirectory, '--segment-bytes', '2m', '--retention-ms', String(retentionMs), ...quota]);
    this.producer.onEvent((event) => this.#hear(event));
    this.follower = this.startReader('--wait');
    this.feeder = new Feeder(this.#text, this.producer, bytesPerSecond);
    this.stopPrinting = printStateLines(this.producer, () => this.readers.reduce((bytes, { check }) => bytes + check.bytes, 0), quotaBytes);
  }

  get acceptsAppends() {
    return this.state === 'writable' || this.state === 'low-space';
  }

  /** The log start offset, as the producer told last. */
  get retired() {
    return this.producer.status?.['logStartOffset'] ?? 0;
  }

  /**
   * A consumer process whose lines are checked as they come.
   * @param {string[]} args
   * @returns {Reader}
   */
  startReader(...args) {
    const reader = { ...startConsumer(['--dir', this.#logDirectory, ...args]), check: new LineCheck(this.#text) };
    reader.child.stdout.on('data', (chunk) => reader.check.take(chunk));
    this.readers.push(reader);
    return reader;
  }

  /** Reads everything that is acknowledged and not retired, by a process started now. */
  async readEverything() {
    const startedAt = performance.now();
    const reader = this.startReader('--until', String(this.producer.acknowledged));
    const { code, errors } = await reader.ended;
    if (code !== 0) throw new Error(`a consumer ended with code ${code}. ${errors}`);
    return { check: reader.check, seconds: (performance.now() - startedAt) / 1_000 };
  }

  /**
   * @param {string} what
   * @param {() => boolean} isSo
   */
  async until(what, isSo) {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error(`after ${PATIENCE_MS / 1_000} s it was still not so that ${what}`);
      await sleep(20);
    }
  }

  /** @param {import('./example-programs.mjs').ProducerEvent} event */
  #hear({ event, from, to }) {
    if (event !== 'state') return;
    this.state = to;
    if (to === 'read-only') {
      this.full += 1;
      if (!this.#announced) this.unannounced += 1;
    }
    if (from === 'read-only' && this.acceptsAppends) this.returned += 1;
    if (to !== 'read-only') this.#announced = to === 'low-space';
  }
}
