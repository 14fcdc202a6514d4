// @ts-check
// One line that says how far a run has come: written over on a terminal, now and then elsewhere.

const ELSEWHERE_EVERY_MS = 15_000;
const TERMINAL_EVERY_MS = 200;

export class ProgressLine {
  #toldAt = Date.now();

  /** Shows the line, where it is time. @param {() => string} line */
  show(line) {
    const every = process.stderr.isTTY ? TERMINAL_EVERY_MS : ELSEWHERE_EVERY_MS;
    if (Date.now() - this.#toldAt < every) return;
    this.#toldAt = Date.now();
    process.stderr.write(process.stderr.isTTY ? `\r\u001B[K${line()}` : `${line()}\n`);
  }

  /** Makes room for something else. */
  clear() {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  }
}

/** A number as people read it. @param {number} value */
export function grouped(value) {
  return Math.round(value).toLocaleString('en-US');
}
