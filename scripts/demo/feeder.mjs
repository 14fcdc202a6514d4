// @ts-check
// Gives a producer numbered lines at a steady rate, as fast as it takes them: a producer that waits for space makes its feeder wait.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const SLICE_MS = 20;
const SLICE_LINES = 100;

export class Feeder {
  /** Lines given so far: 0 up to this number. */
  fed = 0;
  /** May be changed at any time. */
  bytesPerSecond;
  #text;
  #producer;
  #stopped = false;
  #done;

  /**
   * @param {import('./numbered-lines.mjs').NumberedText} text
   * @param {import('./example-programs.mjs').Producer} producer
   * @param {number} bytesPerSecond
   */
  constructor(text, producer, bytesPerSecond) {
    this.#text = text;
    this.#producer = producer;
    this.bytesPerSecond = bytesPerSecond;
    this.#done = this.#run();
  }

  /** Ends the producer's input; resolves when the last line is in its pipe. */
  async stop() {
    this.#stopped = true;
    await this.#done;
    this.#producer.child.stdin.end();
  }

  async #run() {
    const { stdin } = this.#producer.child;
    while (!this.#stopped && !stdin.destroyed) {
      for (let bytes = 0; bytes < (this.bytesPerSecond * SLICE_MS) / 1_000; ) {
        const lines = this.#text.bytes(this.fed, this.fed + SLICE_LINES);
        this.fed += SLICE_LINES;
        bytes += lines.length;
        if (!stdin.write(lines)) await Promise.race([once(stdin, 'drain'), this.#producer.ended]);
      }
      await sleep(SLICE_MS);
    }
  }
}
